#include "sidecar/webhook/announce.h"

#include <algorithm>
#include <tuple>

#include "notifier/parts.h"
#include "sidecar/message/render.h"
#include "sidecar/store/messages.h"

namespace sidecar::webhook {

void SortByUrgency(std::vector<Announcement>* announcements) {
  const auto rank = [](const Announcement& each) {
    return std::tuple(!each.alert.firing, each.episode.severity != "critical");
  };
  std::stable_sort(announcements->begin(), announcements->end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
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
  return Address(round, message::Render(facts), episode.id, announcement.transition_id);
}

base::Status Address(const Round& round, notifier::Message message, std::int64_t episode_id,
                     std::int64_t transition_id) {
  const std::vector<Target>& targets = round.policy.targets;
  message.thread = round.instance + "-episode-" + std::to_string(episode_id);
  message.created_at_ms = round.now;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    message.channel = targets[i].channel;
    message.target = targets[i].address;
    message.key = round.instance + "-" + std::to_string(transition_id) + "-" + std::to_string(i);
    for (const notifier::Message& part : notifier::Parts(message)) {
      const auto added = store::AddMessage(round.database, part, transition_id);
      if (!added) return added.error();
    }
  }
  return {};
}

}  // namespace sidecar::webhook
