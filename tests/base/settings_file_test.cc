#include <gtest/gtest.h>

#include "tests/base/settings_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/temp_dir.h"

namespace base {
namespace {

// The --config file, seen through Parse.
class SettingsFile : public SettingsTest {
 protected:
  std::string MistakesOf(const std::string& text) {
    dir_.Write("c.conf", text);
    return Mistakes({"--config", file_.c_str()});
  }

  const support::TempDir dir_;
  const std::string file_ = dir_.File("c.conf");
};

TEST_F(SettingsFile, TakesBareQuotedAndListedValues) {
  EXPECT_EQ(MistakesOf("# a comment\n"
                       "\n"
                       "  listen = \"a b, c # no comment \\\"q\\\" \\\\\"  # a comment\r\n"
                       "threads=4 # a comment\n"
                       "log-format = json\n"
                       "mail-to = [ \"a@x\", \"b c\" ]\n"
                       "once = true"),
            "");
  EXPECT_EQ(listen_, "a b, c # no comment \"q\" \\");
  EXPECT_EQ(threads_, 4);
  EXPECT_EQ(mail_to_, (std::vector<std::string>{"a@x", "b c"}));
  EXPECT_TRUE(once_);
}

TEST_F(SettingsFile, ABareValueMayHoldEqualsBlanksAndHashes) {
  EXPECT_EQ(MistakesOf("listen = smtp://h/?a=b#part two   # comment\n"), "");
  EXPECT_EQ(listen_, "smtp://h/?a=b#part two");
}

TEST_F(SettingsFile, AnUnknownKeyNamesItselfTheFileAndTheNearest) {
  EXPECT_EQ(MistakesOf("threads = 4\nlisten-on = x\n"),
            file_ + " line 2: \"listen-on\" is not a setting; did you mean listen?");
  EXPECT_EQ(MistakesOf("config = other.conf\n"), file_ + " line 1: \"config\" is not a setting");
}

TEST_F(SettingsFile, AWrongValueNamesTheFlagAndTheLine) {
  EXPECT_EQ(MistakesOf("\nthreads = many\n"),
            "--threads: \"many\" is not a whole number from 1 to 64 (from " + file_ + " line 2)");
  EXPECT_EQ(MistakesOf("threads = [\"1\", \"2\"]\n"),
            "--threads: takes one value, not 2 (from " + file_ + " line 1)");
  EXPECT_EQ(MistakesOf("threads = 1\nthreads = 2\n"),
            file_ + " line 2: \"threads\" is given twice");
}

TEST_F(SettingsFile, ALineThatIsNoSettingIsAMistake) {
  for (const char* line : {"threads", "[section]", "= 4", "threads =", "threads = # comment",
                           "listen = \"open", "listen = \"a\" b", "mail-to = [\"a\" \"b\"]",
                           "mail-to = [a]", "mail-to = [\"a\"", "mail-to = [\"a\"] b"}) {
    const std::string mistakes = MistakesOf(std::string("once = true\n") + line + "\n");
    EXPECT_EQ(mistakes.rfind(file_ + " line 2: is not", 0), 0U) << line << ": " << mistakes;
  }
}

TEST_F(SettingsFile, AnEmptyListIsAList) {
  mail_to_ = {"default@x"};
  EXPECT_EQ(MistakesOf("mail-to = []\n"), "");
  EXPECT_TRUE(mail_to_.empty());
}

TEST_F(SettingsFile, AFileThatDoesNotReadNamesTheFlag) {
  EXPECT_EQ(Mistakes({"--config", "/nowhere/c.conf"}),
            "--config: /nowhere/c.conf: No such file or directory (from the command line)");
  EXPECT_EQ(Mistakes({"--config", "a", "--config", "b"}),
            "--config: takes one file (from the command line)");
  const support::Environment environment{{"FRAUD_CONFIG", "/nowhere/d.conf"}};
  EXPECT_EQ(Mistakes({}),
            "--config: /nowhere/d.conf: No such file or directory (from FRAUD_CONFIG)");
}

}  // namespace
}  // namespace base
