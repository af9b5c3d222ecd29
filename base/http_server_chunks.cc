#include "base/http_server_chunks.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace base::http_server {
namespace {

constexpr std::size_t kMaxLineBytes = 1024;  // a size with its extensions, or one trailer
constexpr std::size_t kMaxTrailerBytes = 8'192;
constexpr std::size_t kMaxSizeDigits = 15;  // so that the size cannot overflow

}  // namespace

std::size_t ChunkReader::Read(std::string_view* input, char* out, std::size_t room) {
  while (!done() && !broken()) {
    if (state_ == State::kData) {
      const std::size_t count = std::min({input->size(), room, left_});
      if (count == 0) return 0;
      std::memcpy(out, input->data(), count);
      input->remove_prefix(count);
      left_ -= count;
      if (left_ == 0) state_ = State::kDataEnd;
      return count;
    }
    if (!TakeLine(input)) return 0;
    EndLine();
    line_.clear();
  }
  return 0;
}

// Whether *input held the end of the line, which is then whole in line_.
bool ChunkReader::TakeLine(std::string_view* input) {
  const std::size_t end = input->find('\n');
  const std::size_t count = end == std::string_view::npos ? input->size() : end + 1;
  if (line_.size() + count > kMaxLineBytes) {
    state_ = State::kBroken;
    return false;
  }
  line_ += input->substr(0, count);
  input->remove_prefix(count);
  return end != std::string_view::npos;
}

void ChunkReader::EndLine() {
  if (!line_.ends_with("\r\n")) {
    state_ = State::kBroken;
    return;
  }
  line_.resize(line_.size() - 2);
  switch (state_) {
    case State::kSize:
      state_ = AfterSize();
      return;
    case State::kDataEnd:
      state_ = line_.empty() ? State::kSize : State::kBroken;
      return;
    case State::kTrailer:  // read over: nothing here needs one
      trailer_bytes_ += line_.size();
      if (line_.empty()) state_ = State::kDone;
      if (trailer_bytes_ > kMaxTrailerBytes) state_ = State::kBroken;
      return;
    case State::kData:
    case State::kDone:
    case State::kBroken:
      return;
  }
}

// line_ is "1a3" or "1a3;extension".
ChunkReader::State ChunkReader::AfterSize() {
  const std::size_t digits = std::min(line_.find_first_of("; \t"), line_.size());
  if (digits == 0 || digits > kMaxSizeDigits) return State::kBroken;
  const char* const end = line_.data() + digits;
  const auto [at, problem] = std::from_chars(line_.data(), end, left_, 16);
  if (problem != std::errc{} || at != end) return State::kBroken;
  return left_ == 0 ? State::kTrailer : State::kData;
}

}  // namespace base::http_server
