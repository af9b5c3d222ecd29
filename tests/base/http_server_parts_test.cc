#include <gtest/gtest.h>

#include "base/http_server_chunks.h"
#include "base/http_server_head.h"
#include "base/http_server_route.h"

namespace base::http_server {
namespace {

// The body of `coded`, fed `step` bytes at a time; "broken" or "open" when it is not complete.
std::string Decoded(std::string_view coded, std::size_t step) {
  ChunkReader reader;
  std::string body;
  char out[5];
  while (!coded.empty() && !reader.done() && !reader.broken()) {
    std::string_view input = coded.substr(0, step);
    const std::size_t before = input.size();
    const std::size_t count = reader.Read(&input, out, sizeof out);
    body.append(out, count);
    coded.remove_prefix(before - input.size());
  }
  if (reader.broken()) return "broken";
  return reader.done() ? body + "|" + std::string(coded) : "open";
}

TEST(ChunkReader, GivesTheSameHoweverTheBytesArrive) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 100U}) {
    EXPECT_EQ(Decoded("5\r\nhello\r\n00b;x=\"y\"\r\n, big world\r\n0\r\nA: b\r\n\r\nGET", step),
              "hello, big world|GET");
    EXPECT_EQ(Decoded("0\r\n\r\n", step), "|");
    EXPECT_EQ(Decoded("5\r\nhello\r\n0\r\n", step), "open");
  }
}

TEST(ChunkReader, RefusesWhatIsNotTheCoding) {
  for (const std::string& coded :
       {std::string("\r\n"), std::string("x\r\n"), std::string("-1\r\n"), std::string("0x5\r\n"),
        std::string("5\nhello"), std::string("5\r\nhelloX\r\n"), std::string("5\r\nhello\n"),
        std::string("1000000000000000\r\n"), "5;" + std::string(2000, 'x'),
        "0\r\n" + std::string(2000, 'x')}) {
    EXPECT_EQ(Decoded(coded, 1), "broken") << coded;
  }
  std::string trailers = "0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "Name: " + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(Decoded(trailers, 50), "broken");
}

TEST(ParseHead, ReadsTargetsInBothForms) {
  for (const char* target : {"/a%2Fb?x=%3D", "http://host:80/a%2Fb?x=%3D"}) {
    const auto head = ParseHead(std::string("GET ") + target + " HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(head.ok()) << target;
    EXPECT_EQ(head->request.path, "/a/b");
    EXPECT_EQ(head->request.query.find("x")->second, "=");
  }
}

TEST(ParseHead, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string& head :
       {std::string("GET /%zz HTTP/1.1\r\n\r\n"), std::string("GET /%4 HTTP/1.1\r\n\r\n"),
        std::string("GET /%00 HTTP/1.1\r\n\r\n"), std::string("GET /a%0Ab HTTP/1.1\r\n\r\n"),
        std::string("GET /a#b HTTP/1.1\r\n\r\n"), std::string("GET /?%-1 HTTP/1.1\r\n\r\n"),
        std::string("GET  / HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/1.1 \r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nName : x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n: x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\rB: c\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26),
        std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), std::string("\r\n"),
        std::string()}) {
    EXPECT_FALSE(ParseHead(head).ok()) << head;
  }
}

TEST(ParseHead, KnowsWhatFollows) {
  const auto sized = ParseHead("POST / HTTP/1.1\r\nContent-LENGTH:  12 \r\n\r\n");
  ASSERT_TRUE(sized.ok());
  EXPECT_EQ(sized->body, BodyKind::kLength);
  EXPECT_EQ(sized->body_bytes, 12U);
  EXPECT_FALSE(sized->last);
  const auto chunked = ParseHead(
      "POST / HTTP/1.1\r\nConnection: x, CLOSE\r\nTransfer-Encoding: Chunked\r\n"
      "Expect: 100-Continue\r\n\r\n");
  ASSERT_TRUE(chunked.ok());
  EXPECT_EQ(chunked->body, BodyKind::kChunked);
  EXPECT_TRUE(chunked->last);
  EXPECT_TRUE(chunked->expects_continue);
  EXPECT_EQ(ParseHead("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")->body, BodyKind::kNone);
}

TEST(FindRoute, AStarIsOneWholeSegment) {
  const std::vector<Route> routes = {{.method = "GET", .path = "/a/*", .handler = {}},
                                     {.method = "POST", .path = "/a/*/ack", .handler = {}},
                                     {.method = "GET", .path = "/", .handler = {}}};
  EXPECT_EQ(FindRoute(routes, "GET", "/a/17").route, &routes[0]);
  EXPECT_EQ(FindRoute(routes, "GET", "/a/17").captures, std::vector<std::string>{"17"});
  EXPECT_EQ(FindRoute(routes, "POST", "/a/17/ack").route, &routes[1]);
  EXPECT_EQ(FindRoute(routes, "HEAD", "/").route, &routes[2]);
  EXPECT_EQ(FindRoute(routes, "GET", "/a/17/ack").allow, "POST");
  for (const std::string& path :
       {std::string("/a/"), std::string("/a"), std::string("/a/1/"), std::string("/a//ack"),
        std::string("a/17"), std::string(), std::string("//"), "/a/" + std::string(257, 'x')}) {
    EXPECT_EQ(FindRoute(routes, "GET", path).route, nullptr) << path;
    EXPECT_EQ(FindRoute(routes, "GET", path).allow, "") << path;
  }
}

}  // namespace
}  // namespace base::http_server
