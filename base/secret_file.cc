#include "base/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/log.h"

namespace base {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;
constexpr std::size_t kMaxTokenFileBytes = 65'536;
constexpr std::size_t kMinTokenBytes = 16;
constexpr std::size_t kMaxNameBytes = 64;

struct Content {
  std::string text;
  std::string stamp;  // changes whenever the file behind the path does
};

// The time of the last status change is in it too: a chmod that makes the file readable counts.
std::string StampOf(const struct stat& info) {
  const auto nanos = [](const timespec& t) {
    return std::to_string(t.tv_sec) + "." + std::to_string(t.tv_nsec);
  };
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" +
         std::to_string(info.st_size) + ":" + nanos(info.st_mtim) + ":" + nanos(info.st_ctim);
}

std::string StampOfPath(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? StampOf(info) : "gone";
}

Result<Content> ReadSecret(const std::string& path, std::size_t max_bytes) {
  // Non-blocking, so that a FIFO at this path cannot hold the caller.
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info = {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return ErrnoError(path, errno);
  if (!S_ISREG(info.st_mode)) return Error{ErrorCode::kInvalid, path + ": is not a regular file"};

  Content content{.text = {}, .stamp = StampOf(info)};
  std::array<char, 4096> part = {};
  for (;;) {
    const ssize_t got = read(fd.get(), part.data(), part.size());
    if (got == 0) return content;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(path, errno);
    content.text.append(part.data(), static_cast<std::size_t>(got));
    if (content.text.size() > max_bytes) {
      return Error{ErrorCode::kInvalid,
                   path + ": is longer than " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

bool IsPrintable(char c) { return c > ' ' && c < 0x7F; }

bool IsNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '.' || c == '-';
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// One line that is neither blank nor a comment. The error says what is wrong, never what was there.
Result<Token> ParseToken(std::string_view line) {
  const std::size_t gap = line.find_first_of(" \t");
  const bool named = gap != std::string_view::npos;
  const std::string_view name = named ? line.substr(0, gap) : "default";
  const std::string_view secret = named ? Trim(line.substr(gap)) : line;
  if (name.size() > kMaxNameBytes || !std::all_of(name.begin(), name.end(), IsNameByte)) {
    return Error{ErrorCode::kInvalid, "a name is 1 to 64 of A-Z a-z 0-9 _ . -"};
  }
  if (secret.size() < kMinTokenBytes || !std::all_of(secret.begin(), secret.end(), IsPrintable)) {
    return Error{ErrorCode::kInvalid, "a token is at least 16 printable characters without spaces"};
  }
  return Token{.name = std::string(name), .secret = std::string(secret)};
}

// Takes the same time wherever the two differ; only the length of what was presented shows.
bool SameSecret(std::string_view presented, std::string_view secret) {
  std::size_t difference = presented.size() ^ secret.size();
  for (std::size_t i = 0; i < presented.size(); ++i) {
    difference |= static_cast<unsigned char>(presented[i] ^ secret[i % secret.size()]);
  }
  return difference == 0;
}

// What follows "Bearer ", in any case as RFC 9110 wants it; empty when the scheme is another.
std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  return Trim(authorization.substr(kScheme.size()));
}

}  // namespace

Result<std::string> SecretFile::Read() const {
  auto content = ReadSecret(path_, kMaxSecretBytes);
  if (!content) return content.error();
  std::string secret = std::move(content->text);
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return Error{ErrorCode::kInvalid, path_ + ": is empty"};
  if (secret.find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
    return Error{ErrorCode::kInvalid, path_ + ": holds more than one line"};
  }
  return secret;
}

Result<std::vector<Token>> ParseTokens(std::string_view text) {
  std::vector<Token> tokens;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto token = ParseToken(line);
    if (!token) return token.error().Wrap("line " + std::to_string(number));
    tokens.push_back(std::move(*token));
  }
  if (tokens.empty()) return Error{ErrorCode::kInvalid, "holds no token"};
  return tokens;
}

TokenFile::TokenFile(std::string path, std::string stamp, std::vector<Token> tokens)
    : path_(std::move(path)), stamp_(std::move(stamp)), tokens_(std::move(tokens)) {}

Result<std::unique_ptr<TokenFile>> TokenFile::Open(std::string path) {
  auto content = ReadSecret(path, kMaxTokenFileBytes);
  if (!content) return content.error();
  auto tokens = ParseTokens(content->text);
  if (!tokens) return tokens.error().Wrap(path);
  return std::unique_ptr<TokenFile>(
      new TokenFile(std::move(path), std::move(content->stamp), std::move(*tokens)));
}

std::optional<std::string> TokenFile::Match(std::string_view authorization) {
  RereadIfChanged();
  const std::string_view presented = BearerToken(authorization);
  const std::lock_guard lock(mutex_);
  const Token* match = nullptr;
  for (const Token& token : tokens_) {  // all of them, so that the time does not tell which
    if (SameSecret(presented, token.secret)) match = &token;
  }
  if (match == nullptr) return std::nullopt;
  return match->name;
}

bool TokenFile::KeepsOld() {
  RereadIfChanged();
  const std::lock_guard lock(mutex_);
  return !failed_stamp_.empty();
}

bool TokenFile::Has(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return std::any_of(tokens_.begin(), tokens_.end(),
                     [&](const Token& token) { return token.name == name; });
}

std::vector<std::string> TokenFile::Names() {
  std::set<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const Token& token : tokens_) names.insert(token.name);
  return {names.begin(), names.end()};
}

// The file is read without the lock: two threads may read it at once, and the loser is put right by
// the next call. A file that does not read is tried again each time but logged once.
void TokenFile::RereadIfChanged() {
  const std::string seen = StampOfPath(path_);
  {
    const std::lock_guard lock(mutex_);
    if (seen == stamp_) {
      failed_stamp_.clear();
      return;
    }
  }
  auto fresh = Open(path_);
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    if (fresh.ok()) {
      stamp_ = std::move((*fresh)->stamp_);
      tokens_ = std::move((*fresh)->tokens_);
      failed_stamp_.clear();
      return;
    }
    if (failed_stamp_ != seen) problem = fresh.error().message;
    failed_stamp_ = seen;
  }
  if (!problem.empty()) log::Warning("token_file_kept_old", {{"error", problem}});
}

}  // namespace base
