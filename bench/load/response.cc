#include "bench/load/response.h"

#include <strings.h>

#include <charconv>

namespace load {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

bool SameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view Trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Whether the list, as of Connection, holds the word.
bool Lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (SameWord(Trimmed(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

void ResponseParser::Reset() {
  state_ = State::kMore;
  head_.clear();
  in_body_ = begun_ = has_length_ = false;
  keep_ = true;
  length_ = left_ = 0;
  status_ = 0;
  problem_ = "";
}

ResponseParser::State ResponseParser::Bad(const char* problem) {
  keep_ = false;
  problem_ = problem;
  return state_ = State::kBad;
}

ResponseParser::State ResponseParser::Feed(std::string_view bytes) {
  if (bytes.empty()) return state_;
  begun_ = true;
  if (state_ != State::kMore) {  // unasked bytes: the next answer could not be told from them
    keep_ = false;
    return state_;
  }
  if (in_body_) return TakeBody(bytes.size());
  std::size_t end = head_.empty() ? bytes.find(kEnd) : std::string_view::npos;
  if (end != std::string_view::npos) {
    if (end + kEnd.size() > kHeadMax) return Bad("the answer's head is too long");
    if (TakeHead(bytes.substr(0, end)) == State::kBad) return state_;
    return TakeBody(bytes.size() - end - kEnd.size());
  }
  const std::size_t before = head_.size();
  const std::size_t room = kHeadMax - before;
  head_.append(bytes.substr(0, room));
  end = head_.find(kEnd, before < kEnd.size() ? 0 : before - (kEnd.size() - 1));
  if (end == std::string::npos) {
    return head_.size() == kHeadMax ? Bad("the answer's head is too long") : state_;
  }
  if (TakeHead(std::string_view(head_).substr(0, end)) == State::kBad) return state_;
  return TakeBody(before + bytes.size() - end - kEnd.size());
}

ResponseParser::State ResponseParser::End() {
  if (state_ != State::kMore) return state_;
  keep_ = false;
  if (in_body_ && !has_length_) return state_ = State::kDone;
  return Bad(begun_ ? "the connection ended within the answer"
                    : "the connection ended without an answer");
}

ResponseParser::State ResponseParser::TakeHead(std::string_view head) {
  std::size_t end = std::min(head.find("\r\n"), head.size());
  if (!TakeStatusLine(head.substr(0, end))) return Bad("the answer is no HTTP/1.x");
  while (end < head.size()) {
    head.remove_prefix(end + 2);
    end = std::min(head.find("\r\n"), head.size());
    if (!TakeField(head.substr(0, end))) return state_;
  }
  if (status_ == 204 || status_ == 304) {  // RFC 9112 6.3: never with a body
    has_length_ = true;
    length_ = 0;
  }
  if (!has_length_) keep_ = false;
  in_body_ = true;
  left_ = has_length_ ? length_ : 0;
  return state_;
}

bool ResponseParser::TakeStatusLine(std::string_view line) {
  // "HTTP/1.1 200 OK"; the reason may be absent.
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return false;
  if (line[7] != '0' && line[7] != '1') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  const auto [rest, problem] = std::from_chars(&line[9], &line[9] + 3, status_);
  if (line[7] == '0') keep_ = false;
  return problem == std::errc() && rest == &line[9] + 3 && status_ >= 200 && status_ <= 599;
}

bool ResponseParser::TakeField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) {
    Bad("a line of the answer's head is no field");
    return false;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (SameWord(name, "content-length")) return TakeLength(value);
  if (SameWord(name, "transfer-encoding")) {
    Bad("the answer is chunked, which is not read here");
    return false;
  }
  if (SameWord(name, "connection") && Lists(value, "close")) keep_ = false;
  return true;
}

bool ResponseParser::TakeLength(std::string_view value) {
  std::size_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, problem] = std::from_chars(value.data(), end, length);
  if (value.empty() || problem != std::errc() || rest != end ||
      (has_length_ && length != length_)) {
    Bad("the answer's Content-Length is not one number");
    return false;
  }
  if (length > kBodyMax) {
    Bad("the answer's body is too long");
    return false;
  }
  length_ = length;
  has_length_ = true;
  return true;
}

ResponseParser::State ResponseParser::TakeBody(std::size_t count) {
  if (!has_length_) {
    length_ += count;
    return length_ > kBodyMax ? Bad("the answer's body is too long") : state_;
  }
  if (count > left_) keep_ = false;
  left_ -= std::min(left_, count);
  return state_ = left_ == 0 ? State::kDone : State::kMore;
}

}  // namespace load
