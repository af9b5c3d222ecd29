#include <gtest/gtest.h>

#include <sstream>

#include "tests/base/settings_fixture.h"

namespace base {
namespace {

using SettingsHelp = SettingsTest;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(SettingsHelp, IsAManualPage) {
  settings_.Example("fraud-test --once", "Looks once.");
  const std::string page = settings_.Help();
  std::size_t at = 0;
  for (const char* title : {"NAME\n", "SYNOPSIS\n", "DESCRIPTION\n", "OPTIONS\n", "FILES\n",
                            "ENVIRONMENT\n", "EXIT STATUS\n", "EXAMPLES\n"}) {
    const std::size_t found = page.find(title, at);
    ASSERT_NE(found, std::string::npos) << title;
    at = found;
  }
  EXPECT_TRUE(Has(page, "       fraud-test - shows what settings do\n"));
  EXPECT_TRUE(Has(page, "       A first paragraph.\n\n       A second.\n"));
  EXPECT_TRUE(Has(page, "       fraud-test --once\n              Looks once.\n"));
}

TEST_F(SettingsHelp, TellsTheArguments) {
  std::string to;
  EXPECT_FALSE(Has(settings_.Help(), "ARGUMENTS"));
  settings_.Argument("TO", &to, "Where to copy it.");
  EXPECT_TRUE(Has(settings_.Help(), "       fraud-test [--FLAG VALUE]... TO\n"));
  EXPECT_TRUE(Has(settings_.Help(), "ARGUMENTS\n       TO\n              Where to copy it.\n"));
}

TEST_F(SettingsHelp, TellsDefaultRangeAndVariableOfEachFlag) {
  settings_.Required("target-pid");
  const std::string page = settings_.Help();
  EXPECT_TRUE(Has(page,
                  "   HTTP\n"
                  "       --listen ADDRESS:PORT\n"
                  "              Where the API is served.\n"
                  "              Default: 127.0.0.1:8082. Environment: FRAUD_LISTEN.\n"))
      << page;
  EXPECT_TRUE(Has(page,
                  "   CPU\n"
                  "       --sample-interval DURATION\n"
                  "              How often to look.\n"
                  "              Default: 1s. Range: 100ms to 1m. Environment:\n"
                  "              FRAUD_SAMPLE_INTERVAL.\n"))
      << page;
  EXPECT_TRUE(Has(page,
                  "--target-pid N\n"
                  "              The process to measure.\n"
                  "              Required. Range: 1 to 4194304. Environment: FRAUD_TARGET_PID"));
  EXPECT_TRUE(Has(page, "       --once\n"));
  EXPECT_TRUE(Has(page, "       --log-format logfmt|json\n"));
  EXPECT_TRUE(Has(page, "Default: none. Range: above 0, at most 1024."));
}

TEST_F(SettingsHelp, IsAtMostEightyColumnsWideWithoutTrailingBlanks) {
  std::istringstream lines(settings_.Help());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST_F(SettingsHelp, HelpAndVersionArePrintedWhateverElseIsWrong) {
  for (const char* flag : {"--help", "-h"}) {
    testing::internal::CaptureStdout();
    const auto outcome = Parse({"--threads", "0", flag});
    EXPECT_EQ(testing::internal::GetCapturedStdout(), settings_.Help());
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(*outcome, Settings::Action::kExit);
  }
  testing::internal::CaptureStdout();
  const auto outcome = Parse({"--version", "--unknown"});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "fraud-test 1.2.3\n");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(*outcome, Settings::Action::kExit);
}

}  // namespace
}  // namespace base
