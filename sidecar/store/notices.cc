#include "sidecar/store/notices.h"

#include <tuple>
#include <utility>

#include "notifier/failover.h"
#include "notifier/lead.h"
#include "sidecar/store/messages.h"

namespace sidecar::store {
namespace {

using notifier::Claimed;
using notifier::Notice;

// Whether the notice's target has a row of its own for what row ?1 tells.
constexpr char kHasOwnRow[] = R"sql(
SELECT 1 FROM outbox AS own JOIN outbox AS lost
  ON own.thread = lost.thread AND own.created_at_ms = lost.created_at_ms
WHERE lost.id = ?1 AND own.channel = ?2 AND own.target = ?3 LIMIT 1
)sql";

// Whether the target knows: told after ?5, of reason ?6, and row ?1's target has accepted nothing
// since that was first tried, in the order of the tries, whatever the clock said. What another
// sidecar's server accepted does not say that our own way to it is open. CROSS JOIN: only what was
// tried since is looked at.
constexpr char kKnowsAlready[] = R"sql(
SELECT 1 FROM outbox AS told JOIN outbox AS lost ON lost.id = ?1
WHERE told.channel = ?2 AND told.target = ?3 AND told.thread = ?4 AND told.created_at_ms > ?5
  AND substr(told.text, 1, length(?6)) = ?6
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS try CROSS JOIN outbox AS accepted ON accepted.id = try.outbox_id
    WHERE try.id > (SELECT min(id) FROM attempts WHERE outbox_id = told.id)
      AND try.outcome = 'delivered'
      AND accepted.channel = lost.channel AND accepted.target = lost.target)
LIMIT 1
)sql";

// When a newer episode of the alert of row ?1's transition began, whose firing ?2 ?3 got or may
// have; for a row that tells that an episode is over. Looks at the alert's ?4 newest episodes.
// CROSS JOIN: from the row on, or SQLite goes over all that the target was ever sent.
constexpr char kOvertakenSince[] = R"sql(
SELECT max(later.starts_at_ms)
FROM outbox AS row
CROSS JOIN transitions AS told ON told.id = row.transition_id AND told.kind <> 'firing'
CROSS JOIN episodes AS earlier ON earlier.id = told.episode_id
CROSS JOIN episodes AS later ON later.id IN (
  SELECT id FROM episodes AS each
  WHERE each.source = earlier.source AND each.fingerprint = earlier.fingerprint
    AND each.id > earlier.id
  ORDER BY id DESC LIMIT ?4)
CROSS JOIN transitions AS news ON news.episode_id = later.id AND news.kind = 'firing'
CROSS JOIN outbox AS newer ON newer.transition_id = news.id
  AND newer.channel = ?2 AND newer.target = ?3 AND newer.state IN ('delivered', 'ambiguous')
WHERE row.id = ?1
)sql";

constexpr std::int64_t kMostEpisodes = 20;

base::Result<bool> Exists(Statement* query) {
  if (query->Next()) return true;
  if (!query->status()) return query->status().error();
  return false;
}

}  // namespace

base::Status MarkIfOvertaken(const Database& database, Claimed* claimed) {
  if (notifier::IsNotice(claimed->message)) return {};
  Statement later = database.Prepare(kOvertakenSince);
  later.Bind(std::int64_t{claimed->id});
  later.Bind(claimed->message.channel).Bind(claimed->message.target).Bind(kMostEpisodes);
  if (!later.Next()) return later.status();
  if (const auto since = later.MaybeInt(0)) notifier::MarkOvertaken(*since, &claimed->message);
  return {};
}

base::Status AddNotice(const Database& database, std::int64_t lost, const Notice& notice,
                       base::WallMs now) {
  const auto& [channel, target, thread] =
      std::tie(notice.brief.channel, notice.brief.target, notice.brief.thread);
  Statement own = database.Prepare(kHasOwnRow);
  own.Bind(lost).Bind(channel).Bind(target);
  const auto has_own = Exists(&own);
  if (!has_own) return has_own.error();
  if (!*has_own) {
    for (const notifier::Message& part : notice.whole) {
      if (auto added = AddMessageOnce(database, part, lost); !added) return added;
    }
    return {};
  }
  Statement knows = database.Prepare(kKnowsAlready);
  knows.Bind(lost).Bind(channel).Bind(target).Bind(thread);
  knows.Bind(now - notifier::kNoticeEvery.count()).Bind(notice.reason);
  const auto known = Exists(&knows);
  if (!known) return known.error();
  return *known ? base::Status() : AddMessageOnce(database, notice.brief, lost);
}

}  // namespace sidecar::store
