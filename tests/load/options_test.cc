#include "bench/load/options.h"

#include <gtest/gtest.h>

namespace load {
namespace {

base::Result<std::optional<Options>> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "fraud-attack");
  return ParseOptions(static_cast<int>(words.size()), words.data());
}

TEST(Options, TheDefaultsDoubleUpToTheirMaximum) {
  const auto options = Parse({"--target", "127.0.0.1:8080"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  ASSERT_EQ((*options)->phases.size(), 9U);
  EXPECT_EQ((*options)->phases.front().target_rps, 50);
  EXPECT_EQ((*options)->phases.back().target_rps, 48'000);
  EXPECT_EQ((*options)->phases.back().duration, base::Millis(30'000));
  EXPECT_TRUE((*options)->keep);
  EXPECT_FALSE((*options)->mix.has_value());
}

TEST(Options, FlagsSayWhatIsSent) {
  const auto options =
      Parse({"--targets-file", "pods", "--connections", "new", "--arrivals", "poisson", "--phases",
             "50:2s", "--rate-max", "10", "--mix", "normal=1", "--seed", "7"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_FALSE((*options)->keep);
  EXPECT_EQ((*options)->arrivals, Arrivals::kPoisson);
  ASSERT_EQ((*options)->phases.size(), 1U);
  EXPECT_EQ((*options)->phases[0].duration, base::Millis(2000));
  EXPECT_EQ((*options)->seed, 7U);
  EXPECT_TRUE((*options)->mix.has_value());
}

TEST(Options, MistakesNameTheirFlag) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{}, "--target, --targets-file: give one"},
      {{"--target", "a:1", "--targets-file", "x"}, "--target, --targets-file: give one"},
      {{"--target", "a"}, "--target: \"a\" is not HOST:PORT"},
      {{"--target", "a:1", "--phases", "x"}, "--phases: \"x\""},
      {{"--target", "a:1", "--mix", "other=1"}, "--mix: \"other=1\""},
      {{"--target", "a:1", "--longest", "1m"}, "--longest: the phases take"},
      {{"--target", "a:1", "--connections", "some"}, "--connections"},
      {{"--target", "a:1", "--history", "http://h"}, "--history-token-file"},
      {{"--target", "a:1", "--history-token-file", "f"}, "--history-token-file"},
      {{"--target", "a:1", "--prometheus", "localhost:9090"}, "--prometheus"},
      {{"--target", "a:1", "--timeout", "5"}, "--timeout"},
  };
  for (const auto& [words, expected] : cases) {
    const auto options = Parse(words);
    ASSERT_FALSE(options.ok()) << expected;
    EXPECT_NE(options.error().message.find(expected), std::string::npos) << options.error().message;
  }
}

}  // namespace
}  // namespace load
