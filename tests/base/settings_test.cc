#include "base/settings.h"

#include <gtest/gtest.h>

#include "tests/base/settings_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/temp_dir.h"

namespace base {
namespace {

using support::Environment;
using support::TempDir;

TEST_F(SettingsTest, WithoutArgumentsTheDefaultsStay) {
  const auto outcome = Parse({});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(*outcome, Settings::Action::kRun);
  EXPECT_EQ(listen_, "127.0.0.1:8082");
  EXPECT_EQ(interval_, Millis{1000});
  EXPECT_EQ(cores_, std::nullopt);
  EXPECT_EQ(pid_, std::nullopt);
}

TEST_F(SettingsTest, FlagsOfEveryKind) {
  EXPECT_EQ(Mistakes({"--listen", "0.0.0.0:1", "--threads=4", "--sample-interval", "250ms",
                      "--cpu-limit-cores=0.05", "--target-pid", "17", "--mail-to", "a@x",
                      "--mail-to=b@x", "--once", "--log-format", "json"}),
            "");
  EXPECT_EQ(listen_, "0.0.0.0:1");
  EXPECT_EQ(threads_, 4);
  EXPECT_EQ(interval_, Millis{250});
  EXPECT_EQ(cores_, 0.05);
  EXPECT_EQ(pid_, 17);
  EXPECT_EQ(mail_to_, (std::vector<std::string>{"a@x", "b@x"}));
  EXPECT_TRUE(once_);
  EXPECT_EQ(log_format_, "json");
}

TEST_F(SettingsTest, ValuesAreTakenAsTheyAre) {
  EXPECT_EQ(Mistakes({"--listen", "--not-a-flag", "--mail-to", "[a", "--mail-to=x=y,z"}), "");
  EXPECT_EQ(listen_, "--not-a-flag");
  EXPECT_EQ(mail_to_, (std::vector<std::string>{"[a", "x=y", "z"}));
  EXPECT_EQ(Mistakes({"--listen=", "--once"}), "");
  EXPECT_EQ(listen_, "");
  EXPECT_TRUE(once_);
}

TEST_F(SettingsTest, SwitchesTakeWords) {
  EXPECT_EQ(Mistakes({"--once=true"}), "");
  EXPECT_TRUE(once_);
  EXPECT_EQ(Mistakes({"--once=No"}), "");
  EXPECT_FALSE(once_);
  EXPECT_EQ(Mistakes({"--once=maybe"}),
            "--once: \"maybe\" is not true or false (from the command line)");
}

TEST_F(SettingsTest, EveryMistakeIsALineThatNamesTheFlag) {
  const Environment environment{{"FRAUD_THREADS", "65"}, {"FRAUD_TARGET_PID", "1.5"}};
  EXPECT_EQ(
      Mistakes({"--sample-interval", "abc", "--cpu-limit-cores", "0", "--log-format=xml"}),
      "--threads: \"65\" is not a whole number from 1 to 64 (from FRAUD_THREADS)\n"
      "--sample-interval: \"abc\" is not a duration from 100ms to 1m, such as 15s or 5m (from "
      "the command line)\n"
      "--cpu-limit-cores: \"0\" is not a number above 0, at most 1024 (from the command line)\n"
      "--target-pid: \"1.5\" is not a whole number from 1 to 4194304 (from FRAUD_TARGET_PID)\n"
      "--log-format: \"xml\" is not one of logfmt, json (from the command line)");
  EXPECT_EQ(threads_, 8);
}

TEST_F(SettingsTest, NumbersAreWholeWords) {
  for (const char* wrong : {"", " 4", "4 ", "+4", "0x4", "4.0", "99999999999999999999"}) {
    EXPECT_NE(Mistakes({"--threads", wrong}), "") << wrong;
  }
  for (const char* wrong : {"nan", "inf", "-1", "1e9", "2,5", ""}) {
    EXPECT_NE(Mistakes({"--cpu-limit-cores", wrong}), "") << wrong;
  }
}

TEST_F(SettingsTest, AnUnknownFlagNamesTheNearest) {
  EXPECT_EQ(Mistakes({"--sampel-interval", "15s", "--once"}),
            "--sampel-interval: is not a flag; did you mean --sample-interval?");
  EXPECT_EQ(Mistakes({"--nothing-like-it=5"}), "--nothing-like-it: is not a flag");
  EXPECT_EQ(Mistakes({"-t"}), "-t: is not a flag");
  EXPECT_EQ(Mistakes({"stray"}), "\"stray\": is an argument without a flag");
}

TEST_F(SettingsTest, ArgumentsAreTakenInTheirOrderBesideTheFlags) {
  std::string from;
  std::string to;
  settings_.Argument("FROM", &from, "What is copied.");
  settings_.Argument("TO", &to, "Where to.");
  EXPECT_EQ(Mistakes({"a", "--threads", "4", "b=c", "--once"}), "");
  EXPECT_EQ(from, "a");
  EXPECT_EQ(to, "b=c");
  EXPECT_EQ(threads_, 4);
  EXPECT_EQ(Mistakes({"a"}), "TO: is missing");
  EXPECT_EQ(Mistakes({"", "b"}), "FROM: is missing");
  EXPECT_EQ(Mistakes({"a", "b", "c"}), "\"c\": is an argument without a flag");
  EXPECT_EQ(Mistakes({"a", "--nothing-like-it", "x", "b"}), "--nothing-like-it: is not a flag");
}

TEST_F(SettingsTest, AMissingValueAndASecondOneAreMistakes) {
  EXPECT_EQ(Mistakes({"--threads", "0", "--listen"}),
            "--listen: needs a value\n"
            "--threads: \"0\" is not a whole number from 1 to 64 (from the command line)");
  EXPECT_EQ(Mistakes({"--threads", "1", "--threads", "2"}),
            "--threads: takes one value, not 2 (from the command line)");
}

TEST_F(SettingsTest, AMistakeIsOneLineWhateverTheValue) {
  const std::string value = "two\nlines" + std::string(500, 'x');
  const std::string mistakes = Mistakes({"--threads", value.c_str()});
  EXPECT_EQ(mistakes.find('\n'), std::string::npos);
  EXPECT_LT(mistakes.size(), 250U);
}

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const TempDir dir;
  dir.Write("c.conf", "threads = 1\nlisten = file\nlog-format = json\n");
  const std::string file = dir.File("c.conf");
  const Environment environment{{"FRAUD_THREADS", "2"}, {"FRAUD_LISTEN", "environment"}};
  EXPECT_EQ(Mistakes({"--config", file.c_str(), "--threads", "3"}), "");
  EXPECT_EQ(threads_, 3);
  EXPECT_EQ(listen_, "environment");
  EXPECT_EQ(log_format_, "json");
  EXPECT_EQ(interval_, Millis{1000});
}

TEST_F(SettingsTest, EnvironmentOfEveryKind) {
  const Environment environment{{"FRAUD_MAIL_TO", "a@x,b@x"},
                                {"FRAUD_ONCE", "1"},
                                {"FRAUD_LISTEN", ""},  // counts as not set
                                {"FRAUD_PORT", "tcp://10.0.0.1:80"}};
  EXPECT_EQ(Mistakes({}), "");
  EXPECT_EQ(mail_to_, (std::vector<std::string>{"a@x", "b@x"}));
  EXPECT_TRUE(once_);
  EXPECT_EQ(listen_, "127.0.0.1:8082");
}

TEST_F(SettingsTest, ARequiredFlagMayComeFromAnywhere) {
  settings_.Required("target-pid");
  EXPECT_EQ(Mistakes({}), "--target-pid: is required (or set FRAUD_TARGET_PID)");
  EXPECT_EQ(Mistakes({"--target-pid", "1"}), "");
  const Environment environment{{"FRAUD_TARGET_PID", "1"}};
  EXPECT_EQ(Mistakes({}), "");
}

TEST_F(SettingsTest, RulesRunOnValuesThatWereRead) {
  settings_.Check([this] { return pid_ ? "" : std::string("--target-pid: is needed here"); });
  settings_.Check([] { return std::string("--listen: is not good"); });
  EXPECT_EQ(Mistakes({}), "--target-pid: is needed here\n--listen: is not good");
  EXPECT_EQ(Mistakes({"--target-pid", "1"}), "--listen: is not good");
  EXPECT_EQ(Mistakes({"--target-pid", "x"}).find("needed"), std::string::npos);
}

TEST_F(SettingsTest, FlagsAreListedInOrder) {
  EXPECT_EQ(settings_.Flags(),
            (std::vector<std::string>{"listen", "threads", "sample-interval", "cpu-limit-cores",
                                      "target-pid", "mail-to", "once", "log-format"}));
}

TEST(ParseDuration, TakesOneNumberAndOneUnit) {
  EXPECT_EQ(ParseDuration("250ms"), Millis{250});
  EXPECT_EQ(ParseDuration("15s"), Millis{15'000});
  EXPECT_EQ(ParseDuration("5m"), Millis{300'000});
  EXPECT_EQ(ParseDuration("24h"), Millis{86'400'000});
  EXPECT_EQ(ParseDuration("0"), Millis{0}) << "the same in every unit";
  for (const char* wrong :
       {"", "15", "s", "1h30m", "-5s", "+5s", "1.5s", "5 s", "5S", "5d", "99999999999999999h"}) {
    EXPECT_EQ(ParseDuration(wrong), std::nullopt) << wrong;
  }
}

TEST(FormatDuration, UsesTheLargestUnitThatFits) {
  EXPECT_EQ(FormatDuration(Millis{0}), "0s");
  EXPECT_EQ(FormatDuration(Millis{250}), "250ms");
  EXPECT_EQ(FormatDuration(Millis{90'000}), "90s");
  EXPECT_EQ(FormatDuration(Millis{300'000}), "5m");
  EXPECT_EQ(FormatDuration(Millis{86'400'000}), "24h");
}

}  // namespace
}  // namespace base
