#include "sidecar/query/listing.h"

#include "base/json_reader.h"

namespace sidecar::query {
namespace {

using base::JsonReader;
using store::EpisodeRow;

constexpr std::size_t kMaxName = 200;

std::int64_t Count(const char* name, JsonReader* reader) {
  return reader->Number(name, 0, std::int64_t{1} << 53);
}

EpisodeRow ReadEpisode(JsonReader* reader) {
  EpisodeRow row{.id = Count("id", reader),
                 .source = reader->Text("source"),
                 .fingerprint = reader->Text("fingerprint"),
                 .name = reader->Text("name"),
                 .severity = reader->Text("severity"),
                 .labels_json = reader->Object("labels"),
                 .annotations_json = reader->Object("annotations"),
                 .generator_url = reader->Text("generator_url"),
                 .starts_at_ms = reader->Utc("starts_at"),
                 .first_seen_ms = reader->Utc("first_seen"),
                 .last_seen_ms = reader->Utc("last_seen"),
                 .seen_count = Count("seen_count", reader),
                 .flaps = Count("flaps", reader),
                 .late = reader->Flag("late")};
  if (!reader->IsNull("ended_at")) row.ended_at_ms = reader->Utc("ended_at");
  if (!reader->IsNull("end_reason")) row.end_reason = reader->Text("end_reason");
  return row;
}

base::Error Garbage(const std::string& what) { return {base::ErrorCode::kInvalid, what}; }

}  // namespace

base::Result<PeerListing> ParseListing(const std::string& text, std::size_t most) {
  JsonReader reader(text);
  PeerListing listing{.name = reader.Text("receiver", kMaxName)};
  std::vector<JsonReader> alerts = reader.Items("alerts", most);
  if (!reader.status()) return reader.status().error();
  if (listing.name.empty()) return Garbage("receiver: no name");
  listing.episodes.reserve(alerts.size());
  for (JsonReader& alert : alerts) {
    EpisodeRow row = ReadEpisode(&alert);
    if (!alert.status()) return alert.status().error().Wrap("alerts");
    if (!listing.episodes.empty() && row.id >= listing.episodes.back().id) {
      return Garbage("alerts: not ordered by id");
    }
    listing.episodes.push_back(std::move(row));
  }
  listing.more = reader.Has("next_cursor");
  if (listing.more && listing.episodes.empty()) return Garbage("next_cursor: after nothing");
  return listing;
}

}  // namespace sidecar::query
