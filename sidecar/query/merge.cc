#include "sidecar/query/merge.h"

#include <algorithm>

namespace sidecar::query {
namespace {

using store::EpisodeRow;

bool SameAlert(const EpisodeRow& a, const EpisodeRow& b) {
  const auto begins_before_end = [](const EpisodeRow& one, const EpisodeRow& other) {
    return !other.ended_at_ms || one.starts_at_ms <= *other.ended_at_ms;
  };
  return a.fingerprint == b.fingerprint && a.source == b.source && begins_before_end(a, b) &&
         begins_before_end(b, a);
}

// One source while its rows are taken.
struct Reading {
  const Source* source = nullptr;
  std::vector<bool> taken;
  std::size_t head = 0;  // all before it are taken

  [[nodiscard]] bool active() const { return source->episodes.has_value(); }
  [[nodiscard]] const EpisodeRow& row(std::size_t i) const { return (*source->episodes)[i]; }
  [[nodiscard]] bool empty() const { return head == taken.size(); }
  void Take(std::size_t i) {
    taken[i] = true;
    while (!empty() && taken[head]) ++head;
  }
};

std::vector<Reading> Begin(const std::vector<Source>& sources, const std::vector<Place>& places) {
  std::vector<Reading> readings(sources.size());
  for (std::size_t r = 0; r < sources.size(); ++r) {
    readings[r].source = &sources[r];
    if (!readings[r].active()) continue;
    readings[r].taken.assign(sources[r].episodes->size(), false);
    for (std::size_t i = 0; i < readings[r].taken.size(); ++i) {
      if (places[r].taken.contains(readings[r].row(i).id)) readings[r].Take(i);
    }
  }
  return readings;
}

// Whose head is the newest. nullopt: all were read to their ends, or one was that has more.
std::optional<std::size_t> Newest(const std::vector<Reading>& readings) {
  std::optional<std::size_t> newest;
  for (std::size_t r = 0; r < readings.size(); ++r) {
    const Reading& reading = readings[r];
    if (!reading.active()) continue;
    if (reading.empty() && reading.source->more) return std::nullopt;
    if (reading.empty()) continue;
    const auto seen = [](const Reading& each) { return each.row(each.head).first_seen_ms; };
    if (!newest || seen(reading) > seen(readings[*newest])) newest = r;
  }
  return newest;
}

void Add(const Source& source, const EpisodeRow& row, Entry* entry,
         std::vector<const EpisodeRow*>* members) {
  const std::string path = "/api/v1/alerts/" + std::to_string(row.id);
  entry->receipts.push_back(
      {.name = source.name, .id = row.id, .url = source.url.empty() ? "" : source.url + path});
  members->push_back(&row);
  if (source.own || members->size() == 1) entry->episode = row;
  if (!source.own && members->size() == 1) entry->episode.id = 0;
}

void Unite(const std::vector<const EpisodeRow*>& members, EpisodeRow* all) {
  std::optional<base::WallMs> end;
  std::string reason;
  std::int64_t seen = 0;
  for (const EpisodeRow* each : members) {
    all->starts_at_ms = std::min(all->starts_at_ms, each->starts_at_ms);
    all->first_seen_ms = std::min(all->first_seen_ms, each->first_seen_ms);
    all->last_seen_ms = std::max(all->last_seen_ms, each->last_seen_ms);
    seen += each->seen_count;
    if (each->ended_at_ms && (!end || *each->ended_at_ms > *end)) {
      end = each->ended_at_ms;
      reason = each->end_reason;
    }
  }
  const bool fires = std::any_of(members.begin(), members.end(), [&](const EpisodeRow* each) {
    return !each->ended_at_ms && (!end || each->last_seen_ms > *end);
  });
  all->seen_count = seen;
  all->ended_at_ms = fires ? std::nullopt : end;
  all->end_reason = fires ? "" : reason;
}

Entry TakeEntry(std::vector<Reading>* readings, std::size_t first) {
  Entry entry;
  std::vector<const EpisodeRow*> members;
  Reading& reading = (*readings)[first];
  const EpisodeRow& newest = reading.row(reading.head);
  Add(*reading.source, newest, &entry, &members);
  reading.Take(reading.head);
  for (std::size_t r = 0; r < readings->size(); ++r) {
    Reading& other = (*readings)[r];
    if (r == first || !other.active()) continue;
    for (std::size_t i = other.head; i < other.taken.size(); ++i) {
      if (other.taken[i] || !SameAlert(newest, other.row(i))) continue;
      Add(*other.source, other.row(i), &entry, &members);
      other.Take(i);
      break;
    }
  }
  Unite(members, &entry.episode);
  return entry;
}

void Move(const Reading& reading, Place* place) {
  place->dropped = !reading.active();
  if (place->dropped) return;
  if (reading.head > 0) place->before_id = reading.row(reading.head - 1).id;
  // What was taken beyond this answer's end stays so.
  if (!reading.taken.empty()) {
    const std::int64_t oldest = reading.row(reading.taken.size() - 1).id;
    place->taken.erase(place->taken.lower_bound(oldest), place->taken.end());
  }
  for (std::size_t i = reading.head; i < reading.taken.size(); ++i) {
    if (reading.taken[i]) place->taken.insert(reading.row(i).id);
  }
}

}  // namespace

Merged Merge(const std::vector<Source>& sources, std::vector<Place> places, std::size_t limit) {
  std::vector<Reading> readings = Begin(sources, places);
  Merged merged;
  while (merged.entries.size() < limit) {
    const auto newest = Newest(readings);
    if (!newest) break;
    merged.entries.push_back(TakeEntry(&readings, *newest));
  }
  for (std::size_t r = 0; r < readings.size(); ++r) {
    Move(readings[r], &places[r]);
    if (readings[r].active() && (!readings[r].empty() || readings[r].source->more)) {
      merged.more = true;
    }
  }
  merged.places = std::move(places);
  return merged;
}

}  // namespace sidecar::query
