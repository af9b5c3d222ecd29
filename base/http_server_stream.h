#pragma once

#include <httplib.h>

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/http_server_chunks.h"
#include "base/http_server_head.h"
#include "base/result.h"

// Private to http_server: one connection, as cpp-httplib's Stream.
namespace base::http_server {

struct StreamLimits {
  Millis message_deadline{};
  Millis idle_timeout{};
  Millis write_deadline{};
  std::size_t max_header_bytes = 0;
};

// What else ends the wait for a request: readable when the server stops, and while connections wait
// for a thread.
struct StreamSignals {
  int stop_fd = -1;
  int pressure_fd = -1;
};

// One request at a time: WaitForRequest, ReadHead, then httplib reads the body and writes the
// answer, then Flush. To httplib the body looks like one that ends with the stream, whatever its
// coding; what it writes is kept and sent at once by Flush.
class ConnectionStream final : public httplib::Stream {
 public:
  ConnectionStream(int fd, const StreamLimits& limits, const StreamSignals& signals);  // owns fd

  // Whether a request begins; if not, the connection is to be closed. The deadline of the message
  // runs from here.
  bool WaitForRequest();
  // kTimeout, kFull (over the byte budget) and kInvalid deserve an answer; kUnavailable does not:
  // the client has gone.
  Result<Head> ReadHead();
  // The lines httplib reads before the body.
  void SetHeadForHttplib(std::string text) { head_ = std::move(text); }
  // Whether the whole message was read, so that the next byte begins another.
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] bool timed_out() const { return timed_out_; }

  // Throws away what was written and not flushed.
  void DropAnswer() { out_.clear(); }
  // Sends what was written. false when the client does not take it before the deadline.
  bool Flush();
  // Closes so that the client can still read the answer while it sends what nobody will read.
  void CloseGently();

  ssize_t read(char* ptr, size_t size) override;
  ssize_t write(const char* ptr, size_t size) override;
  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  // httplib wants it only to answer 500 for numbers that select() cannot take; poll() can.
  [[nodiscard]] socket_t socket() const override { return INVALID_SOCKET; }

 private:
  bool WaitReadable(SteadyTime deadline, const StreamSignals& signals);
  bool Receive();  // at least one more byte in in_, before the message's deadline
  bool Send(std::string_view data);
  ssize_t ReadLength(char* ptr, std::size_t size);
  ssize_t ReadChunks(char* ptr, std::size_t size);

  const Fd fd_;
  const StreamLimits limits_;
  const StreamSignals signals_;
  SteadyTime deadline_;
  std::string in_;    // received and not read yet
  std::string head_;  // what httplib reads first
  std::string out_;
  BodyKind body_ = BodyKind::kNone;
  std::uint64_t body_left_ = 0;
  ChunkReader chunks_;
  bool owes_continue_ = false;
  bool timed_out_ = false;
  bool served_ = false;  // a request began here before
};

}  // namespace base::http_server
