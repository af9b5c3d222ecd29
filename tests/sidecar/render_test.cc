#include "sidecar/message/render.h"

#include <gtest/gtest.h>

#include "sidecar/message/json_text.h"
#include "sidecar/message/summary.h"

namespace sidecar::message {
namespace {

Facts Hot() {
  Facts facts{.firing = true,
              .episode_id = 12,
              .name = "FraudModelMaxedOutHighCPU",
              .severity = "critical",
              .labels = {{"alertname", "FraudModelMaxedOutHighCPU"}, {"namespace", "fraud"}},
              .annotations = {{"summary", "6 of 6 replicas, 97 %"}, {"runbook", "docs/x.md"}},
              .starts_at_ms = 1'795'341'600'000};
  facts.evidence.target_found = true;
  facts.evidence.limit = {cgroup::Limit::Kind::kCores, 0.2};
  facts.evidence.utilization_15s = 0.974;
  facts.evidence.covered_15s = {.from_ms = 985'400, .to_ms = 1'000'000};
  facts.evidence.covered_60s = {.from_ms = 939'700, .to_ms = 1'000'000};
  return facts;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Render, SaysWhatSinceWhenAndHowHot) {
  const auto message = Render(Hot());
  EXPECT_EQ(message.subject, "[FIRING] FraudModelMaxedOutHighCPU: 6 of 6 replicas, 97 %");
  EXPECT_TRUE(message.urgent);
  EXPECT_TRUE(Has(message.text, "FIRING: FraudModelMaxedOutHighCPU (critical)\n"));
  EXPECT_TRUE(Has(message.text, "Firing since: " + base::FormatUtc(1'795'341'600'000)));
  EXPECT_TRUE(
      Has(message.text, "CPU of the model: 97 % of its limit of 0.2 cores (mean of 15 s)\n"));
  EXPECT_TRUE(Has(message.text, "Labels: namespace=fraud\n"));
  EXPECT_TRUE(Has(message.text, "Runbook: docs/x.md\n"));
  EXPECT_TRUE(Has(message.text, "Episode: 12\n"));
}

TEST(Render, SaysHowMuchWasThrottledAndForHowLongTasksWaited) {
  Facts facts = Hot();
  facts.evidence.throttled_60s = 0.88;
  facts.evidence.pressure_60s = 0.5;
  EXPECT_TRUE(Has(Render(facts).text,
                  "(mean of 15 s), throttled in 88 % of periods (1 min), tasks waited 50 % of the"
                  " time (1 min)\n"));
}

TEST(Render, SaysOfHowMuchTheMeansAreWhileTheTargetIsNew) {
  Facts facts = Hot();
  facts.evidence.throttled_60s = 0.88;
  facts.evidence.covered_15s->from_ms = 992'000;
  facts.evidence.covered_60s->from_ms = 992'000;
  EXPECT_TRUE(Has(Render(facts).text, "(mean of 8 s), throttled in 88 % of periods (8 s)\n"));
  EXPECT_NE(
      EvidenceJson(facts.evidence).find("\"window_60s\":{\"from\":\"1970-01-01T00:16:32.000Z\""),
      std::string::npos);
}

TEST(Render, AnnotationsAreRowsUnderReadableNamesTheFiguresFirst) {
  Facts facts = Hot();
  facts.annotations["a_note"] = "by hand";
  facts.annotations["shed"] = "310 per second";
  facts.annotations["requests"] = "2,840 per second";
  facts.annotations["hottest_pods"] = "model-3 98 %";
  facts.annotations["replicas"] = "6 of 6";
  EXPECT_TRUE(Has(Render(facts).text,
                  "Replicas: 6 of 6\nHottest pods: model-3 98 %\nRequests: 2,840 per second\n"
                  "Shed: 310 per second\n"));
  EXPECT_TRUE(Has(Render(facts).text, "A note: by hand\n"));
}

TEST(Render, AResolvedLeavesOutWhatWasTrueOfTheAttackOnly) {
  Facts facts = Hot();
  facts.annotations["hottest_pods"] = "model-3 98 %";
  facts.annotations["description"] = "It burns.";
  facts.firing = false;
  const auto message = Render(facts);
  EXPECT_FALSE(Has(message.text + message.html, "Hottest pods"));
  EXPECT_FALSE(Has(message.text + message.html, "It burns."));
  EXPECT_TRUE(Has(message.text, "\nwas: 6 of 6 replicas, 97 %\n"));
  EXPECT_EQ(message.subject, "[RESOLVED] FraudModelMaxedOutHighCPU, was: 6 of 6 replicas, 97 %");
}

TEST(Render, SaysWhenTheModelIsHeldBackFromOutside) {
  Facts facts = Hot();
  facts.evidence.pressure_60s = 0.5;
  facts.evidence.throttled_60s = 0.88;
  EXPECT_FALSE(Has(Render(facts).text, "no limit of its own"));
  EXPECT_EQ(EvidenceJson(facts.evidence).find("held_back"), std::string::npos);
  facts.evidence.throttled_60s = 0;
  EXPECT_TRUE(Has(Render(facts).text,
                  "tasks waited 50 % of the time (1 min) though no limit of its "
                  "own held them back: the node is full, or its pod is limited"));
  EXPECT_NE(EvidenceJson(facts.evidence).find("\"held_back_from_outside\":true"),
            std::string::npos);
}

TEST(Render, SaysWhoseCpuItIs) {
  Facts facts = Hot();
  facts.sidecar_name = "fraud-model-0";
  EXPECT_TRUE(Has(Render(facts).text, "CPU of the model beside fraud-model-0: 97 % of"));
}

TEST(Render, TheLongLinkToTheExpressionIsForHtml) {
  Facts facts = Hot();
  facts.generator_url = "http://prometheus.example/graph?g0.expr=long";
  EXPECT_FALSE(Has(Render(facts).text, "Expression"));
  EXPECT_TRUE(Has(Render(facts).html, "<a href=\"http://prometheus.example/graph"));
}

TEST(Render, TheHeadlineAndTheNamesOfTheRowsAreBold) {
  const auto message = Render(Hot());
  std::vector<std::string> bold;
  bold.reserve(message.bold.size());
  for (const auto& [begin, end] : message.bold)
    bold.push_back(message.text.substr(begin, end - begin));
  ASSERT_GE(bold.size(), 3u);
  EXPECT_EQ(bold[0], "FIRING: FraudModelMaxedOutHighCPU (critical)");
  EXPECT_EQ(bold[1], "Firing since:");
  EXPECT_EQ(bold.back(), "Labels:");
  EXPECT_EQ(message.severity, "critical");
}

TEST(Render, TellsTheEndAndHowLongItLasted) {
  Facts facts = Hot();
  facts.firing = false;
  facts.ended_at_ms = facts.starts_at_ms + 3'725'000;  // 1 h 2 min 5 s
  const auto message = Render(facts);
  EXPECT_TRUE(message.subject.starts_with("[RESOLVED] FraudModelMaxedOutHighCPU"));
  EXPECT_FALSE(message.urgent);
  EXPECT_TRUE(Has(message.text, ", after 1 h 2 min 5 s\n"));
}

TEST(Render, LeavesOutWhatIsUnknown) {
  Facts facts = Hot();
  facts.evidence = {};
  facts.annotations["hottest"] = "";
  const auto message = Render(facts);
  for (const char* absent :
       {"CPU of the model", "hrottled", "waited", "Before:", "Hottest", "Expression", "Until"}) {
    EXPECT_FALSE(Has(message.text, absent)) << absent;
    EXPECT_FALSE(Has(message.html, absent)) << absent;
  }
}

TEST(Render, AnAlertWithoutANameHasAHeadlineAllTheSame) {
  Facts facts = Hot();
  facts.name.clear();
  const auto message = Render(facts);
  EXPECT_TRUE(Has(message.subject, "[FIRING] alert without a name: 6 of 6")) << message.subject;
  EXPECT_TRUE(Has(message.text, "FIRING: alert without a name (critical)\n")) << message.text;
}

TEST(Render, AnUnlimitedCpuHasNoPercentage) {
  Facts facts = Hot();
  facts.evidence.limit = {cgroup::Limit::Kind::kUnlimited};
  facts.evidence.utilization_15s.reset();
  facts.evidence.used_cores_15s = 1.5;
  EXPECT_TRUE(Has(Render(facts).text, "CPU of the model: 1.5 cores (mean of 15 s)\n"));
}

TEST(Render, LinksToTheEpisode) {
  Facts facts = Hot();
  facts.public_url = "https://alerts.example.org";
  const auto message = Render(facts);
  EXPECT_TRUE(Has(message.text, "Episode: https://alerts.example.org/api/v1/alerts/12\n"));
  EXPECT_TRUE(Has(message.html, "<a href=\"https://alerts.example.org/api/v1/alerts/12\">"));
}

TEST(Render, NoLabelCanBreakTheMail) {
  Facts facts = Hot();
  facts.labels["pod"] = "<script>alert(1)</script>&\"";
  facts.annotations["summary"] = "two\r\nBcc: everyone@example.org";
  const auto message = Render(facts);
  EXPECT_FALSE(Has(message.html, "<script>"));
  EXPECT_TRUE(Has(message.html, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
  EXPECT_EQ(message.subject.find_first_of("\r\n"), std::string::npos);
}

TEST(Render, IsBoundedAndCutsOnACharacter) {
  Facts facts = Hot();
  std::string snow;
  for (int i = 0; i < 2'000; ++i) snow += "\u2603";  // 3 bytes each
  facts.annotations = {{"summary", snow}, {"other", snow}};
  const auto message = Render(facts);
  EXPECT_LE(message.subject.size(), kMaxSubject);
  EXPECT_LE(message.text.size(), 3 * kMaxValue);
  EXPECT_EQ((message.subject.size() - 3 - message.subject.find("\u2603")) % 3, 0u);
}

TEST(Render, ALateOneSaysThatNobodyToldOfIt) {
  Facts facts = Hot();
  facts.late = true;
  EXPECT_TRUE(Has(Render(facts).text, "\nLate: found by asking Alertmanager. It began " +
                                          base::FormatUtc(facts.starts_at_ms) +
                                          " and nobody told of it.\n"));
  facts.firing = false;
  EXPECT_FALSE(Has(Render(facts).text, "Late"));
}

TEST(Render, AnEndThatNobodySawIsNotCalledResolved) {
  Facts facts = Hot();
  facts.firing = false;
  facts.ended_at_ms = facts.starts_at_ms + 1'000;
  for (const auto& [reason, said] :
       {std::pair("silenced", "\nIt ended behind a silence: Alertmanager told nobody.\n"),
        std::pair("vanished", "\nNo Alertmanager lists it any more; how it ended is unknown.\n")}) {
    facts.end_reason = reason;
    const auto message = Render(facts);
    EXPECT_TRUE(message.subject.starts_with("[ENDED] FraudModel")) << message.subject;
    EXPECT_TRUE(Has(message.text, said)) << message.text;
  }
  facts.end_reason = "resolved";
  EXPECT_TRUE(Render(facts).subject.starts_with("[RESOLVED]"));
}

TEST(Render, AReminderSaysSinceWhenAndIsUrgentLikeItsFiring) {
  Facts facts = Hot();
  facts.reminder = true;
  const auto message = Render(facts);
  EXPECT_EQ(message.subject, "[STILL FIRING] FraudModelMaxedOutHighCPU, since " +
                                 base::FormatUtc(facts.starts_at_ms) + ": 6 of 6 replicas, 97 %");
  EXPECT_TRUE(Has(message.text, "STILL FIRING: FraudModelMaxedOutHighCPU (critical)\n"));
  EXPECT_TRUE(message.urgent);
}

TEST(Render, SaysThatItFlapped) {
  Facts facts = Hot();
  facts.firing = false;
  facts.ends_within_hour = 4;
  EXPECT_TRUE(Has(Render(facts).text, "Flapping: it ended 4 times within an hour"));
}

TEST(Render, WithoutALinkItSaysWhoTells) {
  Facts facts = Hot();
  facts.evidence = {};  // or the row of the CPU would name it
  facts.sidecar_name = "fraud-model-0";
  EXPECT_TRUE(Has(Render(facts).text, "Episode: 12\nTold by: fraud-model-0\n"));
  facts.public_url = "https://alerts.example.org";
  EXPECT_FALSE(Has(Render(facts).text, "Told by"));
}

TEST(RenderSummary, CountsByNameAndState) {
  const auto message = RenderSummary({.firing = 40,
                                      .ended = 2,
                                      .names = 12,
                                      .top = {{"Hot", 30, 0}, {"", 9, 2}},
                                      .episode_id = 7,
                                      .public_url = "https://a.example"});
  EXPECT_EQ(message.subject, "[STORM] 40 firing, 2 ended");
  EXPECT_TRUE(Has(message.text,
                  "\nHot: 30 firing\nalert without a name: 9 firing, 2 ended\n"
                  "More: 10 other names\n"));
  EXPECT_TRUE(Has(message.text, "Storm: https://a.example/api/v1/alerts/7\n"));
  EXPECT_FALSE(message.urgent);
}

TEST(RenderSummary, NamesAndLinksMayBeMissing) {
  const auto message = RenderSummary({.firing = 1, .names = 1, .top = {{"<b>", 1, 0}}});
  EXPECT_FALSE(Has(message.text, "More:"));
  EXPECT_FALSE(Has(message.text, "http"));
  EXPECT_FALSE(Has(message.html, "<b><b>"));
  EXPECT_TRUE(RenderSummary({.over = true}).subject.starts_with("[STORM OVER]"));
  EXPECT_TRUE(
      Has(RenderSummary({.firing = 1, .sidecar_name = "fraud-0"}).text, "Told by: fraud-0"));
}

TEST(Render, CountsThePastWeek) {
  Facts facts = Hot();
  facts.past_week = 3;
  EXPECT_TRUE(Has(Render(facts).text, "Before: 3 times in the last 7 days\n"));
}

}  // namespace
}  // namespace sidecar::message
