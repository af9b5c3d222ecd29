#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace load {

// Reads one HTTP/1.1 answer as it comes in, RFC 9112, as much of it as a load driver needs: the
// status, where the body ends, whether the connection stays. The body is counted and not kept. A
// head that comes in one piece costs no allocation.
//
// Refused (kBad): a head over 16 KiB, a body over 1 MiB, chunked or any other Transfer-Encoding,
// two lengths that differ, interim answers (1xx; none was asked for), what is no HTTP/1.x.
class ResponseParser {
 public:
  enum class State { kMore, kDone, kBad };
  static constexpr std::size_t kHeadMax = std::size_t{16} * 1024;
  static constexpr std::size_t kBodyMax = std::size_t{1024} * 1024;

  void Reset();  // for the next answer on the same connection
  // Takes what was read. Bytes behind the end of the answer make it one that does not keep().
  State Feed(std::string_view bytes);
  // The connection ended: kDone for an answer without a length, RFC 9112 6.3, else kBad.
  State End();

  [[nodiscard]] bool begun() const { return begun_; }  // a byte of the answer came
  [[nodiscard]] int status() const { return status_; }
  // Whether the connection can carry another request. Meaningful at kDone.
  [[nodiscard]] bool keep() const { return keep_; }
  // At kBad: what was wrong, for people.
  [[nodiscard]] const char* problem() const { return problem_; }

 private:
  State TakeHead(std::string_view head);
  State TakeBody(std::size_t count);
  bool TakeStatusLine(std::string_view line);
  bool TakeField(std::string_view line);
  bool TakeLength(std::string_view value);
  State Bad(const char* problem);

  State state_ = State::kMore;
  std::string head_;  // a head that came in pieces
  bool in_body_ = false;
  bool begun_ = false;
  bool keep_ = true;
  bool has_length_ = false;
  std::size_t length_ = 0;  // of the body: announced, or seen until now
  std::size_t left_ = 0;
  int status_ = 0;
  const char* problem_ = "";
};

}  // namespace load
