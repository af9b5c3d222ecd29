#include "sidecar/store/recover.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "sidecar/store/big_endian.h"
#include "sidecar/store/files.h"
#include "sidecar/store/gather.h"
#include "sidecar/store/salvage.h"
#include "sidecar/store/schema.h"

namespace sidecar::store {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

// While this is beside FILE, a recovery is not complete.
constexpr char kRecovering[] = ".recovering";
constexpr char kGathered[] = ".gathered";
constexpr char kAside[] = ".corrupt-";
constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

base::Status QuickCheck(const Database& database) {
  Statement check = database.Prepare("PRAGMA quick_check(1)");
  if (!check.Next()) return check.status();
  if (check.Text(0) == "ok") return {};
  return Error{ErrorCode::kCorrupt, "quick_check: " + check.Text(0)};
}

// What SQLite would take for a file that it may only read, for text in another encoding, or for a
// database that was just begun, whose log it then deletes.
base::Status CheckHeader(const std::string& path) {
  std::string head(100, '\0');
  const base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {};  // judged by whoever opens it for more
  if (!ReadAt(fd, 0, &head)) {
    std::error_code failed;
    const bool empty = fs::file_size(path, failed) == 0;
    if (empty && (fs::file_size(path + "-wal", failed) == 0 || failed)) return {};
    return Error{ErrorCode::kCorrupt, path + ": the header is cut off"};
  }
  const bool ours = (head[18] == 1 || head[18] == 2) && (head[19] == 1 || head[19] == 2) &&
                    head[20] == 0 && GetNumber(head, 44, 4) <= 4 && GetNumber(head, 56, 4) <= 1;
  if (ours) return {};
  return Error{ErrorCode::kCorrupt, path + ": the header makes no sense"};
}

base::Result<Database> OpenChecked(const std::string& path) {
  if (const auto made = Touch(path); !made) return made.error();
  if (const auto header = CheckHeader(path); !header) return header.error();
  auto database = Database::Open(path, Database::Mode::kWriter);
  if (!database) return database;
  if (const auto sound = QuickCheck(*database); !sound) return sound.error().Wrap(path);
  if (const auto migrated = Migrate(*database); !migrated) return migrated.error().Wrap(path);
  return database;
}

base::Status Move(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return base::ErrnoError("moving " + from + " to " + to, errno);
}

// Also finishes a move that was cut short: FILE goes first.
base::Status MoveAside(const std::string& path, const std::string& aside) {
  if (auto moved = Move(path, aside); !moved) return moved;
  for (const char* suffix : kBeside) {
    if (auto moved = Move(path + suffix, aside + suffix); !moved) return moved;
  }
  return {};
}

void RemoveBeside(const std::string& path) {
  for (const char* suffix : kBeside) (void)unlink((path + suffix).c_str());
}

void Remove(const std::string& path) {
  (void)unlink(path.c_str());
  RemoveBeside(path);
}

// N of each FILE.corrupt-N.
std::vector<std::string> AsideNumbers(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  const std::string begin = fs::path(path).filename().string() + kAside;
  std::vector<std::string> numbers;
  std::error_code failed;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, failed), end;
       !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(begin)) continue;
    std::string number = name.substr(begin.size());
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    numbers.push_back(std::move(number));
  }
  return numbers;
}

// FILE.corrupt-N with the greatest N, "" when there is none.
std::string NewestAside(const std::string& path) {
  const auto numbers = AsideNumbers(path);
  const auto newest = std::max_element(numbers.begin(), numbers.end(),
                                       [](const std::string& a, const std::string& b) {
                                         return a.size() != b.size() ? a.size() < b.size() : a < b;
                                       });
  return newest == numbers.end() ? "" : path + kAside + *newest;
}

// A name that no file has: an older one is never written over.
std::string NewAside(const std::string& path, base::WallMs now) {
  while (Exists(path + kAside + std::to_string(now))) ++now;
  return path + kAside + std::to_string(now);
}

void Tell(const std::string& path, const std::string& aside,
          const std::vector<SalvagedTable>& tables) {
  std::string rows;
  std::int64_t left_out = 0;
  for (const SalvagedTable& table : tables) {
    rows += (rows.empty() ? "" : " ") + table.name + "=" + std::to_string(table.rows) +
            (table.whole ? "" : "+?");
    left_out += table.left_out;
  }
  base::log::Error(
      "history_recovered",
      {{"file", path}, {"set_aside", aside}, {"rows", rows}, {"rows_that_fit_nowhere", left_out}});
}

// For reading around damage: a page whose rows overlap is an error, not nonsense.
base::Result<Database> OpenCarefully(const std::string& path) {
  auto damaged = Database::Open(path, Database::Mode::kReader);
  if (damaged) (void)damaged->Execute("PRAGMA cell_size_check=ON").ok();
  return damaged;
}

// As the file's own schema has it. kCorrupt: it is not enough of a database for that.
base::Result<Database> OpenDamaged(const std::string& path) {
  if (const auto header = CheckHeader(path); !header) return header.error();
  auto damaged = OpenCarefully(path);
  if (!damaged) return damaged;
  base::Status readable = damaged->Prepare("SELECT count(*) FROM sqlite_schema").Run();
  if (!readable) return readable.error().Wrap(path);
  return damaged;
}

// By all its pages with rows. Takes the room of a copy.
base::Result<Database> OpenGathered(const std::string& aside, const std::string& gathered,
                                    const Database& fresh) {
  Remove(gathered);
  const auto pages = Gather(aside, gathered, fresh);
  if (pages) return OpenCarefully(gathered);
  Remove(gathered);
  base::log::Error("history_pages_unread", {{"file", aside}, {"error", pages.error().message}});
  return pages.error();
}

// An empty history in the place of `copy`, which is there all the time: it is the mark.
base::Result<Database> Begin(const std::string& copy) {
  RemoveBeside(copy);
  if (truncate(copy.c_str(), 0) != 0) return base::ErrnoError("emptying " + copy, errno);
  return OpenChecked(copy);
}

using Tables = std::vector<SalvagedTable>;

// Only damage may end as an empty history. That there is no file handle, no permission or no room
// passes: when nothing could be read because of that, the Error is told, and the next start goes on
// from here.
base::Result<Tables> ReadAll(const std::string& path, const std::string& aside) {
  const auto fresh = Begin(path + kRecovering);
  if (!fresh) return fresh.error();
  const auto own = OpenDamaged(aside);
  if (!own && own.error().code != ErrorCode::kCorrupt) return own.error();
  std::vector<base::Result<Database>> gathered;  // one at most, once it is asked for
  const auto by_pages = [&]() -> const Database* {
    if (gathered.empty()) gathered.push_back(OpenGathered(aside, path + kGathered, *fresh));
    return gathered[0] ? &*gathered[0] : nullptr;
  };
  auto tables = Salvage([&] { return own ? &*own : nullptr; }, by_pages, *fresh);
  const bool any = tables && std::any_of(tables->begin(), tables->end(),
                                         [](const SalvagedTable& table) { return table.rows > 0; });
  if (tables && !any && !gathered.empty() && !gathered[0]) return gathered[0].error();
  return tables;
}

// Copies into FILE.recovering, which becomes FILE when it is complete and on disk.
base::Status Recover(const std::string& path, const std::string& aside, Tables* recovered) {
  const std::string copy = path + kRecovering;
  auto tables = ReadAll(path, aside);
  Remove(path + kGathered);
  if (!tables) return tables.error().Wrap("recovering " + path);
  {
    const auto fresh = OpenChecked(copy);
    if (!fresh) return fresh.error();
    Statement checkpoint = fresh->Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!checkpoint.Next()) return checkpoint.status().error().Wrap("recovering " + path);
  }
  Tell(path, aside, *tables);
  *recovered = std::move(*tables);
  if (auto moved = Move(copy, path); !moved) return moved;
  return SyncFolderOf(path);
}

base::Result<Database> RecoverAndOpen(const std::string& path, const std::string& aside,
                                      Tables* recovered) {
  // The mark first: a start that is cut short from here on finds it.
  if (const auto marked = Touch(path + kRecovering); !marked) return marked.error();
  if (const auto moved = MoveAside(path, aside); !moved) return moved.error();
  if (const auto done = Recover(path, aside, recovered); !done) return done.error();
  return OpenChecked(path);
}

}  // namespace

namespace {

// A database with tables, none of which is ours. One that cannot be read is judged by whoever opens
// it for writing.
bool IsForeign(const std::string& path) {
  const auto database = Database::Open(path, Database::Mode::kReader);
  if (!database) return false;
  Statement tables = database->Prepare(
      "SELECT count(*), count(*) FILTER (WHERE name IN ('meta', 'episodes', 'outbox'))"
      " FROM sqlite_schema WHERE type = 'table'");
  return tables.Next() && tables.Int(0) > 0 && tables.Int(1) < 3;
}

}  // namespace

base::Status CheckIsHistory(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  if (Exists(path + ".lock")) return {};
  const base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kMagic.size()> head{};
  const ssize_t size = fd.valid() ? read(fd.get(), head.data(), head.size()) : 0;
  // What is missing, empty or cannot be read is judged by whoever opens it for writing.
  if (size <= 0) return {};
  if (std::string_view(head.data(), static_cast<std::size_t>(size)) != kMagic) {
    return Error{
        ErrorCode::kInvalid,
        path + " is not an SQLite database, so not a history; it is left as it is. A history " +
            "whose first page is damaged is recovered when there is a file " + path +
            ".lock beside it"};
  }
  if (!IsForeign(path)) return {};
  return Error{ErrorCode::kInvalid,
               path + " is another program's SQLite database; it is left as it is"};
}

int CountAside(const std::string& path) { return static_cast<int>(AsideNumbers(path).size()); }

base::Result<Database> OpenOrRecover(const std::string& path, base::WallMs now,
                                     std::vector<SalvagedTable>* recovered) {
  if (!Exists(path) && Exists(path + kRecovering)) {
    if (const std::string aside = NewestAside(path); !aside.empty()) {
      return RecoverAndOpen(path, aside, recovered);
    }
  }
  auto database = OpenChecked(path);
  if (database) {
    Remove(path + kRecovering);
    Remove(path + kGathered);
  }
  if (database || database.error().code != ErrorCode::kCorrupt) return database;
  base::log::Error("history_corrupt", {{"file", path}, {"error", database.error().message}});
  return RecoverAndOpen(path, NewAside(path, now), recovered);
}

}  // namespace sidecar::store
