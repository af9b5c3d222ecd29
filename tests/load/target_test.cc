#include "bench/load/target.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "bench/load/target_watch.h"
#include "tests/support/temp_dir.h"

namespace load {
namespace {

using Names = std::vector<std::string>;

Names NamesOf(const std::vector<Target>& targets) {
  Names names;
  names.reserve(targets.size());
  for (const Target& target : targets) names.push_back(target.name);
  return names;
}

TEST(ParseTargets, ALineEachWithoutCommentsAndRepeats) {
  const auto names = ParseTargets("# pods\n127.0.0.1:8080\r\n\n  [::1]:81 # v6\n127.0.0.1:8080\n");
  ASSERT_TRUE(names.ok()) << names.error().message;
  EXPECT_EQ(*names, (Names{"127.0.0.1:8080", "[::1]:81"}));
  EXPECT_EQ(ParseTargets("")->size(), 0U);
}

TEST(ParseTargets, NamesTheLineThatIsWrong) {
  for (const char* wrong : {"a", "a:", ":80", "a:0", "a:65536", "a b:80", "a:80x", "a\x01:80"}) {
    const auto names = ParseTargets("a:1\n" + std::string(wrong) + "\n");
    ASSERT_FALSE(names.ok()) << wrong;
    EXPECT_EQ(names.error().message, "line 2 is not HOST:PORT");
  }
}

TEST(Resolve, GivesTheAddress) {
  const auto target = Resolve("127.0.0.1:8080");
  ASSERT_TRUE(target.ok()) << target.error().message;
  const auto* address = reinterpret_cast<const sockaddr_in*>(&target->address);
  EXPECT_EQ(target->address.ss_family, AF_INET);
  EXPECT_EQ(ntohs(address->sin_port), 8080);
  EXPECT_EQ(ntohl(address->sin_addr.s_addr), INADDR_LOOPBACK);
  EXPECT_EQ(Resolve("[::1]:80")->address.ss_family, AF_INET6);
  EXPECT_FALSE(Resolve("no.such.host.invalid:80").ok());
}

TEST(TargetWatch, TellsAChangeOnceAndOnlyAGoodOne) {
  const support::TempDir dir;
  dir.Write("pods", "127.0.0.1:1\n");
  TargetWatch watch(dir.File("pods"));
  EXPECT_EQ(NamesOf(watch.Begin().value()), Names{"127.0.0.1:1"});
  watch.Look();
  EXPECT_FALSE(watch.TakeChange().has_value());

  dir.Write("pods", "127.0.0.1:1\n127.0.0.1:2\n");
  watch.Look();
  EXPECT_EQ(NamesOf(watch.TakeChange().value()), (Names{"127.0.0.1:1", "127.0.0.1:2"}));
  EXPECT_FALSE(watch.TakeChange().has_value());

  dir.Write("pods", "127.0.0.1:1\n127.0.0.");  // as half written
  watch.Look();
  EXPECT_FALSE(watch.TakeChange().has_value());
  dir.Remove("pods");
  watch.Look();
  EXPECT_FALSE(watch.TakeChange().has_value());

  dir.Write("pods", "");
  watch.Look();
  EXPECT_EQ(watch.TakeChange()->size(), 0U);
}

TEST(TargetWatch, BeginsWithAFileThatReads) {
  const support::TempDir dir;
  EXPECT_EQ(TargetWatch(dir.File("none")).Begin().error().code, base::ErrorCode::kNotFound);
  dir.Write("pods", "x\n");
  EXPECT_EQ(TargetWatch(dir.File("pods")).Begin().error().code, base::ErrorCode::kInvalid);
}

}  // namespace
}  // namespace load
