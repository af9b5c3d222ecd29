#include "sidecar/backup_command.h"

#include <cstdio>

#include "base/settings.h"
#include "sidecar/options.h"
#include "sidecar/store/backup.h"

namespace sidecar {
namespace {

constexpr char kProgram[] = "fraud-sidecar backup";

constexpr char kDescription[] =
    "Copies the history, as it is at this moment, to the new file TO. The sidecar may run "
    "meanwhile, and need not. TO appears when all of it is on disk; until then it is TO.part.\n\n"
    "To go back to a backup, stop the sidecar, remove FILE-wal and FILE-shm where they are left, "
    "and put a copy of TO in the place of FILE.";

int Fail(const base::Error& error, int code) {
  std::fprintf(stderr, "%s: %s\n", kProgram, error.message.c_str());
  return code;
}

}  // namespace

int RunBackup(int argc, const char* const* argv) {
  std::string database = Options().database;
  std::string to;
  base::Settings settings(kProgram, "copies the history while the sidecar runs", kDescription,
                          FRAUD_VERSION);
  settings.Argument("TO", &to, "the new file; one that is there already is not written over");
  settings.Section("History");
  settings.Add("database", &database, "FILE", "the history");
  settings.Example("fraud-sidecar backup --database history.db /backup/history-monday.db",
                   "copies history.db");
  const auto action = settings.Parse(argc, argv);
  if (!action) return Fail(action.error(), base::kExitWrongSettings);
  if (*action == base::Settings::Action::kExit) return 0;
  const auto size = store::Backup(database, to);
  if (!size) return Fail(size.error(), base::kExitFailed);
  std::printf("%s: %lld bytes, %lld episodes\n", to.c_str(), static_cast<long long>(size->bytes),
              static_cast<long long>(size->episodes));
  return 0;
}

}  // namespace sidecar
