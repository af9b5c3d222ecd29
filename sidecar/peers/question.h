#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "notifier/outbox.h"
#include "sidecar/peers/identity.h"
#include "sidecar/store/deliveries.h"

// What sidecars say to each other, as JSON. Times are milliseconds since 1970.
namespace sidecar::peers {

// {"source", "fingerprint", "kind", "starts_at", "ended_at" (null: open), "at", "channel",
// "target", "part", "since" (null: no bound), "title"}
std::string QuestionJson(const store::Subject& subject);
// kInvalid names the field at fault. Unknown fields are passed over.
base::Result<store::Subject> ParseQuestion(const std::string& text);

// What became of a message at a peer.
struct Answer {
  std::string name;  // the peer's own, at most kMaxWord bytes of printable ASCII
  std::optional<notifier::State> state;  // absent: it knows of no such message
  base::Millis lease_ends_in{0};         // of kSending
  std::string provider_id;               // as a name; "": none
  Told who;
};

// {"name", "state": "delivered" | ... | "unknown", "lease_ends_in_ms", "provider_id", "identity":
// {"version": 1, "run", "position", "name", "sources": [{"name"}]}}
std::string AnswerJson(const Answer& answer);
// kInvalid: what came is no answer. A lease is at most a day. An identity that cannot be read is
// `who.problem`, and takes nothing from what the answer says of the message.
base::Result<Answer> ParseAnswer(const std::string& text);

// {"identity": as an answer's}
std::string IdentityJson(const Identity& identity);
// kInvalid: not a JSON object.
base::Result<Told> ParseIdentity(const std::string& text);

// {"name", "delivered": [{question's fields, "provider_id"}]}
struct News {
  struct Item {
    store::Subject subject;
    std::string provider_id;
  };
  std::string name;
  std::vector<Item> delivered;  // at most kMaxNews
};
std::string NewsJson(const News& news);
base::Result<News> ParseNews(const std::string& text);

inline constexpr std::size_t kMaxWord = 200;
inline constexpr std::size_t kMaxNews = 50;

}  // namespace sidecar::peers
