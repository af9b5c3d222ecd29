#include "base/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/log_pipe.h"

namespace base::log {
namespace {

constexpr char kUtc[] = "2026-11-22T15:37:23.042Z";

std::string Logfmt(Fields fields) {
  return FormatLine(Format::kLogfmt, "info", kUtc, "event", fields);
}

nlohmann::json Json(Fields fields) {
  return nlohmann::json::parse(FormatLine(Format::kJson, "info", kUtc, "event", fields));
}

TEST(FormatLine, LogfmtHasTimeLevelEventAndFields) {
  EXPECT_EQ(FormatLine(Format::kLogfmt, "info", kUtc, "webhook_accepted",
                       {{"source", "default"}, {"alerts", 2}, {"late", false}}),
            "2026-11-22T15:37:23.042Z info webhook_accepted source=default alerts=2 late=false");
}

TEST(FormatLine, LogfmtQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(Logfmt({{"url", "http://a/b?c"}}), std::string(kUtc) + " info event url=http://a/b?c");
  EXPECT_EQ(Logfmt({{"a", "two words"}}), std::string(kUtc) + " info event a=\"two words\"");
  EXPECT_EQ(Logfmt({{"a", ""}}), std::string(kUtc) + " info event a=\"\"");
  EXPECT_EQ(Logfmt({{"a", "x=y"}}), std::string(kUtc) + " info event a=\"x=y\"");
  EXPECT_EQ(Logfmt({{"a", "say \"hi\" \\ bye"}}),
            std::string(kUtc) + R"( info event a="say \"hi\" \\ bye")");
}

TEST(FormatLine, AValueIsNeverASecondLine) {
  const std::string line = Logfmt({{"a", "x\r\n2026 error forged\x1b[31m\xC2\x85\xE2\x80\xA8"}});
  EXPECT_EQ(line,
            std::string(kUtc) + R"( info event a="x\r\n2026 error forged\u001b[31m\u0085\u2028")");
}

TEST(FormatLine, JsonIsAnObjectWithTheSameFields) {
  const auto line = Json({{"source", "default"}, {"alerts", 2}, {"ratio", 0.5}, {"late", true}});
  EXPECT_EQ(line["time"], kUtc);
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["event"], "event");
  EXPECT_EQ(line["source"], "default");
  EXPECT_EQ(line["alerts"], 2);
  EXPECT_EQ(line["ratio"], 0.5);
  EXPECT_EQ(line["late"], true);
}

TEST(FormatLine, JsonHoldsWhateverTheValueIs) {
  const std::string controls("\x00\x01\x1f\x7f\n\t\"\\", 8);
  EXPECT_EQ(Json({{"a", controls}})["a"], controls);
  EXPECT_EQ(Json({{"a", "Grüße € 😀"}})["a"], "Grüße € 😀");
  EXPECT_EQ(Json({{"a", std::numeric_limits<double>::quiet_NaN()}})["a"].type(),
            nlohmann::json::value_t::string);
}

TEST(FormatLine, JsonReplacesWhatIsNotUtf8) {
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(Json({{"a", "x\xFFy"}})["a"], "x" + replaced + "y");
  EXPECT_EQ(Json({{"a", "cut \xE2\x82"}})["a"], "cut " + replaced + replaced);
  EXPECT_EQ(Json({{"a", "\xC0\xAF"}})["a"], replaced + replaced);                 // overlong
  EXPECT_EQ(Json({{"a", "\xED\xA0\x80"}})["a"], replaced + replaced + replaced);  // a surrogate
}

TEST(Log, WritesOnlyWhileStartedAndFromItsLevelOn) {
  support::LogPipe pipe;
  Info("before_start");
  Start(Level::kWarning, Format::kLogfmt);
  Start(Level::kDebug, Format::kJson);  // the first one counts
  Info("too_low");
  Warning("seen", {{"n", 1}});
  Error("seen_too");
  const std::string text = pipe.StopAndRead();
  Stop();
  Error("after_stop");

  EXPECT_EQ(text.find("before_start"), std::string::npos);
  EXPECT_EQ(text.find("too_low"), std::string::npos);
  EXPECT_NE(text.find("Z warning seen n=1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z error seen_too\n"), std::string::npos) << text;
}

TEST(Log, CanBeStartedAgain) {
  for (int round = 0; round < 2; ++round) {
    support::LogPipe pipe;
    Start(Level::kDebug, Format::kJson);
    Debug("again", {{"round", round}});
    const auto line = nlohmann::json::parse(pipe.StopAndRead());
    EXPECT_EQ(line["round"], round);
  }
}

// Nobody reads standard error: a blocking log would stop here for ever.
TEST(Log, AFullQueueLosesTheOldestLinesAndBlocksNobody) {
  support::LogPipe pipe;
  Start(Level::kInfo, Format::kLogfmt);
  constexpr int kLines = 30'000;
  for (int i = 0; i < kLines; ++i) Info("line", {{"number", i}});
  const std::string text = pipe.StopAndRead();

  EXPECT_NE(text.find("number=" + std::to_string(kLines - 1) + "\n"), std::string::npos);
  EXPECT_EQ(text.find("number=15000\n"), std::string::npos);
  EXPECT_NE(text.find("warning log_lines_lost count="), std::string::npos);
}

}  // namespace
}  // namespace base::log
