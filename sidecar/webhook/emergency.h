#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "notifier/memory_outbox.h"
#include "sidecar/store/store.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/payload.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {

// When the history cannot be written the page still goes out: from a bounded set in memory, once
// for each (source, fingerprint, startsAt, status). Alertmanager, which was told 503, sends the
// same again; once that is stored, its rows begin as what became of the page, so that nothing comes
// twice unsaid:
//   page in memory                          row
//   accepted                                delivered, "sent before recorded"
//   not tried, refused, given up            pending; the page is withdrawn
//   being tried, or nobody knows (any more) ambiguous: sent again as a possible repeat
// An end whose firing the history still has to tell waits for the history: it would overtake it.
// A process that dies loses the set: what it had sent comes again without a mark once it is stored,
// so each page says that it may. Thread-safe. Metric:
// fraud_sidecar_unrecorded_pages_total{result=queued,dropped}, messages.
class Emergency {
 public:
  static constexpr std::size_t kMaxMessages = 256;  // that wait
  static constexpr std::size_t kMaxPages = kMaxMessages * (1 + notifier::MemoryOutbox::kSettledFor);
  // A history that is only busy is not failing: Alertmanager tries again within a second. After
  // this time of refusals, with no longer pause between them, it is.
  static constexpr base::Millis kBusyLasts{10'000};
  // How long a page is remembered after its alert was last heard of.
  static constexpr base::Millis kRemember{24 * 3'600'000};

  // Alertmanager sends again what was refused, at the latest with the next flush of its group.
  static constexpr base::Millis kWebhookComes{10 * 60'000};

  // (source, fingerprint, startsAt, status)
  struct Key {
    std::string source;
    std::string fingerprint;
    base::WallMs starts_at_ms = 0;
    bool firing = true;
    bool operator<(const Key& other) const {
      return std::tie(source, fingerprint, starts_at_ms, firing) <
             std::tie(other.source, other.fingerprint, other.starts_at_ms, other.firing);
    }
  };
  // What one Work has taken over. Kept by its caller from Adopt to Finish.
  struct Adopted {
    std::vector<long long> held;
    std::vector<Key> over;  // pages that are not needed any more
  };

  // `alone`: no other sidecar is told of the same alerts. `wake` is called after pages were added
  // to `outbox`, which is dispatched beside the one on disk.
  Emergency(notifier::MemoryOutbox* outbox, const store::Store* store, const base::Clock* clock,
            base::Metrics* metrics, Policy policy, bool alone, std::function<void()> wake);

  // Whether a page of that alert was made and a webhook of it can still be expected: it was last
  // heard of less than kWebhookComes ago. Also inside a Work.
  [[nodiscard]] bool Knows(const std::string& source, const std::string& fingerprint);

  // The history refused `alerts`. Pages those of the policy's severities that are news, as far as
  // the history can be read. What finds no room is counted; an alert none of whose messages found
  // any has another chance when Alertmanager comes again.
  void Refused(const Origin& origin, const std::vector<Alert>& alerts, const base::Error& error);

  // Last in the Work that stores `alerts` as origin.webhook_id. Until Finish no try of one of their
  // pages is begun.
  base::Status Adopt(const store::Database& database, const Origin& origin,
                     const std::vector<Alert>& alerts, Adopted* adopted);
  // After that Work, also when it failed before Adopt.
  void Finish(const Adopted& adopted, bool committed);

  // When the process ends: logs the pages that go with it, those that people have got and those
  // that nobody has yet. Nothing when there are none.
  void LogUnrecorded();

 private:
  struct Page {
    std::vector<long long> rows;  // of outbox_, in the order of targets and parts
    base::WallMs last_ms = 0;     // when its alert was last heard of
    std::string name;             // the alert's
  };
  using Pages = std::map<Key, Page>;
  // What became of the page of one target.
  struct Fate {
    std::vector<notifier::Message> messages;  // its parts
    bool accepted = true;                     // all of them
    bool begun = false;                       // one at least may have been accepted
    std::vector<std::string> provider_ids;
  };
  using Fates = std::map<std::pair<std::string, std::string>, Fate>;  // by channel and target

  [[nodiscard]] bool IsFailing(const base::Error& error);
  [[nodiscard]] bool IsNews(const Key& key, bool to_history) const;
  // Whether there was room for all of its messages.
  bool Add(const Key& key, const Origin& origin, const Alert& alert, const base::Error& error);
  void ForgetOld(base::WallMs now);
  void ForgetOldest();
  // The page last added for that alert.
  [[nodiscard]] Pages::const_iterator Newest(const std::string& source,
                                             const std::string& fingerprint) const;
  [[nodiscard]] Pages::const_iterator PageOf(const Key& key) const;
  base::Status AdoptPage(const store::Database& database, const Origin& origin,
                         Pages::const_iterator page, Adopted* adopted);
  Fates HoldAll(const Page& page, Adopted* adopted);
  [[nodiscard]] bool IsSent(const Page& page) const;
  // What became of a part was pushed out by what came since.
  [[nodiscard]] bool IsForgotten(const Page& page) const;
  // Pages of that alert, now stored, that are not needed any more.
  void AddOver(const Key& key, Adopted* adopted);

  notifier::MemoryOutbox* const outbox_;
  const store::Store* const store_;
  const base::Clock* const clock_;
  base::Counter* queued_;
  base::Counter* dropped_;
  const Policy policy_;
  const bool alone_;
  const std::function<void()> wake_;
  const std::string name_;  // random, begins the keys of the messages
  std::mutex mutex_;
  Pages pages_;
  int added_ = 0;
  std::optional<base::SteadyTime> busy_since_;  // nullopt: the last was stored
  base::SteadyTime refused_;                    // for the last time
};

}  // namespace sidecar::webhook
