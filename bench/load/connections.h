#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "bench/load/response.h"
#include "bench/load/rows.h"
#include "bench/load/slots.h"
#include "bench/load/tally.h"
#include "bench/load/target.h"

namespace load {

struct ConnectionOptions {
  bool keep = true;                  // false: a new connection for each request
  std::size_t max = 1024;            // open at once, all targets together
  Nanos timeout{2'000'000'000};      // of a request, from its send
  Nanos pass_over_for{500'000'000};  // how long a target that refused a connection rests
};

// One request under way. Times are since the start of the run.
struct Request {
  std::size_t phase = 0;
  std::size_t row = 0;
  std::uint64_t number = 0;
  Nanos due{0};
  Nanos sent_at{0};      // first hand-over
  bool offered = false;  // counted as such
  bool sent = false;     // counted as such
  bool retried = false;
};

// The sockets: hands requests over, reads the answers, tells `tallies`. Sockets are non-blocking
// and edge-triggered in the epoll instance given; a request in flight costs one send and one recv.
//
// A kept connection that the server closed between two requests is no failure: when nothing of the
// answer came, the request goes once more, on another. A request goes to the target with the fewest
// under way, in turns where several have; one that refused a connection is passed over for a while
// as long as there is another, or it would draw all load as the quickest.
//
// One thread. `rows`, `tallies` and `clock` must outlive it.
class Connections {
 public:
  Connections(const ConnectionOptions& options, int epoll, const std::vector<Row>* rows,
              Tallies* tallies, const base::Clock* clock, base::SteadyTime start);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Idle connections to targets that are gone are closed, busy ones end with their answer.
  void SetTargets(const std::vector<Target>& targets);
  // Hands over one request: counted as offered, or as not sent.
  void Send(const Request& request);
  // What epoll said. `token` is what the connection registered; one of an older connection is
  // nothing.
  void OnEvent(std::uint64_t token, std::uint32_t events);
  // Gives up what was sent too long ago.
  void Expire();
  // When the next request may be given up; nullopt when none is under way.
  [[nodiscard]] std::optional<Nanos> NextExpiry() const;
  // The run ends: what is under way is counted as unfinished and closed.
  void Abandon();

  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t open() const { return open_; }

 private:
  enum class State { kFree, kIdle, kConnecting, kSending, kWaiting };
  struct Connection {
    base::Fd fd;
    State state = State::kFree;
    std::uint32_t generation = 0;
    bool used = false;  // has carried an answer before
    std::size_t target = 0;
    std::size_t written = 0;  // of the request
    Request request;
    ResponseParser answer;
  };
  struct Server {
    Target target;
    std::string head;  // of each request, up to its Content-Length
    bool gone = false;
    std::size_t open = 0;
    std::size_t in_flight = 0;
    SlotList idle;  // the last used first: the fewest connections stay warm
    Nanos rests_until{0};
  };

  enum class Opened { kYes, kNoRoom, kRefused };

  [[nodiscard]] Nanos Now() const;
  [[nodiscard]] std::optional<std::size_t> ChooseServer(Nanos now);
  // An idle connection for a request that `server` should have; another server's when there is room
  // for no further one. kNoSlot: one must be opened.
  std::size_t IdleFor(std::size_t server);
  Opened Open(std::size_t server, std::size_t* slot, bool* connected);
  void Hand(Request request);
  void NotHanded(const Request& request, void (Tallies::*count)(std::size_t), const char* why);
  void Begin(std::size_t slot, State state, const Request& request);
  void Write(std::size_t slot);
  void Read(std::size_t slot, bool ended);
  void Done(std::size_t slot, bool ended);
  void Broken(std::size_t slot, const std::string& why);
  void LeaveBusy(std::size_t slot);
  void Close(std::size_t slot);

  const ConnectionOptions options_;
  const int epoll_;
  const std::vector<Row>& rows_;
  Tallies& tallies_;
  const base::Clock& clock_;
  const base::SteadyTime start_;

  std::vector<Server> servers_;
  std::size_t turn_ = 0;
  std::vector<Connection> connections_;
  std::vector<SlotLink> links_;
  std::vector<std::size_t> free_;
  SlotList busy_;  // in the order of sent_at: the first one times out first
  std::size_t in_flight_ = 0;
  std::size_t open_ = 0;
  std::string scratch_;  // the request that is being written
  std::vector<char> input_;
};

}  // namespace load
