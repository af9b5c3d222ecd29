#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "sidecar/webhook/ingest.h"
#include "tests/sidecar/history_fixture.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;

// What parses, but should never have been sent: stored sanely, shown, and service goes on.
class BadInput : public History {
 protected:
  BadInput() {
    ingest_ = std::make_unique<Ingest>(store_.get(), &sampler_, &clock_, &metrics_, policy_,
                                       [this] { ++wakes_; });
  }
  static json Alert(const std::string& fingerprint = "f1") {
    return {{"status", "firing"},
            {"fingerprint", fingerprint},
            {"labels", {{"alertname", "Hot"}, {"severity", "critical"}}},
            {"startsAt", "2026-11-22T10:00:00Z"}};
  }
  int Post(const std::vector<json>& alerts) {
    const auto answer = ingest_->Handle("prod", json{{"version", "4"}, {"alerts", alerts}}.dump());
    answer_ = json::parse(answer.body);
    return answer.status;
  }
  json Shown(int id) {
    const auto answer = query::ShowAlert(*store_, {.captures = {std::to_string(id)}});
    EXPECT_EQ(answer.status, 200);
    return json::parse(answer.body);
  }

  std::unique_ptr<Ingest> ingest_;
  json answer_;
};

TEST_F(BadInput, AGroupWithoutAlerts) {
  EXPECT_EQ(Post({}), 200);
  EXPECT_EQ(answer_["firing"], 0);
  EXPECT_EQ(Count("webhooks"), 1);
  EXPECT_EQ(Count("episodes"), 0);
}

TEST_F(BadInput, TheSameFingerprintTwiceInOnePayload) {
  json ended = Alert();
  ended["status"] = "resolved";
  ended["endsAt"] = "2026-11-22T10:00:30Z";
  EXPECT_EQ(Post({Alert(), Alert(), ended, ended}), 200);
  EXPECT_EQ(answer_["firing"], 1);
  EXPECT_EQ(answer_["repeat"], 1);
  EXPECT_EQ(answer_["resolved"], 1);
  EXPECT_EQ(answer_["stale"], 1);
  EXPECT_EQ(Subjects(), (std::vector<std::string>{"[FIRING] Hot", "[RESOLVED] Hot"}));
}

TEST_F(BadInput, TenThousandLabelsAndAnnotations) {
  json alert = Alert();
  for (int i = 0; i < 10'000; ++i) {
    alert["labels"]["label" + std::to_string(i)] = std::string(50, 'x');
    alert["annotations"]["annotation" + std::to_string(i)] = std::string(50, 'y');
  }
  EXPECT_EQ(Post({alert}), 200);
  EXPECT_TRUE(Shown(1)["labels"].contains("..."));
  EXPECT_LT(std::stoi(Value("SELECT length(text) FROM outbox")), 6'000);
  EXPECT_EQ(Count("outbox WHERE text LIKE '%More: 9980 annotations%'"), 1);
}

TEST_F(BadInput, NamesOfAMegabyte) {
  const std::string huge(1'000'000, 'x');
  json alert = Alert();
  alert["labels"] = {{"alertname", huge}, {"severity", "critical"}, {huge, huge}};
  alert["annotations"] = {{huge, huge}, {"summary", huge}};
  alert["generatorURL"] = "http://" + huge;
  EXPECT_EQ(Post({alert}), 200);
  EXPECT_LE(Shown(1)["name"].get<std::string>().size(), 1'024u);
  EXPECT_LE(Shown(1)["generator_url"].get<std::string>().size(), 8'192u);
  EXPECT_LT(std::stoi(Value("SELECT length(text) + length(html) FROM outbox")), 30'000);
}

TEST_F(BadInput, TimesThatCannotBe) {
  const std::vector<std::string> absurd = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                                           "1969-12-31T23:59:59Z"};
  for (std::size_t i = 0; i < absurd.size(); ++i) {
    json alert = Alert("f" + std::to_string(i));
    alert["startsAt"] = absurd[i];
    EXPECT_EQ(Post({alert}), 200);
    EXPECT_EQ(Shown(static_cast<int>(i) + 1)["starts_at"], base::FormatUtc(At(0))) << absurd[i];
    alert["status"] = "resolved";
    alert["endsAt"] = absurd[i];
    EXPECT_EQ(Post({alert}), 200);
    EXPECT_EQ(answer_["resolved"], 1);
    EXPECT_EQ(Shown(static_cast<int>(i) + 1)["ended_at"], base::FormatUtc(At(0))) << absurd[i];
  }
}

TEST_F(BadInput, AnythingAtAllInALabel) {
  json alert = Alert();
  alert["labels"]["pod"] = std::string("a\0b\r\n\x7f\xF0\x9F\x98\x80", 10);
  alert["labels"][""] = "";
  EXPECT_EQ(Post({alert}), 200);
  EXPECT_EQ(Shown(1)["labels"]["pod"], alert["labels"]["pod"]);
}

TEST_F(BadInput, AnotherVersionIsRefusedAndServiceGoesOn) {
  EXPECT_EQ(ingest_->Handle("prod", R"({"version": "5", "alerts": []})").status, 400);
  EXPECT_EQ(Count("quarantine"), 1);
  EXPECT_EQ(Post({Alert()}), 200);
}

}  // namespace
}  // namespace sidecar::webhook
