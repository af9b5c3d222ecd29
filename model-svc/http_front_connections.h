#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "model-svc/http_front.h"

// Private to http_front: what is known of each connection, and when one has had its time.
namespace model::http_front {

//   kWaiting -- a request line --> kHead -- the last header --> kBody -- the last byte -->
//   kHandling
//       ^                                      (an early refusal) |                            |
//       +--- the last byte of the answer --- kAnswering <---------+------- the handler's answer
// A request line that dribbles in counts as waiting. kHead and kBody share one clock.
enum class Phase : std::uint8_t { kWaiting, kHead, kBody, kHandling, kAnswering };

// The phase and since when, in one word: written by a thread of libmicrohttpd, read by the keeper.
class PhaseMark {
 public:
  explicit PhaseMark(base::SteadyTime now) { Enter(Phase::kWaiting, now); }
  void Enter(Phase phase, base::SteadyTime now);
  [[nodiscard]] Phase phase() const;
  [[nodiscard]] base::Millis In(base::SteadyTime now) const;  // how long in this phase
  [[nodiscard]] std::uint64_t word() const { return word_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> word_ = 0;
};

// What the front as a whole is in when a connection is judged.
struct Situation {
  bool crowded = false;                      // 3/4 of max_connections are taken
  std::optional<base::Millis> draining_for;  // since Stop()
};

enum class Verdict {
  kKeep,
  kRetire,  // no further request: one that is under way here is still answered
  kCut,     // at once
};

// Kept connections are given so long for a request that is on its way when Stop() comes.
constexpr base::Millis kDrainGrace{1'000};

Verdict Judge(Phase phase, base::Millis in_phase, const Situation& situation,
              const HttpFrontOptions& limits);

// One connection. All but `mark` and what the table keeps belong to the thread of libmicrohttpd
// that serves it.
struct Connection {
  Connection(int descriptor, base::SteadyTime now) : fd(descriptor), mark(now) {}

  const int fd;
  PhaseMark mark;
  bool retired = false;         // of the table
  std::size_t index = 0;        // of the table
  std::uint64_t looked_at = 0;  // of the table: the mark's word for which CloseIfLeft was done
  bool admitted = false;        // holds one of max_connections

  // The present request; the memory is used again for the next one.
  base::SteadyTime started{};
  std::size_t path = 0;  // index of the path, see http_front_routes.h
  const base::Route* route = nullptr;
  bool begun = false;   // its head was looked at
  bool unread = false;  // something of it may not have been read yet
  bool has_query = false;
  const char* target_end = nullptr;  // in libmicrohttpd's memory, for ReadHead only
  base::HttpRequest request;
  std::size_t longest = 0;                    // of the body, by its head
  std::size_t reserved = 0;                   // of the body budget
  std::optional<base::HttpResponse> refusal;  // decided by the head, said when the request is read
  std::string answer;                         // the body that is being sent
};

// All connections. Thread-safe.
class ConnectionTable {
 public:
  Connection* Add(int fd, base::SteadyTime now);
  // Before the descriptor is closed: it may be another's right after.
  void Remove(Connection* connection);
  // Shuts down those whose time is over; libmicrohttpd then closes them.
  void Sweep(base::SteadyTime now, const Situation& situation, const HttpFrontOptions& limits);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace model::http_front
