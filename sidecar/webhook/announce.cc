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

base::Status Announce(const store::Database& database, const std::string& instance,
                      const Policy& policy, const Announcement& announcement,
                      const cgroup::CpuEvidence& evidence, base::WallMs now) {
  const auto& [alert, episode, transition_id] = announcement;
  const auto past = store::CountPastWeek(database, episode, now);
  if (!past) return past.error();
  notifier::Message message = message::Render({.firing = alert.firing,
                                               .episode_id = episode.id,
                                               .name = episode.name,
                                               .severity = episode.severity,
                                               .source = episode.source,
                                               .labels = alert.labels,
                                               .annotations = alert.annotations,
                                               .generator_url = alert.generator_url,
                                               .starts_at_ms = episode.starts_at_ms,
                                               .ended_at_ms = episode.ended_at_ms,
                                               .past_week = *past,
                                               .evidence = evidence,
                                               .sidecar_name = policy.sidecar_name,
                                               .public_url = policy.public_url});
  message.thread = instance + "-episode-" + std::to_string(episode.id);
  message.created_at_ms = now;
  for (std::size_t i = 0; i < policy.targets.size(); ++i) {
    message.channel = policy.targets[i].channel;
    message.target = policy.targets[i].address;
    message.key = instance + "-" + std::to_string(transition_id) + "-" + std::to_string(i);
    for (const notifier::Message& part : notifier::Parts(message)) {
      const auto added = store::AddMessage(database, part, transition_id);
      if (!added) return added.error();
    }
  }
  return {};
}

}  // namespace sidecar::webhook
