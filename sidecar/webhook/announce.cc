#include "sidecar/webhook/announce.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "notifier/parts.h"
#include "sidecar/message/render.h"
#include "sidecar/store/messages.h"

namespace sidecar::webhook {

void SortByUrgency(std::vector<Announcement>* announcements) {
  struct Ranked {
    std::tuple<bool, bool> rank;
    Announcement announcement;
  };
  std::vector<Ranked> ranked;
  ranked.reserve(announcements->size());
  std::set<std::string> fires_later;
  for (auto each = announcements->rbegin(); each != announcements->rend(); ++each) {
    const std::string& fingerprint = each->alert.fingerprint;
    const bool soon = each->alert.firing || fires_later.contains(fingerprint);
    if (each->alert.firing) fires_later.insert(fingerprint);
    ranked.push_back({{!soon, each->episode.severity != "critical"}, std::move(*each)});
  }
  std::reverse(ranked.begin(), ranked.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  announcements->clear();
  for (Ranked& each : ranked) announcements->push_back(std::move(each.announcement));
}

base::Status Announce(const Round& round, const Announcement& announcement) {
  const Alert& alert = announcement.alert;
  const store::EpisodeRow& episode = announcement.episode;
  const auto past = store::CountPastWeek(round.database, episode, round.now);
  if (!past) return past.error();
  const message::Facts facts{.firing = alert.firing,
                             .reminder = announcement.reminder,
                             .late = episode.late,
                             .end_reason = episode.end_reason,
                             .episode_id = episode.id,
                             .name = episode.name,
                             .severity = episode.severity,
                             .source = episode.source,
                             .labels = alert.labels,
                             .annotations = alert.annotations,
                             .generator_url = alert.generator_url,
                             .starts_at_ms = episode.starts_at_ms,
                             .ended_at_ms = episode.ended_at_ms,
                             .ends_within_hour = announcement.ends_within_hour,
                             .past_week = *past,
                             .evidence = round.evidence,
                             .sidecar_name = round.policy.sidecar_name,
                             .public_url = round.policy.public_url};
  return AddForTargets(round, message::Render(facts), episode.id, announcement.transition_id);
}

base::Status AddForTargets(const Round& round, notifier::Message message, std::int64_t episode_id,
                           std::int64_t transition_id) {
  const std::vector<notifier::Recipient>& targets = round.policy.targets;
  message.thread = round.instance + "-episode-" + std::to_string(episode_id);
  message.created_at_ms = round.now;
  message.not_before_ms = round.now + round.policy.hold.count();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    message.channel = targets[i].channel;
    message.target = targets[i].target;
    message.key = round.instance + "-" + std::to_string(transition_id) + "-" + std::to_string(i);
    for (const notifier::Message& part : notifier::Parts(message)) {
      const auto added = store::AddMessage(round.database, part, transition_id);
      if (!added) return added.error();
    }
  }
  return {};
}

}  // namespace sidecar::webhook
