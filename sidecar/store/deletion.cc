#include "sidecar/store/deletion.h"

namespace sidecar::store {
namespace {

constexpr char kDeleteWebhook[] = R"sql(
DELETE FROM webhooks
WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM transitions WHERE webhook_id = ?1)
RETURNING length(body)
)sql";

constexpr char kDeleteAttempts[] =
    "DELETE FROM attempts WHERE id IN (SELECT id FROM attempts WHERE outbox_id = ? LIMIT ?)";

}  // namespace

void Deletion::Webhook(std::int64_t id) {
  if (!Enough() && RawWebhook(id)) ++done_;
}

void Deletion::Message(std::int64_t id) {
  if (!Enough() && MessageWithAttempts(id)) ++done_;
}

void Deletion::Episode(std::int64_t id) {
  for (const auto& [transition, webhook] : Pairs(
           "SELECT id, webhook_id FROM transitions WHERE episode_id = ? ORDER BY id LIMIT ?", id)) {
    for (const auto& [message, none] :
         Pairs("SELECT id, NULL FROM outbox WHERE transition_id = ? LIMIT ?", transition)) {
      if (Enough() || !MessageWithAttempts(message)) return;
    }
    if (Enough()) return;
    Run("DELETE FROM transitions WHERE id = ?", transition);
    ++transitions_;
    if (webhook) (void)RawWebhook(*webhook);
  }
  if (Enough()) return;
  Run("DELETE FROM episodes WHERE id = ?", id);
  ++done_;
}

std::vector<Deletion::Pair> Deletion::Pairs(const char* sql, std::int64_t of) {
  std::vector<Pair> pairs;
  Statement query = database_.Prepare(sql);
  query.Bind(of).Bind(rows_);
  while (query.Next()) pairs.emplace_back(query.Int(0), query.MaybeInt(1));
  Note(query.status());
  return pairs;
}

void Deletion::Run(const char* sql, std::int64_t id) {
  Note(database_.Prepare(sql).Bind(id).Run());
  rows_ -= database_.Changes();
}

// false: not all of it yet.
bool Deletion::MessageWithAttempts(std::int64_t id) {
  Note(database_.Prepare(kDeleteAttempts).Bind(id).Bind(rows_).Run());
  rows_ -= database_.Changes();
  if (Enough()) return false;
  Run("DELETE FROM outbox WHERE id = ?", id);
  return true;
}

// false: something still refers to it.
bool Deletion::RawWebhook(std::int64_t id) {
  Statement deleted = database_.Prepare(kDeleteWebhook);
  deleted.Bind(id);
  const bool gone = deleted.Next();
  if (gone) bytes_ -= deleted.Int(0);
  Note(deleted.Run());
  rows_ -= gone ? 1 : 0;
  return gone;
}

void Deletion::Note(const base::Status& status) {
  if (status_) status_ = status;
}

}  // namespace sidecar::store
