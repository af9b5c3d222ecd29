#include "bench/load/response.h"

#include <gtest/gtest.h>

namespace load {
namespace {

using State = ResponseParser::State;

constexpr char kAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCONTENT-length:  5 \r\n\r\nhello";

State FeedAll(ResponseParser* parser, const std::string& text) { return parser->Feed(text); }

TEST(ResponseParser, TakesAnAnswerInOnePiece) {
  ResponseParser parser;
  EXPECT_EQ(FeedAll(&parser, kAnswer), State::kDone);
  EXPECT_EQ(parser.status(), 200);
  EXPECT_TRUE(parser.keep());
}

TEST(ResponseParser, TakesAnAnswerInAnyTwoPieces) {
  const std::string text = kAnswer;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    ResponseParser parser;
    EXPECT_EQ(parser.Feed(text.substr(0, cut)), State::kMore) << cut;
    EXPECT_TRUE(parser.begun());
    EXPECT_EQ(parser.Feed(text.substr(cut)), State::kDone) << cut;
    EXPECT_TRUE(parser.keep()) << cut;
  }
}

TEST(ResponseParser, TakesAnAnswerByteByByteAndThenAnother) {
  ResponseParser parser;
  for (int i = 0; i < 2; ++i) {
    const std::string text = kAnswer;
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
      ASSERT_EQ(parser.Feed(text.substr(at, 1)), State::kMore) << at;
    }
    EXPECT_EQ(parser.Feed("o"), State::kDone);
    parser.Reset();
    EXPECT_FALSE(parser.begun());
  }
}

TEST(ResponseParser, SaysWhetherTheConnectionStays) {
  const std::vector<std::pair<std::string, bool>> cases = {
      {"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 204 No Content\r\n\r\n", true},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK", false},  // nobody asked
  };
  for (const auto& [text, keep] : cases) {
    ResponseParser parser;
    EXPECT_EQ(FeedAll(&parser, text), State::kDone) << text;
    EXPECT_EQ(parser.keep(), keep) << text;
  }
}

TEST(ResponseParser, WithoutALengthTheEndOfTheConnectionIsTheEnd) {
  ResponseParser parser;
  EXPECT_EQ(FeedAll(&parser, "HTTP/1.1 200 OK\r\n\r\nhe"), State::kMore);
  EXPECT_EQ(FeedAll(&parser, "llo"), State::kMore);
  EXPECT_EQ(parser.End(), State::kDone);
  EXPECT_FALSE(parser.keep());
}

TEST(ResponseParser, AnEndWithinTheAnswerIsNone) {
  for (const char* part : {"", "HTT", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"}) {
    ResponseParser parser;
    EXPECT_EQ(FeedAll(&parser, part), State::kMore);
    EXPECT_EQ(parser.End(), State::kBad) << part;
    EXPECT_EQ(parser.begun(), *part != '\0');
  }
}

TEST(ResponseParser, RefusesNonsense) {
  const std::vector<std::string> cases = {
      "220 mail.example.org ESMTP\r\n\r\n",
      "HTTP/2 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 abc OK\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 600 No\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: empty\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  for (const std::string& text : cases) {
    ResponseParser parser;
    EXPECT_EQ(FeedAll(&parser, text), State::kBad) << text;
    EXPECT_STRNE(parser.problem(), "") << text;
    EXPECT_EQ(parser.Feed("more"), State::kBad) << text;
  }
}

TEST(ResponseParser, BoundsHeadAndBody) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: ";
  ResponseParser whole;
  EXPECT_EQ(FeedAll(&whole, head + std::string(ResponseParser::kHeadMax, 'x') + "\r\n\r\n"),
            State::kBad);
  ResponseParser pieces;
  State state = FeedAll(&pieces, head);
  std::size_t fed = 0;
  for (; state == State::kMore && fed <= ResponseParser::kHeadMax; fed += 1000) {
    state = FeedAll(&pieces, std::string(1000, 'x'));
  }
  EXPECT_EQ(state, State::kBad);
  ResponseParser body;
  EXPECT_EQ(FeedAll(&body, "HTTP/1.1 200 OK\r\n\r\n"), State::kMore);
  EXPECT_EQ(FeedAll(&body, std::string(ResponseParser::kBodyMax, 'x')), State::kMore);
  EXPECT_EQ(FeedAll(&body, "x"), State::kBad);
}

}  // namespace
}  // namespace load
