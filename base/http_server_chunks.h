#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Private to http_server: the chunked coding of a body (RFC 9112 7.1), read strictly.
//
// cpp-httplib's own reader takes a body that breaks off inside a chunk for a complete one, and
// leaves the rest of it to be read as the next request.
namespace base::http_server {

//          +----------------------------------------+
//          v                                        |
//   kSize -+- size > 0 -> kData --> kDataEnd (CR LF)-+
//          +- size = 0 -> kTrailer -- empty line --> kDone
//   anything else, anywhere -> kBroken
class ChunkReader {
 public:
  // Takes from the front of *input and stores at most `room` bytes of the body at `out`; returns
  // how many. 0 means: done(), broken(), or all of the input was taken and more is needed.
  std::size_t Read(std::string_view* input, char* out, std::size_t room);
  [[nodiscard]] bool done() const { return state_ == State::kDone; }
  [[nodiscard]] bool broken() const { return state_ == State::kBroken; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone, kBroken };

  bool TakeLine(std::string_view* input);
  void EndLine();
  [[nodiscard]] State AfterSize();

  State state_ = State::kSize;
  std::string line_;  // of a line that has not ended yet; bounded
  std::size_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace base::http_server
