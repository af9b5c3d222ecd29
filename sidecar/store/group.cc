#include "sidecar/store/group.h"

#include <algorithm>
#include <exception>

namespace sidecar::store {
namespace {

base::Status Run(const Work& work, const Database& database) {
  // Thrown through the leader it would end a thread that has nothing to do with it.
  try {
    return work(database);
  } catch (const std::exception& thrown) {
    return base::Error{base::ErrorCode::kIo, std::string("a write ended early: ") + thrown.what()};
  }
}

// Not that somebody else writes, nor what the work itself did wrong.
bool IsOfTheDisk(const base::Status& status) {
  if (status) return false;
  switch (status.error().code) {
    case base::ErrorCode::kFull:
    case base::ErrorCode::kDenied:
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kIo:
      return true;
    case base::ErrorCode::kInvalid:
    case base::ErrorCode::kNotFound:
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeout:
    case base::ErrorCode::kBusy:
      return false;
  }
  return false;
}

}  // namespace

GroupWriter::GroupWriter(Database database, base::Metrics* metrics)
    : database_(std::move(database)),
      commits_(&metrics->AddCounter("fraud_sidecar_store_commits_total",
                                    "transactions that changed the history, each for one write "
                                    "or several that came together")) {}

std::size_t GroupWriter::waiting() const {
  const std::lock_guard lock(mutex_);
  return callers_.size();
}

base::Status GroupWriter::Write(const Work& work) {
  Caller mine{.work = work};
  std::unique_lock lock(mutex_);
  callers_.push_back(&mine);
  mine.turn.wait(lock, [&] { return mine.done || callers_.front() == &mine; });
  if (!mine.done) Lead(&lock);
  return mine.status;
}

// Takes part as the first of its group, which stays queued until it is answered: so nobody else
// leads meanwhile.
void GroupWriter::Lead(std::unique_lock<std::mutex>* lock) {
  const auto size = static_cast<std::ptrdiff_t>(std::min(callers_.size(), kMaxGroup));
  const Group group(callers_.begin(), callers_.begin() + size);
  lock->unlock();
  Commit(group);
  lock->lock();
  callers_.erase(callers_.begin(), callers_.begin() + size);
  for (Caller* caller : group) {
    caller->done = true;
    caller->turn.notify_one();  // under the lock: then the caller, and this, may be gone
  }
  if (!callers_.empty()) callers_.front()->turn.notify_one();
}

std::optional<base::Error> GroupWriter::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void GroupWriter::NoteTrouble(std::optional<base::Error> trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

void GroupWriter::Commit(const Group& group) {
  const auto committed = RunAll(group);
  if (IsOfTheDisk(committed)) NoteTrouble(committed.error());
  for (const Caller* caller : group) {
    if (IsOfTheDisk(caller->status)) NoteTrouble(caller->status.error());
  }
  if (committed) return;
  // What a work saw of the others is undone, and what it concluded from that is void.
  ++newest_;
  for (Caller* caller : group) {
    if (caller->status) caller->status = committed;
  }
}

base::Status GroupWriter::RunAll(const Group& group) {
  Transaction transaction(database_);
  if (!transaction.begun()) return transaction.begun();
  const std::int64_t changes = database_.TotalChanges();
  bool any = false;
  for (Caller* caller : group) {
    auto alive = RunOne(caller, group.size() == 1);
    if (!alive) return alive;
    any |= caller->status.ok();
  }
  if (!any) return {};
  auto committed = transaction.Commit();  // of nothing: no wait for the disk
  if (committed && database_.TotalChanges() != changes) {
    commits_->Increment();
    NoteTrouble(std::nullopt);
    ++newest_;  // after the commit: who reads this number, and then, sees the rows
  }
  return committed;
}

// The caller gets its status, without anything left of a work that failed. Returns an error when
// the transaction itself is gone.
base::Status GroupWriter::RunOne(Caller* caller, bool alone) {
  if (!alone) {
    auto begun = database_.Prepare("SAVEPOINT work").Run();
    if (!begun) return begun;
  }
  caller->status = Run(caller->work, database_);
  // A full disk, for one, makes SQLite undo the whole transaction: then nothing may be told to be
  // stored, and what would run now would not be in a transaction.
  if (!database_.InTransaction()) {
    if (caller->status) return base::Error{base::ErrorCode::kIo, "the transaction was given up"};
    return caller->status.error().Wrap("undone with another write");
  }
  if (alone) return {};
  if (!caller->status) {
    auto undone = database_.Prepare("ROLLBACK TO work").Run();
    if (!undone) return undone;
  }
  return database_.Prepare("RELEASE work").Run();
}

}  // namespace sidecar::store
