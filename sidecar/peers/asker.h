#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/curl_client.h"
#include "base/metrics.h"
#include "base/result.h"

// The sidecars that share one history.
namespace sidecar::peers {

// Another sidecar.
struct Peer {
  int position = 0;
  std::string name;  // by its URL: who does not answer cannot tell its own
  std::string url;   // without a path
};

// All of `urls` but the one at `position`, in order. A peer is called by the first word of its host
// name ("fraud-1"), or by host and port where that would not tell one from another. Pure.
std::vector<Peer> Others(const std::vector<std::string>& urls, int position);

// A call to one peer.
struct Letter {
  Peer to;
  std::string method = "GET";
  std::string path;  // and query
  std::string body;
  bool may_lack = false;  // an older release has no such path: its 404 counts as an answer
};

struct Bounds {
  base::Millis timeout{2'000};
  std::size_t max_answer_bytes = 64 << 10;
};

// The seam to the network: base::CurlClient::Http in the program, a fake in tests, called from
// several threads at once.
using SendHttp = std::function<base::HttpOutcome(const base::HttpCall&, const std::stop_token&)>;

// Asks peers, all at once. Thread-safe. Metrics: fraud_sidecar_peer_asks_total{peer,
// result=answered,failed}, fraud_sidecar_peer_garbage_total{peer}.
class Asker {
 public:
  // `token_file` as --peer-token-file: its first token is sent, read at each call.
  Asker(std::vector<Peer> others, std::string token_file, SendHttp send, base::Metrics* metrics);

  [[nodiscard]] const std::vector<Peer>& others() const { return others_; }

  // The bodies, in the order of the letters, within bounds.timeout and about a second. An Error for
  // whatever is not a 200 with at most so many bytes; it never holds a token. kDenied means that
  // the peer refused the token, kNotFound that it has no such path, and nothing else.
  [[nodiscard]] std::vector<base::Result<std::string>> Ask(const std::vector<Letter>& letters,
                                                           const Bounds& bounds,
                                                           const std::stop_token& stop) const;

  // Whoever reads an answer tells here that it says nothing: a log line and a counter.
  void NoteGarbage(const Peer& peer, const std::string& problem) const;

 private:
  [[nodiscard]] base::Result<std::string> AskOne(const Letter& letter, const std::string& token,
                                                 const Bounds& bounds,
                                                 const std::stop_token& stop) const;
  [[nodiscard]] base::Counter& GarbageOf(const Peer& peer) const;

  const std::vector<Peer> others_;
  const std::string token_file_;
  const SendHttp send_;
  base::Metrics* metrics_;
};

}  // namespace sidecar::peers
