#include "sidecar/query/listing.h"

#include <nlohmann/json.hpp>

namespace sidecar::query {
namespace {

using base::Error;
using base::ErrorCode;
using nlohmann::json;
using store::EpisodeRow;

constexpr std::size_t kMaxName = 200;

// Reads the fields of one episode; what is missing or wrong spoils all of it.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}
  [[nodiscard]] bool good() const { return good_; }

  std::string Text(const char* name) {
    const json* value = Find(name);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    good_ = false;
    return {};
  }
  std::string TextOrNull(const char* name) {
    const json* value = Find(name);
    return value != nullptr && value->is_null() ? "" : Text(name);
  }
  std::int64_t Number(const char* name) {
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    const json* value = Find(name);
    const bool fits = value != nullptr && value->is_number_unsigned() &&
                      value->get<std::uint64_t>() <= static_cast<std::uint64_t>(kMost);
    good_ = good_ && fits;
    return fits ? value->get<std::int64_t>() : 0;
  }
  bool Flag(const char* name) {
    const json* value = Find(name);
    const bool fits = value != nullptr && value->is_boolean();
    good_ = good_ && fits;
    return fits && value->get<bool>();
  }
  base::WallMs Time(const char* name) {
    base::WallMs at = 0;
    good_ = base::ParseUtc(Text(name), &at) && good_;
    return at;
  }
  std::optional<base::WallMs> TimeOrNull(const char* name) {
    const json* value = Find(name);
    if (value != nullptr && value->is_null()) return std::nullopt;
    return Time(name);
  }
  std::string Object(const char* name) {
    const json* value = Find(name);
    good_ = good_ && value != nullptr && value->is_object();
    return good_ ? value->dump(-1, ' ', false, json::error_handler_t::replace) : "{}";
  }

 private:
  const json* Find(const char* name) {
    const auto found = object_.find(name);
    good_ = good_ && found != object_.end();
    return found == object_.end() ? nullptr : &*found;
  }

  const json& object_;
  bool good_ = true;
};

std::optional<EpisodeRow> ParseEpisode(const json& object) {
  if (!object.is_object()) return std::nullopt;
  Reader reader(object);
  EpisodeRow row{.id = reader.Number("id"),
                 .source = reader.Text("source"),
                 .fingerprint = reader.Text("fingerprint"),
                 .name = reader.Text("name"),
                 .severity = reader.Text("severity"),
                 .labels_json = reader.Object("labels"),
                 .annotations_json = reader.Object("annotations"),
                 .generator_url = reader.Text("generator_url"),
                 .starts_at_ms = reader.Time("starts_at"),
                 .ended_at_ms = reader.TimeOrNull("ended_at"),
                 .end_reason = reader.TextOrNull("end_reason"),
                 .first_seen_ms = reader.Time("first_seen"),
                 .last_seen_ms = reader.Time("last_seen"),
                 .seen_count = reader.Number("seen_count"),
                 .flaps = reader.Number("flaps"),
                 .late = reader.Flag("late")};
  if (!reader.good()) return std::nullopt;
  return row;
}

Error Garbage(const std::string& what) { return {.code = ErrorCode::kInvalid, .message = what}; }

}  // namespace

base::Result<PeerListing> ParseListing(const std::string& text, std::size_t most) {
  const json whole = json::parse(text, nullptr, false);
  if (!whole.is_object()) return Garbage("not a JSON object");
  PeerListing listing;
  const auto name = whole.find("receiver");
  if (name != whole.end() && name->is_string()) listing.name = name->get<std::string>();
  if (listing.name.empty() || listing.name.size() > kMaxName) return Garbage("receiver: no name");
  const auto alerts = whole.find("alerts");
  if (alerts == whole.end() || !alerts->is_array() || alerts->size() > most) {
    return Garbage("alerts: not an array of at most " + std::to_string(most));
  }
  listing.episodes.reserve(alerts->size());
  for (const json& object : *alerts) {
    auto row = ParseEpisode(object);
    if (!row) return Garbage("alerts: one is no episode");
    if (!listing.episodes.empty() && row->id >= listing.episodes.back().id) {
      return Garbage("alerts: not ordered by id");
    }
    listing.episodes.push_back(std::move(*row));
  }
  const auto cursor = whole.find("next_cursor");
  listing.more = cursor != whole.end() && !cursor->is_null();
  if (listing.more && listing.episodes.empty()) return Garbage("next_cursor: after nothing");
  return listing;
}

}  // namespace sidecar::query
