#pragma once

#include "sidecar/store/episodes.h"

// How a row of `episodes` is selected and read: shared by the writing and the reading side.
namespace sidecar::store {

inline constexpr char kEpisodeColumns[] =
    "id, source, fingerprint, name, severity, labels, annotations, generator_url, starts_at_ms,"
    " ended_at_ms, end_reason, first_seen_ms, last_seen_ms, seen_count, flaps, late, listed_at_ms,"
    " silenced, reminded_at_ms";

inline EpisodeRow ReadEpisode(const Statement& row) {
  return {.id = row.Int(0),
          .source = row.Text(1),
          .fingerprint = row.Text(2),
          .name = row.Text(3),
          .severity = row.Text(4),
          .labels_json = row.Text(5),
          .annotations_json = row.Text(6),
          .generator_url = row.Text(7),
          .starts_at_ms = row.Int(8),
          .ended_at_ms = row.MaybeInt(9),
          .end_reason = row.Text(10),
          .first_seen_ms = row.Int(11),
          .last_seen_ms = row.Int(12),
          .seen_count = row.Int(13),
          .flaps = row.Int(14),
          .late = row.Int(15) != 0,
          .listed_at_ms = row.MaybeInt(16),
          .silenced = row.Int(17) != 0,
          .reminded_at_ms = row.MaybeInt(18)};
}

}  // namespace sidecar::store
