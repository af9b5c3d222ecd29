#include <algorithm>
#include <utility>

#include "sidecar/store/messages.h"
#include "sidecar/store/outbox_arrows.h"
#include "sidecar/webhook/emergency.h"
#include "sidecar/webhook/episode.h"
#include "sidecar/webhook/heartbeat.h"

// The half of Emergency that hands over to the history.
namespace sidecar::webhook {
namespace {

using store::Database;
using store::Statement;

// What was stored of an alert: its transition, and its rows when people are told of it at once.
struct Stored {
  std::int64_t transition_id = 0;
  std::int64_t episode_id = 0;
  struct Row {
    std::int64_t id = 0;
    std::pair<std::string, std::string> target;
    std::size_t part = 1;
  };
  std::vector<Row> rows;
};

constexpr char kStored[] = R"sql(
SELECT transitions.id, episode_id, outbox.id, channel, target, part
FROM transitions JOIN episodes ON episodes.id = episode_id
LEFT JOIN outbox ON outbox.transition_id = transitions.id
WHERE webhook_id = ?1 AND source = ?2 AND fingerprint = ?3 AND kind = ?4 ORDER BY outbox.id
)sql";

// It was held back, or left for a summary; now it is told.
constexpr char kTold[] = "UPDATE transitions SET tell = 'told', tell_at_ms = NULL WHERE id = ?";

base::Result<std::optional<Stored>> Find(const Database& database, std::int64_t webhook_id,
                                         const Emergency::Key& key) {
  Statement query = database.Prepare(kStored);
  query.Bind(webhook_id).Bind(key.source).Bind(key.fingerprint);
  query.Bind(key.firing ? "firing" : "resolved");
  std::optional<Stored> stored;
  while (query.Next()) {
    if (!stored) stored = Stored{.transition_id = query.Int(0), .episode_id = query.Int(1)};
    if (!query.MaybeInt(2)) continue;
    stored->rows.push_back({.id = query.Int(2),
                            .target = {query.Text(3), query.Text(4)},
                            .part = static_cast<std::size_t>(query.Int(5))});
  }
  if (!query.status()) return query.status().error();
  return stored;
}

}  // namespace

base::Status Emergency::Adopt(const Database& database, const Origin& origin,
                              const std::vector<Alert>& alerts, Adopted* adopted) {
  if (!origin.webhook_id) return {};  // nothing but heartbeats
  const std::lock_guard lock(mutex_);
  for (const Alert& alert : alerts) {
    if (pages_.empty()) return {};
    if (IsHeartbeat(alert)) continue;
    const Key key{origin.source, alert.fingerprint, alert.starts_at_ms, alert.firing};
    if (const auto page = PageOf(key); page != pages_.end()) {
      if (auto done = AdoptPage(database, origin, page, adopted); !done) return done;
    }
    AddOver(key, adopted);
  }
  return {};
}

// The history has the last word about an alert again: what was sent of its past must not be taken
// for what comes next, and the end of an alert that fires must not come last.
void Emergency::AddOver(const Key& key, Adopted* adopted) {
  for (const auto& [each, page] : pages_) {
    if (each.source != key.source || each.fingerprint != key.fingerprint) continue;
    if (key.firing && !each.firing) {
      (void)HoldAll(page, adopted);
      adopted->over.push_back(each);
      continue;
    }
    const bool live = std::any_of(page.rows.begin(), page.rows.end(), [&](long long id) {
      const auto row = outbox_->Find(id);
      return row && notifier::IsLive(row->state);
    });
    if (!live) adopted->over.push_back(each);
  }
}

// The alert's page, also when its startsAt has moved since.
Emergency::Pages::const_iterator Emergency::PageOf(const Key& key) const {
  if (const auto exact = pages_.find(key); exact != pages_.end()) return exact;
  const auto newest = Newest(key.source, key.fingerprint);
  if (newest == pages_.end() || newest->first.firing != key.firing) return pages_.end();
  const bool same = key.starts_at_ms <= newest->first.starts_at_ms + kClockSkew.count();
  return same ? newest : pages_.end();
}

Emergency::Fates Emergency::HoldAll(const Page& page, Adopted* adopted) {
  Fates fates;
  for (const long long id : page.rows) {
    const auto row = outbox_->Hold(id);
    if (!row) continue;
    adopted->held.push_back(id);
    Fate& fate = fates[{row->message.channel, row->message.target}];
    const bool accepted = row->state == notifier::State::kDelivered;
    fate.accepted = fate.accepted && accepted;
    fate.begun =
        fate.begun || accepted || row->possible_repeat || row->state == notifier::State::kSending;
    fate.messages.push_back(row->message);
    fate.provider_ids.push_back(row->provider_id);
  }
  return fates;
}

bool Emergency::IsForgotten(const Page& page) const {
  return std::any_of(page.rows.begin(), page.rows.end(),
                     [&](long long id) { return !outbox_->Find(id); });
}

base::Status Emergency::AdoptPage(const Database& database, const Origin& origin,
                                  Pages::const_iterator page, Adopted* adopted) {
  const auto stored = Find(database, *origin.webhook_id, page->first);
  if (!stored) return stored.error();
  const Fates fates = HoldAll(page->second, adopted);
  // The end of an episode that the history never knew is told by its page alone. A firing that is
  // no news to the history was told by it.
  if (*stored || page->first.firing) adopted->over.push_back(page->first);
  if (!*stored) return {};
  if (IsForgotten(page->second)) {
    for (const Stored::Row& row : (*stored)->rows) {
      auto done = store::AdoptRow(database, row.id, {}, origin.now, origin.now);
      if (!done) return done;
    }
    return {};
  }
  const bool begun =
      std::any_of(fates.begin(), fates.end(), [](const auto& each) { return each.second.begun; });
  if (!begun) return {};

  std::vector<Stored::Row> rows = (*stored)->rows;
  if (rows.empty()) {
    auto told = database.Prepare(kTold).Bind((*stored)->transition_id).Run();
    if (!told) return told;
    for (const auto& [target, fate] : fates) {
      for (notifier::Message message : fate.messages) {
        message.thread = store_->instance() + "-episode-" + std::to_string((*stored)->episode_id);
        const auto id = store::AddMessage(database, message, (*stored)->transition_id);
        if (!id) return id.error();
        rows.push_back(
            {.id = *id, .target = target, .part = static_cast<std::size_t>(message.part)});
      }
    }
  }
  for (const auto& [id, target, part] : rows) {
    const auto found = fates.find(target);
    if (found == fates.end() || !found->second.begun) continue;
    const Fate& fate = found->second;
    store::SentBefore sent{.accepted = fate.accepted};
    if (part >= 1 && part <= fate.messages.size()) {
      sent.key = fate.messages[part - 1].key;
      sent.provider_id = fate.provider_ids[part - 1];
    }
    if (auto done = store::AdoptRow(database, id, sent, origin.now, origin.now); !done) return done;
  }
  return {};
}

}  // namespace sidecar::webhook
