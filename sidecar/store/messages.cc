#include "sidecar/store/messages.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace sidecar::store {
namespace {

using nlohmann::json;
using notifier::Span;

constexpr char kAdd[] = R"sql(
INSERT INTO outbox (key, channel, target, thread, subject, text, bold, html, severity, urgent,
                    created_at_ms, due_at_ms, part, transition_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, max(?11, ?12), ?13, ?14)
)sql";

// As kAdd, unless the key is there, with the transition of row ?14.
constexpr char kAddOnce[] = R"sql(
INSERT INTO outbox (key, channel, target, thread, subject, text, bold, html, severity, urgent,
                    created_at_ms, due_at_ms, part, transition_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, max(?11, ?12), ?13,
        (SELECT transition_id FROM outbox WHERE id = ?14))
ON CONFLICT (key) DO NOTHING
)sql";

// What the server called the first message of a thread that it accepted.
constexpr char kFirstAccepted[] = R"sql(
SELECT provider_id FROM outbox JOIN attempts ON outbox_id = outbox.id
WHERE channel = ? AND target = ? AND thread = ? AND state = 'delivered'
  AND outcome IN ('delivered', 'elsewhere') AND provider_id <> ''
ORDER BY outbox.id, attempts.id LIMIT 1
)sql";

// "+" keeps SQLite from going over all live rows: those of one alert are found by their transition.
// Of its newest episodes alone: an alert that came for months has thousands.
constexpr char kHurryEarlier[] = R"sql(
UPDATE outbox SET urgent = 1
WHERE +state IN ('pending', 'sending', 'retrying', 'ambiguous') AND transition_id IN (
  SELECT id FROM transitions WHERE episode_id IN (
    SELECT id FROM episodes WHERE source = ? AND fingerprint = ? ORDER BY id DESC LIMIT 20))
)sql";

// "+" as above.
constexpr char kWaits[] = R"sql(
SELECT 1 FROM outbox
WHERE +state IN ('pending', 'sending', 'retrying', 'ambiguous') AND transition_id IN (
  SELECT transitions.id FROM transitions JOIN episodes ON episodes.id = episode_id
  WHERE source = ? AND fingerprint = ?)
LIMIT 1
)sql";

std::string SpansText(const std::vector<Span>& spans) {
  json text = json::array();
  for (const auto& [begin, end] : spans) text.push_back({begin, end});
  return text.dump();
}

// What SpansText wrote; anything else has no spans.
std::vector<Span> ParseSpans(const std::string& text) {
  std::vector<Span> spans;
  for (const json& pair : json::parse(text, nullptr, false)) {
    if (!pair.is_array() || pair.size() != 2) return {};
    if (!pair[0].is_number_unsigned() || !pair[1].is_number_unsigned()) return {};
    spans.push_back({pair[0].get<std::size_t>(), pair[1].get<std::size_t>()});
  }
  return spans;
}

base::Status Add(const Database& database, const char* sql, const notifier::Message& message,
                 std::optional<std::int64_t> id) {
  return database.Prepare(sql)
      .Bind(message.key)
      .Bind(message.channel)
      .Bind(message.target)
      .Bind(message.thread)
      .Bind(message.subject)
      .Bind(message.text)
      .Bind(SpansText(message.bold))
      .Bind(message.html)
      .Bind(message.severity)
      .Bind(std::int64_t{message.urgent})
      .Bind(message.created_at_ms)
      .Bind(message.not_before_ms)
      .Bind(std::int64_t{message.part})
      .Bind(id)
      .Run();
}

}  // namespace

base::Result<std::int64_t> AddMessage(const Database& database, const notifier::Message& message,
                                      std::optional<std::int64_t> transition_id) {
  const auto added = Add(database, kAdd, message, transition_id);
  if (!added) return added.error();
  return database.LastId();
}

base::Status AddMessageOnce(const Database& database, const notifier::Message& message,
                            std::int64_t like) {
  return Add(database, kAddOnce, message, like);
}

base::Status HurryEarlier(const Database& database, const std::string& source,
                          const std::string& fingerprint) {
  return database.Prepare(kHurryEarlier).Bind(source).Bind(fingerprint).Run();
}

base::Result<bool> AnyWaits(const Database& database, const std::string& source,
                            const std::string& fingerprint) {
  Statement waits = database.Prepare(kWaits);
  waits.Bind(source).Bind(fingerprint);
  if (waits.Next()) return true;
  if (!waits.status()) return waits.status().error();
  return false;
}

notifier::Message ReadMessage(const Statement& row, int first) {
  return {.key = row.Text(first),
          .channel = row.Text(first + 1),
          .target = row.Text(first + 2),
          .thread = row.Text(first + 3),
          .subject = row.Text(first + 4),
          .text = row.Text(first + 5),
          .bold = ParseSpans(row.Text(first + 6)),
          .html = row.Text(first + 7),
          .severity = row.Text(first + 8),
          .alert = row.Text(first + 12),
          .episode = row.Int(first + 13),
          .urgent = row.Int(first + 9) != 0,
          .part = static_cast<int>(row.Int(first + 11)),
          .created_at_ms = row.Int(first + 10)};
}

base::Status FindFirstAccepted(const Database& database, const notifier::Message& message,
                               std::string* provider_id) {
  Statement first = database.Prepare(kFirstAccepted);
  first.Bind(message.channel).Bind(message.target).Bind(message.thread);
  if (first.Next()) *provider_id = first.Text(0);
  return first.status();
}

}  // namespace sidecar::store
