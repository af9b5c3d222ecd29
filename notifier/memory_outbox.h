#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "notifier/outbox.h"

namespace notifier {

// Ends a brief notice: what comes out of memory is known to nobody when the process ends, or when
// the same message is refused again once it is stored.
inline constexpr std::string_view kNotRecorded =
    "History: not recorded: this notice was made in memory; it may come again.\n";

// An outbox without a disk, for what cannot be written down: it keeps the contract as long as its
// process lives. It has room for `capacity` live rows. Settled rows take none of that room: they
// stay until Remove, so that what was sent is known, and the oldest goes when there are more than
// kSettledFor for each live one.
class MemoryOutbox final : public Outbox {
 public:
  struct Row {
    Message message;
    State state = State::kPending;
    base::WallMs due_at_ms = 0;
    base::WallMs settled_at_ms = 0;  // or released; 0: neither yet
    int attempts = 0;
    bool possible_repeat = false;
    std::string provider_id = {};  // of the accepted try
    std::vector<std::pair<int, Outcome>> tries = {};
    // Which of all tries that ended here the first was, and the accepted one; 0: none.
    long long first_try = 0;
    long long accepted = 0;
    base::WallMs lease_until_ms = 0;
    bool held = false;
  };

  static constexpr std::size_t kSettledFor = 8;

  explicit MemoryOutbox(std::size_t capacity) : capacity_(capacity) {}

  base::Result<std::optional<Claimed>> ClaimNext(std::string_view channel, base::WallMs now,
                                                 base::Millis lease) override;
  base::Status Settle(const Claimed& claimed, const Settlement& settlement,
                      base::WallMs now) override;
  base::Status Release(const Claimed& claimed, base::WallMs due_at_ms, base::WallMs now) override;

  // Pending. The id of the row; kFull: there is no room, kInvalid: the key is there already.
  base::Result<long long> Add(const Message& message);
  [[nodiscard]] std::optional<Row> Find(long long id) const;

  // A held row is not claimed. Hold gives the row as it is from then on, but for the end of a try
  // that is under way. nullopt: there is none.
  std::optional<Row> Hold(long long id);
  void LetGo(long long id);
  void Remove(long long id);  // in every state; a try under way ends as kNotFound

  // Who took the claims so far is gone.
  void LoseClaims();

 private:
  using Rows = std::map<long long, Row>;  // ids grow, so their order is that of adding
  base::Result<long long> AddLocked(const Message& message);
  void DropOldSettled();
  void AddNotice(const Row& lost, const Notice& notice, base::WallMs now);
  void LoseClaim(Row* row, base::WallMs now);
  void Record(Row* row, int number, Outcome outcome);
  [[nodiscard]] long long NextOf(std::string_view channel, base::WallMs now) const;
  [[nodiscard]] bool Waits(long long id, const Row& row) const;
  [[nodiscard]] std::string FirstAccepted(const Row& row) const;
  // The row that a claim is about, while it is this claim's.
  Row* Current(const Claimed& claimed);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Rows rows_;
  long long last_id_ = 0;
  long long tries_ = 0;  // that ended
};

}  // namespace notifier
