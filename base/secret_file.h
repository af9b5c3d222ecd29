#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Secrets live in files, are read again when the file changes, and never print themselves.
namespace base {

// One secret per file, the trailing line end cut: a password. Thread-safe.
class SecretFile {
 public:
  explicit SecretFile(std::string path) : path_(std::move(path)) {}
  // Read at each call, so a rotated secret is used at once. kNotFound, kDenied, kInvalid (empty,
  // several lines, or over 4 KiB); the error names the file only.
  [[nodiscard]] Result<std::string> Read() const;

 private:
  std::string path_;
};

struct Token {
  std::string name;  // who this is: the `source` of a webhook
  std::string secret;
};

// One token per line, "NAME TOKEN" or "TOKEN" (name "default"); # comments and blank lines; all
// lines are valid, several may share a name. A token has at least 16 printable characters without
// spaces, a name is [A-Za-z0-9_.-]{1,64}. kInvalid names the line, or says that there is no token.
Result<std::vector<Token>> ParseTokens(std::string_view text);

// The bearer tokens of one scope. Thread-safe.
class TokenFile {
 public:
  static Result<std::unique_ptr<TokenFile>> Open(std::string path);
  // The name behind an "Authorization: Bearer ..." value, or nullopt. Compares in constant time.
  // Re-reads a changed file first; when that fails the tokens read before stay valid (a rotation
  // never refuses) and the failure is logged.
  [[nodiscard]] std::optional<std::string> Match(std::string_view authorization);
  // Whether the file as it is now does not read, so that older tokens count.
  [[nodiscard]] bool KeepsOld();
  // Whether a token of that name was read last.
  [[nodiscard]] bool Has(std::string_view name);
  // All names that were read last, sorted, each once.
  [[nodiscard]] std::vector<std::string> Names();

 private:
  TokenFile(std::string path, std::string stamp, std::vector<Token> tokens);
  void RereadIfChanged();

  const std::string path_;
  std::mutex mutex_;
  std::string stamp_;         // inode, size, times of what `tokens_` was read from
  std::string failed_stamp_;  // of a change that did not read and was logged
  std::vector<Token> tokens_;
};

}  // namespace base
