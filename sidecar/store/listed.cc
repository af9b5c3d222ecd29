#include "sidecar/store/listed.h"

namespace sidecar::store {

base::Result<std::vector<OpenEpisode>> OpenEpisodes(const Database& database,
                                                    const std::string& source) {
  Statement query = database.Prepare(
      "SELECT id, fingerprint, last_seen_ms, listed_at_ms, silenced FROM episodes"
      " WHERE source = ? AND ended_at_ms IS NULL");
  query.Bind(source);
  std::vector<OpenEpisode> open;
  while (query.Next()) {
    open.push_back({.id = query.Int(0),
                    .fingerprint = query.Text(1),
                    .last_seen_ms = query.Int(2),
                    .listed_at_ms = query.MaybeInt(3),
                    .silenced = query.Int(4) != 0});
  }
  if (!query.status()) return query.status().error();
  return open;
}

base::Status MarkListed(const Database& database, std::int64_t id, base::WallMs now,
                        bool silenced) {
  return database
      .Prepare(
          "UPDATE episodes SET listed_at_ms = ?, silenced = ? WHERE id = ? AND ended_at_ms IS NULL")
      .Bind(now)
      .Bind(std::int64_t{silenced})
      .Bind(id)
      .Run();
}

}  // namespace sidecar::store
