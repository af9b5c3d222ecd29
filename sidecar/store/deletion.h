#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

// What one transaction of the retention deletes, until it is enough: then the rest of what it is
// asked for stays for the next one. Inside the caller's Work. The first error sticks.
class Deletion {
 public:
  static constexpr std::int64_t kRows = 200;
  static constexpr std::int64_t kBytes = 8 << 20;  // of raw webhooks, give or take one

  explicit Deletion(const Database& database) : database_(database) {}
  [[nodiscard]] const base::Status& status() const { return status_; }
  [[nodiscard]] std::int64_t done() const { return done_; }  // of what was asked for
  [[nodiscard]] std::int64_t transitions() const { return transitions_; }

  void Webhook(std::int64_t id);  // unless something refers to it
  void Message(std::int64_t id);  // with its tries
  // With transitions, their messages, and webhooks that nothing else refers to. A large one takes
  // several transactions, and goes last itself.
  void Episode(std::int64_t id);

 private:
  using Pair = std::pair<std::int64_t, std::optional<std::int64_t>>;

  [[nodiscard]] bool Enough() const { return rows_ <= 0 || bytes_ <= 0 || !status_; }
  std::vector<Pair> Pairs(const char* sql, std::int64_t of);
  void Run(const char* sql, std::int64_t id);
  bool MessageWithAttempts(std::int64_t id);
  bool RawWebhook(std::int64_t id);
  void Note(const base::Status& status);

  const Database& database_;
  base::Status status_;
  std::int64_t rows_ = kRows - 1;  // a transition may take its webhook along
  std::int64_t bytes_ = kBytes;
  std::int64_t done_ = 0;
  std::int64_t transitions_ = 0;
};

}  // namespace sidecar::store
