#include <gtest/gtest.h>

#include "tests/model-svc/http_front_fixture.h"

namespace model {
namespace {

using HttpFrontFraming = HttpFrontTest;
using namespace std::string_literals;

const std::string kRoute = "POST /echo HTTP/1.1\r\nHost: a\r\n";
// Were the first request misread, this one would be answered too.
const std::string kHidden = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

// Two readers of these heads may disagree where the request ends.
TEST_F(HttpFrontFraming, AnAmbiguousHeadIsRefusedAndEndsTheConnection) {
  Serve();
  for (const std::string& lines : {"Content-Length: 3\r\nTransfer-Encoding: chunked"s,
                                   "Transfer-Encoding: chunked\r\nContent-Length: 3"s,
                                   "Content-Length: 3\r\nContent-Length: 3"s,
                                   "Content-Length: 3\r\ncontent-length: 0"s,
                                   "Content-Length: 3, 3"s,
                                   "Content-Length: +3"s,
                                   "Content-Length: -1"s,
                                   "Content-Length: 3x"s,
                                   "Content-Length: 0x3"s,
                                   "Content-Length: 3 "s,
                                   "Content-Length:"s,
                                   "Transfer-Encoding: gzip, chunked"s,
                                   "Transfer-Encoding: identity"s,
                                   "Transfer-Encoding: chunked "s,
                                   "Transfer-Encoding: \"chunked\""s,
                                   "Transfer-Encoding:"s,
                                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"s,
                                   "Transfer-Encoding: xchunked\r\nContent-Length: 3"s,
                                   "Content-Length : 3"s,
                                   "Content-Length\t: 3"s,
                                   "X: 1\r\n Content-Length: 3"s,
                                   "X: 1\r\n\tfolded"s,
                                   " X: first line folded"s,
                                   "X: 1\nContent-Length: 3"s,
                                   "X: a\rContent-Length: 3"s,
                                   "X: a\0b"s,
                                   "X\0: a"s,
                                   "Content-Length: 3\0"s,
                                   ": no name"s,
                                   "no colon"s,
                                   "X: \x01"s,
                                   "X(y): 1"s}) {
    Client client(front_->port());
    client.Send(kRoute + lines + "\r\n\r\n" + kHidden);
    const std::string answer = client.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 400 Bad Request") << lines;
    EXPECT_FALSE(Has(answer, "hello\n")) << lines << "\n" << answer;
    EXPECT_TRUE(client.ended()) << lines;
  }
}

TEST_F(HttpFrontFraming, ALengthBeyondAllNumbersIsRefused) {
  Serve();
  Client client(front_->port());
  client.Send(kRoute + "Content-Length: 99999999999999999999\r\n\r\n" + kHidden);
  EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 413 Content Too Large");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpFrontFraming, ChunksAreNotForHttp10) {
  Serve();
  Client client(front_->port());
  client.Send("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 400 Bad Request");
}

TEST_F(HttpFrontFraming, ADamagedChunkIsRefusedAndEndsTheConnection) {
  Serve();
  for (const char* body : {"-2\r\nab\r\n", "3\r\nabcX\r\n0\r\n\r\n", "zz\r\n", "3 \r\nabc\r\n",
                           "0x3\r\nabc\r\n", "\r\nabc\r\n", ";ext\r\n"}) {
    Client client(front_->port());
    client.Send(kRoute + "Transfer-Encoding: chunked\r\n\r\n" + body + kHidden);
    const std::string answer = client.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 400 Bad Request") << body;
    EXPECT_FALSE(Has(answer, "hello\n")) << answer;
    EXPECT_TRUE(client.ended()) << body;
  }
  for (const char* size : {"fffffffffffffffff", "fffffffffffffffe", "3e9"}) {
    Client client(front_->port());
    client.Send(kRoute + "Transfer-Encoding: chunked\r\n\r\n" + size + "\r\n" +
                std::string(1100, 'x'));
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 413 Content Too Large") << size;
    EXPECT_TRUE(client.ended()) << size;
  }
}

TEST_F(HttpFrontFraming, ChunksMakeABody) {
  Serve();
  Client client(front_->port());
  for (const char* body :
       {"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", "6;name=value\r\nabcdef\r\n0;x\r\n\r\n",
        "06\r\nabcdef\r\n000\r\nTrailer: 1\r\nContent-Length: 99\r\n\r\n"}) {
    client.Send(kRoute + "transfer-encoding: CHUNKED\r\n\r\n" + body);
    EXPECT_EQ(BodyOf(client.ReadAnswer()), "abcdef") << body;
  }
  EXPECT_TRUE(IsUsable(&client));
}

TEST_F(HttpFrontFraming, OneHostAndATargetWithoutNul) {
  Serve();
  for (const std::string& request :
       {"GET /hello HTTP/1.1\r\n\r\n"s, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"s,
        "GET /hello\0/../x HTTP/1.1\r\nHost: a\r\n\r\n"s}) {
    Client client(front_->port());
    client.Send(request);
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 400 Bad Request") << request;
  }
  Client old(front_->port());
  old.Send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(BodyOf(old.ReadToEnd()), "hello\n") << "HTTP/1.0 need not name a host";
}

TEST_F(HttpFrontFraming, AQueryHasABound) {
  Serve();
  for (const int arguments : {17, 200, 1'500}) {
    std::string target = "/hello?";
    for (int i = 0; i < arguments; ++i) target += "a=b&";
    Client client(front_->port());
    client.Send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 414 URI Too Long") << arguments;
  }
}

TEST_F(HttpFrontFraming, AQueryWithinItIsAnsweredInAHeadOfTheFullLength) {
  Serve();
  std::string target = "/hello?";
  for (int i = 0; i < 16; ++i) target += "a=b&";  // and one argument more
  std::string rest = " HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 10; ++i) rest += "X: y\r\n";
  rest += "\r\n";
  const auto most = static_cast<std::size_t>(options_.max_header_bytes);
  target += std::string(most - 4 - target.size() - rest.size(), 'x');
  Client client(front_->port());
  client.Send("GET " + target + rest);
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
}

TEST_F(HttpFrontFraming, HeadersThatAreFineAreTaken) {
  Serve();
  Client client(front_->port());
  client.Send("\r\n\r\n" + kRoute +
              "content-length:\t 3\r\nCookie: a=b; c=\"d\"\r\nX-Empty:\r\n"
              "X-Many: \xc3\xa4 , tab\there\r\nContent-Encoding: Identity\r\n"
              "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(false), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "abc");
  EXPECT_TRUE(IsUsable(&client));
}

TEST_F(HttpFrontFraming, AnEncodedBodyIsNotTaken) {
  Serve();
  Client client(front_->port());
  client.Send(kRoute + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 415 Unsupported Media Type");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpFrontFraming, WhatIsNotHttpEndsTheConnection) {
  Serve();
  for (const std::string& garbage :
       {"garbage\r\n\r\n"s, "\x16\x03\x01\x02\x00\x01\n\n"s, "GET /hello\r\n\r\n"s,
        "GET /hello HTTP/0.9\r\n\r\n"s, "GET /hello HTTP/2.0\r\n\r\n"s,
        "GET /hello http/1.1\r\n\r\n"s, "GET /hello HTTP/1.1\n\n"s}) {
    Client client(front_->port());
    client.Send(garbage + kHidden);
    const std::string answer = client.ReadToEnd();
    EXPECT_FALSE(Has(answer, "hello\n")) << garbage;
    EXPECT_TRUE(answer.empty() || Has(answer, "HTTP/1.1 400 ") || Has(answer, "HTTP/1.1 505 "))
        << garbage << "\n"
        << answer;
    EXPECT_TRUE(client.ended()) << garbage;
  }
}

}  // namespace
}  // namespace model
