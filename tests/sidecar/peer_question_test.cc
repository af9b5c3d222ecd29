#include <gtest/gtest.h>

#include "sidecar/peers/asker.h"
#include "sidecar/peers/question.h"

namespace sidecar::peers {
namespace {

using notifier::State;

store::Subject Example() {
  return {.source = "prod",
          .fingerprint = "f1",
          .kind = "firing",
          .starts_at_ms = 1'000,
          .ended_at_ms = 2'000,
          .at_ms = 1'500,
          .channel = "email",
          .target = "a@example.org",
          .part = 2,
          .since_ms = 1'200,
          .title = "[STORM] 3 firing"};
}

TEST(Question, ReadsBackAsItWasWritten) {
  for (const auto& end : {std::optional<base::WallMs>(2'000), std::optional<base::WallMs>()}) {
    store::Subject written = Example();
    written.ended_at_ms = end;
    const auto read = ParseQuestion(QuestionJson(written));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(QuestionJson(*read), QuestionJson(written));
    EXPECT_EQ(read->ended_at_ms, end);
    EXPECT_EQ(read->part, 2);
    EXPECT_EQ(read->since_ms, 1'200);
    EXPECT_EQ(read->title, "[STORM] 3 firing");
  }
}

TEST(Question, NamesWhatIsWrong) {
  const std::string good = QuestionJson(Example());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not JSON"},
      {"[]", "not an object"},
      {"{}", "source: missing"},
      {with("\"prod\"", "7"), "source: not a text of at most 4096 bytes"},
      {with("\"part\":2", "\"part\":0"), "part: not a whole number from 1 to 100000"},
      {with("\"part\":2", "\"part\":2.5"), "part: not a whole number from 1 to 100000"},
      {with("\"at\":1500", "\"at\":18446744073709551615"),
       "at: not a whole number from -9007199254740992 to 9007199254740992"},
  };
  for (const auto& [text, problem] : cases) {
    const auto read = ParseQuestion(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().message, problem);
  }
}

TEST(Answer, ReadsBackAsItWasWritten) {
  for (const auto& state : {std::optional(State::kSending), std::optional<State>()}) {
    const auto read = ParseAnswer(AnswerJson(
        {.name = "fraud-1", .state = state, .lease_ends_in = base::Millis(7), .provider_id = "9"}));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->name, "fraud-1");
    EXPECT_EQ(read->state, state);
    EXPECT_EQ(read->lease_ends_in, base::Millis(7));
    EXPECT_EQ(read->provider_id, "9");
  }
}

TEST(Answer, GarbageIsNone) {
  for (const char* text : {
           "",
           "<html>",
           "null",
           "[1]",
           "{}",
           R"({"name": "a", "state": "delivered", "provider_id": ""})",
           R"({"name": "a", "state": "DELIVERED", "lease_ends_in_ms": 0, "provider_id": ""})",
           R"({"name": "a", "state": ["delivered"], "lease_ends_in_ms": 0, "provider_id": ""})",
           R"({"name": "a", "state": "sending", "lease_ends_in_ms": -1, "provider_id": ""})",
           R"({"name": "a", "state": "sending", "lease_ends_in_ms": 1e9, "provider_id": ""})",
           R"({"name": "a\n", "state": "delivered", "lease_ends_in_ms": 0, "provider_id": ""})",
           R"({"name": 1, "state": "delivered", "lease_ends_in_ms": 0, "provider_id": "1"})",
       }) {
    EXPECT_FALSE(ParseAnswer(text).ok()) << text;
  }
}

TEST(Answer, MaySayWhoItIsFrom) {
  const Identity identity{
      .run = "0123", .position = 3, .name = "fraud-3", .sources = {"prod", "test"}};
  const auto read = ParseAnswer(AnswerJson({.name = "fraud-3", .who = {.identity = identity}}));
  const auto alone = ParseIdentity(IdentityJson(identity));
  ASSERT_TRUE(read.ok() && read->who.identity && alone.ok() && alone->identity);
  for (const Identity& each : {*read->who.identity, *alone->identity}) {
    EXPECT_EQ(IdentityJson(each), IdentityJson(identity));
    EXPECT_EQ(each.run, "0123");
    EXPECT_EQ(each.position, 3);
    EXPECT_EQ(each.name, "fraud-3");
    EXPECT_EQ(each.sources, identity.sources);
  }
  Identity many = identity;
  many.sources.resize(kMaxSources + 1, "x");
  EXPECT_TRUE(ParseIdentity(IdentityJson(many))->identity->sources.empty());
}

TEST(Answer, AnIdentityThatCannotBeReadTakesNothingFromIt) {
  std::string sources = "{\"name\": \"s\"}";
  for (std::size_t i = 0; i < kMaxSources; ++i) sources += ", {\"name\": \"s\"}";
  const std::string begin = R"({"version": 1, "run": "x", "name": "", )";
  struct Case {
    std::string identity;
    std::string problem;
  };
  const std::vector<Case> cases = {
      // Whose words we do not know has said nothing.
      {"null", ""},
      {R"({"version": 2, "run": 7})", ""},
      {"7", "not an object"},
      {"{}", "version: missing"},
      {R"({"version": 1})", "run: missing"},
      {begin + R"("sources": []})", "position: missing"},
      {begin + R"("position": -1, "sources": []})", "position: not a whole number from 0 to 1000"},
      {begin + R"("position": 1001, "sources": []})",
       "position: not a whole number from 0 to 1000"},
      {begin + R"("position": 0, "sources": [1]})", "sources: not an object"},
      {begin + R"("position": 0, "sources": [)" + sources + "]}",
       "sources: not an array of at most 32"},
  };
  for (const Case& each : cases) {
    const std::string identity = "\"identity\": " + each.identity + "}";
    const auto answer = ParseAnswer(R"({"name": "a", "state": "delivered", "provider_id": "9",)"
                                    R"("lease_ends_in_ms": 0, )" +
                                    identity);
    const auto alone = ParseIdentity("{" + identity);
    ASSERT_TRUE(answer.ok() && alone.ok()) << each.identity;
    EXPECT_EQ(answer->state, State::kDelivered);
    EXPECT_EQ(answer->provider_id, "9");
    for (const Told& told : {answer->who, *alone}) {
      EXPECT_FALSE(told.identity.has_value()) << each.identity;
      EXPECT_EQ(told.problem, each.problem);
    }
  }
  // A new field is no new version.
  const auto more =
      ParseIdentity("{\"identity\": " + begin + R"("position": 0, "sources": [], "more": []}})");
  EXPECT_EQ(more->identity->run, "x");
  EXPECT_FALSE(ParseIdentity("<html>").ok());
}

TEST(News, ReadsBackAndIsBounded) {
  News news{.name = "fraud-0", .delivered = {{.subject = Example(), .provider_id = "5"}}};
  const auto read = ParseNews(NewsJson(news));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->delivered.size(), 1u);
  EXPECT_EQ(read->delivered[0].provider_id, "5");
  EXPECT_EQ(read->delivered[0].subject.fingerprint, "f1");
  news.delivered.resize(kMaxNews + 1, news.delivered[0]);
  EXPECT_FALSE(ParseNews(NewsJson(news)).ok());
  EXPECT_FALSE(ParseNews(R"({"name": "a", "delivered": [{"source": 1}]})").ok());
}

TEST(Others, AreCalledByTheirHosts) {
  const std::vector<std::string> urls = {"http://fraud-0.fraud.shop.svc:8082",
                                         "http://fraud-1.fraud.shop.svc:8082",
                                         "http://10.0.0.7:8082", "http://localhost:9"};
  const auto others = Others(urls, 1);
  ASSERT_EQ(others.size(), 3u);
  EXPECT_EQ(others[0].name, "fraud-0");
  EXPECT_EQ(others[0].position, 0);
  EXPECT_EQ(others[1].name, "10.0.0.7:8082");
  EXPECT_EQ(others[1].position, 2);
  EXPECT_EQ(others[2].name, "localhost:9");
  const auto twins = Others({"http://host:1", "http://host:2"}, 0);
  EXPECT_EQ(twins.at(0).name, "host:2");
}

}  // namespace
}  // namespace sidecar::peers
