#include "sidecar/webhook/emergency.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/log.h"
#include "notifier/parts.h"
#include "sidecar/message/render.h"
#include "sidecar/store/episodes.h"
#include "sidecar/store/messages.h"
#include "sidecar/webhook/episode.h"
#include "sidecar/webhook/heartbeat.h"

namespace sidecar::webhook {
namespace {

constexpr char kPages[] = "fraud_sidecar_unrecorded_pages_total";
constexpr char kPagesHelp[] = "messages that went out of memory since the history was not writable";

// As a person says it, who may be able to mend it.
std::string Why(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kFull:
      return "disk full";
    case base::ErrorCode::kDenied:
      return "the history cannot be written to";
    case base::ErrorCode::kCorrupt:
      return "the history is damaged";
    case base::ErrorCode::kBusy:
      return "the history is locked by something else";
    case base::ErrorCode::kIo:
    case base::ErrorCode::kInvalid:
    case base::ErrorCode::kNotFound:
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeout:
      break;
  }
  return error.message;
}

// What the history says the alert means now; news when it cannot be read. An end is none while the
// history still has to tell of its firing: the end would overtake it.
bool IsNewsToHistory(const store::Store& store, const Policy& policy, const Origin& origin,
                     const Alert& alert) {
  std::optional<Latest> latest;
  bool waits = false;
  const auto read = store.Read([&](const store::Database& database) -> base::Status {
    const auto row = store::LatestEpisode(database, origin.source, alert.fingerprint);
    if (!row) return row.error();
    auto found = LatestOf(database, *row);
    if (!found) return found.error();
    latest = *found;
    if (alert.firing) return {};
    const auto any = store::AnyWaits(database, origin.source, alert.fingerprint);
    if (!any) return any.error();
    waits = *any;
    return {};
  });
  if (!read) return true;
  const bool pair = origin.source == policy.pair_source;
  const Step step = NextStep(latest, alert, pair, origin.now);
  return step == Step::kOpen || step == Step::kReopen || (step == Step::kEnd && !waits);
}

// Pages of a kind, for a log line.
struct Pile {
  static constexpr std::size_t kMostNames = 20;
  int count = 0;
  std::set<std::string> names;

  void Add(const std::string& name) {
    ++count;
    names.insert(name.empty() ? "alert without a name" : name);
  }
  [[nodiscard]] std::string Names() const {
    std::string text;
    std::size_t told = 0;
    for (const std::string& name : names) {
      if (++told > kMostNames) return text + ", ...";
      text += (text.empty() ? "" : ", ") + name;
    }
    return text;
  }
};

}  // namespace

Emergency::Emergency(notifier::MemoryOutbox* outbox, const store::Store* store,
                     const base::Clock* clock, base::Metrics* metrics, Policy policy, bool alone,
                     std::function<void()> wake)
    : outbox_(outbox),
      store_(store),
      clock_(clock),
      queued_(&metrics->AddCounter(kPages, kPagesHelp, {{"result", "queued"}})),
      dropped_(&metrics->AddCounter(kPages, kPagesHelp, {{"result", "dropped"}})),
      policy_(std::move(policy)),
      alone_(alone),
      wake_(std::move(wake)),
      name_(store::RandomName()) {}

void Emergency::Refused(const Origin& origin, const std::vector<Alert>& alerts,
                        const base::Error& error) {
  if (!IsFailing(error)) return;
  std::vector<Announcement> pages;
  for (const Alert& alert : alerts) {
    Announcement page{.alert = alert};
    page.episode.severity = alert.Label("severity");
    const bool told = policy_.notify_severities.contains(page.episode.severity);
    if (told && !IsHeartbeat(alert)) pages.push_back(page);
  }
  SortByUrgency(&pages);
  std::vector<bool> news;
  news.reserve(pages.size());
  for (const auto& page : pages) {
    news.push_back(IsNewsToHistory(*store_, policy_, origin, page.alert));
  }
  {
    const std::lock_guard lock(mutex_);
    ForgetOld(origin.now);
    bool room = true;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const Alert& alert = pages[i].alert;
      const Key key{origin.source, alert.fingerprint, alert.starts_at_ms, alert.firing};
      if (const auto known = pages_.find(key); known != pages_.end()) {
        known->second.last_ms = origin.now;
      } else if (IsNews(key, news[i])) {
        if (room) {
          room = Add(key, origin, alert, error);
        } else {
          dropped_->Increment(static_cast<double>(policy_.targets.size()));
        }
      }
    }
  }
  wake_();
}

// Whether it goes on for long enough, or is of a kind that does not pass by itself.
bool Emergency::IsFailing(const base::Error& error) {
  const bool passing = error.code == base::ErrorCode::kBusy ||
                       error.code == base::ErrorCode::kTimeout ||
                       error.code == base::ErrorCode::kUnavailable;
  const base::SteadyTime now = clock_->Steady();
  const std::lock_guard lock(mutex_);
  if (!busy_since_ || now - refused_ > kBusyLasts) busy_since_ = now;
  refused_ = now;
  return !passing || now - *busy_since_ >= kBusyLasts;
}

// By the pages that were made since the history failed; without one, by the history.
bool Emergency::IsNews(const Key& key, bool to_history) const {
  const auto newest = Newest(key.source, key.fingerprint);
  if (newest == pages_.end()) return to_history;
  const Key& last = newest->first;
  // A repeat; startsAt may move earlier, and that of a twin is a little off.
  if (last.firing && key.firing) return key.starts_at_ms > last.starts_at_ms + kClockSkew.count();
  return last.firing != key.firing;
}

bool Emergency::Add(const Key& key, const Origin& origin, const Alert& alert,
                    const base::Error& error) {
  message::Facts facts{.firing = alert.firing,
                       .name = alert.Label("alertname"),
                       .severity = alert.Label("severity"),
                       .source = origin.source,
                       .labels = alert.labels,
                       .annotations = alert.annotations,
                       .generator_url = alert.generator_url,
                       .starts_at_ms = alert.starts_at_ms,
                       .evidence = origin.evidence,
                       .sidecar_name = policy_.sidecar_name,
                       .public_url = policy_.public_url,
                       .not_recorded = Why(error) + "; it may come again"};
  if (!alone_) facts.not_recorded += "; another sidecar may have told you of this alert";
  if (!alert.firing) {
    facts.ended_at_ms = std::max(alert.ends_at_ms.value_or(origin.now), alert.starts_at_ms);
  }
  notifier::Message message = message::Render(facts);
  message.alert = facts.name;
  message.thread = name_ + "-" + key.source + "-" + key.fingerprint;
  message.created_at_ms = origin.now;
  Page page{.last_ms = origin.now, .name = facts.name};
  bool room = true;
  ++added_;
  for (std::size_t i = 0; i < policy_.targets.size(); ++i) {
    message.channel = policy_.targets[i].channel;
    message.target = policy_.targets[i].target;
    message.key = name_ + "-" + std::to_string(added_) + "-" + std::to_string(i);
    for (const notifier::Message& part : notifier::Parts(message)) {
      const auto id = outbox_->Add(part);
      (id ? queued_ : dropped_)->Increment();
      if (id) page.rows.push_back(*id);
      room = room && id;
    }
  }
  base::log::Error("page_not_recorded", {{"alert", facts.name},
                                         {"firing", alert.firing},
                                         {"messages", page.rows.size()},
                                         {"reason", error.message}});
  if (page.rows.empty()) return room;
  if (pages_.size() >= kMaxPages) ForgetOldest();
  pages_[key] = std::move(page);
  return room;
}

// Its messages are settled long since, or are sent yet.
void Emergency::ForgetOldest() {
  pages_.erase(std::min_element(pages_.begin(), pages_.end(), [](const auto& a, const auto& b) {
    return a.second.rows.back() < b.second.rows.back();
  }));
}

void Emergency::ForgetOld(base::WallMs now) {
  for (auto page = pages_.begin(); page != pages_.end();) {
    if (page->second.last_ms > now - kRemember.count()) {
      ++page;
      continue;
    }
    for (const long long row : page->second.rows) outbox_->Remove(row);
    page = pages_.erase(page);
  }
}

Emergency::Pages::const_iterator Emergency::Newest(const std::string& source,
                                                   const std::string& fingerprint) const {
  auto newest = pages_.end();
  for (auto page = pages_.lower_bound({.source = source,
                   .fingerprint = fingerprint,
                   .starts_at_ms = std::numeric_limits<base::WallMs>::min(),
                   .firing = false});
       page != pages_.end() && page->first.source == source &&
       page->first.fingerprint == fingerprint;
       ++page) {
    if (newest == pages_.end() || page->second.rows.back() > newest->second.rows.back()) {
      newest = page;
    }
  }
  return newest;
}

bool Emergency::Knows(const std::string& source, const std::string& fingerprint) {
  const base::WallMs now = clock_->Now();
  const std::lock_guard lock(mutex_);
  return std::any_of(pages_.begin(), pages_.end(), [&](const auto& each) {
    const auto& [key, page] = each;
    return key.source == source && key.fingerprint == fingerprint &&
           now - page.last_ms < kWebhookComes.count();
  });
}

void Emergency::Finish(const Adopted& adopted, bool committed) {
  const std::lock_guard lock(mutex_);
  if (committed) busy_since_.reset();
  for (const Key& key : committed ? adopted.over : std::vector<Key>()) {
    const auto page = pages_.find(key);
    if (page == pages_.end()) continue;
    for (const long long row : page->second.rows) outbox_->Remove(row);
    pages_.erase(page);
  }
  for (const long long row : adopted.held) outbox_->LetGo(row);
}

void Emergency::LogUnrecorded() {
  const std::lock_guard lock(mutex_);
  if (pages_.empty()) return;
  Pile sent;
  Pile unsent;
  for (const auto& [key, page] : pages_) (IsSent(page) ? sent : unsent).Add(page.name);
  base::log::Warning("pages_not_recorded", {{"sent", sent.count},
                                            {"sent_alerts", sent.Names()},
                                            {"unsent", unsent.count},
                                            {"unsent_alerts", unsent.Names()}});
}

// Whether somebody may have got it.
bool Emergency::IsSent(const Page& page) const {
  return std::any_of(page.rows.begin(), page.rows.end(), [&](long long id) {
    const auto row = outbox_->Find(id);
    return !row || row->state == notifier::State::kDelivered || row->possible_repeat;
  });
}

}  // namespace sidecar::webhook
