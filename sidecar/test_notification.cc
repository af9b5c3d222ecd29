#include "sidecar/test_notification.h"

#include <nlohmann/json.hpp>

#include "sidecar/message/render.h"
#include "sidecar/store/messages.h"

namespace sidecar {

TestNotification::TestNotification(store::Store* store, store::SqliteOutbox* outbox,
                                   const base::Clock* clock,
                                   std::vector<notifier::Recipient> targets,
                                   std::string sidecar_name, std::function<void()> wake)
    : store_(store),
      outbox_(outbox),
      clock_(clock),
      targets_(std::move(targets)),
      sidecar_name_(std::move(sidecar_name)),
      wake_(std::move(wake)) {}

base::Result<std::vector<std::int64_t>> TestNotification::Store() const {
  notifier::Message message = message::RenderTest(sidecar_name_, clock_->Now());
  const std::string name = store::RandomName();
  message.thread = std::string(store::kTestKey) + name;
  std::vector<std::int64_t> ids;
  const auto stored = store_->Write([&](const store::Database& database) -> base::Status {
    for (const notifier::Recipient& target : targets_) {
      message.channel = target.channel;
      message.target = target.target;
      message.key = message.thread + "-" + std::to_string(ids.size());
      const auto id = store::AddMessage(database, message, std::nullopt);
      if (!id) return id.error();
      ids.push_back(*id);
    }
    return {};
  });
  if (!stored) return stored.error();
  return ids;
}

base::HttpResponse TestNotification::Handle() {
  if (targets_.empty())
    return base::JsonError(409, "nobody to tell: neither --mail-to nor --telegram-chat was given");
  const auto deadline = clock_->Steady() + kLongestWait;
  const auto ids = Store();
  if (!ids) return base::JsonError(503, ids.error().message);
  wake_();

  nlohmann::json notifications = nlohmann::json::array();
  bool all_delivered = true;
  for (std::size_t i = 0; i < ids->size(); ++i) {
    const auto row = outbox_->WaitForTry((*ids)[i], deadline);
    if (!row) return base::JsonError(503, row.error().message);
    all_delivered = all_delivered && row->state == "delivered";
    notifications.push_back({{"id", (*ids)[i]},
                             {"channel", targets_[i].channel},
                             {"target", targets_[i].target},
                             {"state", row->state},
                             {"detail", row->last_detail}});
  }
  using nlohmann::json;
  const json body{{"notifications", notifications}};
  return {.status = all_delivered ? 200 : 202,
          .body = body.dump(2, ' ', false, json::error_handler_t::replace) + "\n"};
}

}  // namespace sidecar
