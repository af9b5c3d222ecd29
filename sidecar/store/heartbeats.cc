#include "sidecar/store/heartbeats.h"

namespace sidecar::store {

// One row a source: the newest is what came last, not the highest, for the clock may be set back.
base::Status NoteHeartbeat(const Database& database, const std::string& source,
                           const std::string& fingerprint, const std::string& name,
                           base::WallMs now) {
  auto forgotten = database.Prepare("DELETE FROM heartbeats WHERE source = ?").Bind(source).Run();
  if (!forgotten) return forgotten;
  return database
      .Prepare("INSERT INTO heartbeats (source, fingerprint, name, last_ms) VALUES (?, ?, ?, ?)")
      .Bind(source)
      .Bind(fingerprint)
      .Bind(name)
      .Bind(now)
      .Run();
}

base::Result<std::map<std::string, base::WallMs>> LastHeartbeats(const Database& database) {
  Statement query = database.Prepare("SELECT source, last_ms FROM heartbeats");
  std::map<std::string, base::WallMs> last;
  while (query.Next()) last[query.Text(0)] = query.Int(1);
  if (!query.status()) return query.status().error();
  return last;
}

base::Status ForgetHeartbeats(const Database& database) {
  return database.Prepare("DELETE FROM heartbeats").Run();
}

}  // namespace sidecar::store
