#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "notifier/message.h"
#include "sidecar/store/database.h"

// A message as a row of `outbox`: written once, read at each claim. Inside the caller's Work.
namespace sidecar::store {

// What begins the key of a test message, which is about no alert.
inline constexpr std::string_view kTestKey = "test-";

// Adds a row, pending and due at max(created_at_ms, not_before_ms). The id of the row. kInvalid:
// its key is there already.
base::Result<std::int64_t> AddMessage(const Database& database, const notifier::Message& message,
                                      std::optional<std::int64_t> transition_id);

// The same, of the transition of row `like`, unless its key is there already.
base::Status AddMessageOnce(const Database& database, const notifier::Message& message,
                            std::int64_t like);

// Makes urgent what still waits about the alert's newest episodes (20), so that it goes before the
// message of a new one: the last word about an alert has to be the newest.
base::Status HurryEarlier(const Database& database, const std::string& source,
                          const std::string& fingerprint);

// Whether a message about that alert is still to be sent.
base::Result<bool> AnyWaits(const Database& database, const std::string& source,
                            const std::string& fingerprint);

// The columns of a message, in the order in which ReadMessage takes them from column `first` on.
inline constexpr char kMessageColumns[] = R"sql(
key, channel, target, thread, subject, text, bold, html, severity, urgent, created_at_ms, part,
(SELECT episodes.name FROM transitions JOIN episodes ON episodes.id = transitions.episode_id
 WHERE transitions.id = outbox.transition_id),
(SELECT episode_id FROM transitions WHERE transitions.id = outbox.transition_id)
)sql";
notifier::Message ReadMessage(const Statement& row, int first);

// What the server called the first message it accepted of this one's (channel, target, thread);
// *provider_id stays as it is when there is none.
base::Status FindFirstAccepted(const Database& database, const notifier::Message& message,
                               std::string* provider_id);

}  // namespace sidecar::store
