#include "sidecar/cgroup/search.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/sidecar/machine.h"

namespace sidecar::cgroup {
namespace {

using base::ErrorCode;
using Search = MachineTest;

CommandPattern Pattern(const std::string& text) { return *CommandPattern::Parse(text); }

TEST(CommandPattern, IsSoughtAnywhere) {
  EXPECT_TRUE(Pattern("fraud-model").Matches("/usr/bin/fraud-model --port 8080 "));
  EXPECT_TRUE(Pattern("^python3 .*serve\\.py").Matches("python3 -u serve.py"));
  EXPECT_FALSE(Pattern("^serve").Matches("python3 -u serve.py"));
}

TEST(CommandPattern, RefusesWhatIsNone) {
  for (const std::string& bad :
       {std::string(), std::string("(a"), std::string("[z-a]"), std::string("(a)\\1"),
        std::string("*"), std::string(CommandPattern::kMaxLength + 1, 'a')}) {
    const auto parsed = CommandPattern::Parse(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
  }
  EXPECT_TRUE(CommandPattern::Parse(std::string(CommandPattern::kMaxLength, 'a')).ok());
}

// A matcher that goes back would take 2^4000 steps; one that calls itself, all of the stack.
TEST(CommandPattern, IsNotHeldUpByAHostileCommandLine) {
  EXPECT_FALSE(Pattern("^(a+)+$").Matches(std::string(4000, 'a') + "b"));
  EXPECT_FALSE(Pattern("(.*)*x").Matches(std::string(1 << 20, 'a')));
}

std::vector<Candidate> Processes() {
  return {{.pid = 1, .start_time = 10, .group = "/pause", .name = "pause", .command = "/pause"},
          {.pid = 7, .start_time = 11, .group = "/own", .name = "sidecar", .command = "sidecar"},
          {.pid = 9, .start_time = 30, .group = "/model", .name = "worker", .command = "serve w"},
          {.pid = 8, .start_time = 20, .group = "/model", .name = "serve", .command = "serve"},
          {.pid = 2, .start_time = 1, .group = "/", .name = "kthreadd", .command = ""},
          {.pid = 3, .start_time = 1, .group = "/../..", .name = "init", .command = "init"}};
}

TEST(Choose, TakesTheOldestOfTheOnlyGroupLeft) {
  EXPECT_EQ(Choose(Processes(), "/own", nullptr)->pid, 8);
}

TEST(Choose, NeverTakesTheOwnGroupThatOfPid1OrTheRoot) {
  auto processes = Processes();
  std::erase_if(processes, [](const Candidate& process) { return process.group == "/model"; });
  EXPECT_EQ(Choose(processes, "/own", nullptr).error().message,
            "no process of another container is to be seen");
  const auto pattern = Pattern(".*");
  EXPECT_EQ(Choose(processes, "/own", &pattern).error().code, ErrorCode::kNotFound);
}

TEST(Choose, APatternChoosesAmongSeveral) {
  auto processes = Processes();
  processes.push_back(
      {.pid = 12, .start_time = 5, .group = "/proxy", .name = "envoy", .command = "envoy"});
  const auto pattern = Pattern("^serve");
  EXPECT_EQ(Choose(processes, "/own", &pattern)->pid, 8);
  const auto worker = Pattern("serve w");
  EXPECT_EQ(Choose(processes, "/own", &worker)->pid, 9);
  const auto none = Pattern("torch");
  EXPECT_EQ(Choose(processes, "/own", &none).error().message,
            "no other container runs a command like \"torch\"");
}

TEST(Choose, SeveralThatFitAreNamedAndNoneIsTaken) {
  auto processes = Processes();
  processes.push_back({.pid = 12,
                       .start_time = 5,
                       .group = "/proxy",
                       .name = "envoy",
                       .command = "envoy --token=secret"});
  const auto chosen = Choose(processes, "/own", nullptr);
  ASSERT_FALSE(chosen.ok());
  EXPECT_EQ(chosen.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(chosen.error().message,
            "more than one container may be the model: /model (process 8, serve), /proxy (process "
            "12, envoy); a narrower --target-command tells them apart");
}

TEST_F(Search, FindsTheModelOfAPod) {
  Pod();
  Reader reader = PointedAt({});
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.pid, 20);
  EXPECT_EQ(reading->identity.source, Source::kCgroupV2);
  EXPECT_EQ(reading->identity.cgroup, "/../model");
  EXPECT_EQ(reading->counters.usage_ns, 2'500'000'000);
}

TEST_F(Search, ReadsCommandLinesOfSeveralWords) {
  Pod();
  Process(30, "0::/../proxy\n", 1, 1500, 'S', Words({"envoy", "-c", "x"}));
  Reader vague = PointedAt({});
  EXPECT_EQ(Read(vague).error().code, ErrorCode::kNotFound);
  Reader reader = PointedAt({.command = Pattern("fraud-model --port")});
  EXPECT_EQ(Read(reader)->identity.pid, 20);
}

TEST_F(Search, AnEndedProcessIsNoCandidate) {
  Pod();
  Process(30, "0::/../proxy\n", 1, 1500, 'Z', Words({"envoy"}));
  Reader reader = PointedAt({});
  EXPECT_EQ(Read(reader)->identity.pid, 20);
}

TEST_F(Search, ARestartedContainerIsFoundUnderItsNewNumber) {
  Pod();
  Reader reader = PointedAt({.command = Pattern("fraud-model")});
  const auto first = Read(reader)->identity;
  tree_.Remove("proc/20");
  tree_.Remove("proc/21");
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Read(reader).error().message, "no other container runs a command like \"fraud-model\"");
  ModelContainer(40, 9000, "7");
  const auto again = Read(reader);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->identity.pid, 40);
  EXPECT_FALSE(again->identity == first);
}

TEST_F(Search, StrictOpensNothingThatTheModelCouldHaveMade) {
  Pod();
  // Whoever opens one of these waits for its writer, for ever.
  for (const char* file : {"mountinfo", "cmdline", "root"}) {
    for (const char* process : {"proc/20/", "proc/21/"}) {
      tree_.Remove(process + std::string(file));
      ASSERT_EQ(mkfifo(tree_.File(process + std::string(file)).c_str(), 0600), 0);
    }
  }
  Reader reader = PointedAt({.strict = true}, 0.5);
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.source, Source::kProc);
  EXPECT_EQ(reading->identity.pid, 20);
  EXPECT_EQ(reading->counters.usage_ns, 300 * (1'000'000'000 / sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(reading->counters.throttled_periods, std::nullopt);
  EXPECT_EQ(reading->limit, (Limit{Limit::Kind::kCores, 0.5}));
  clock_.Advance(2 * Reader::kLookAgain);
  EXPECT_TRUE(Read(reader).ok());
}

}  // namespace
}  // namespace sidecar::cgroup
