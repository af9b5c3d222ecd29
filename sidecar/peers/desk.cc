#include "sidecar/peers/desk.h"

#include "sidecar/peers/question.h"
#include "sidecar/store/deliveries.h"

namespace sidecar::peers {

base::HttpResponse AnswerDelivery(const store::Store& store, const Identity& own,
                                  const base::HttpRequest& request, base::WallMs now) {
  const auto subject = ParseQuestion(request.body);
  if (!subject) return base::JsonError(400, subject.error().message);
  const auto found = store::FindDelivery(store, *subject, now);
  if (!found) return base::JsonError(503, found.error().message);
  Answer answer{.name = own.name, .who = {.identity = own}};
  if (*found) {
    answer.state = (*found)->state;
    answer.lease_ends_in = (*found)->lease_ends_in;
    answer.provider_id = (*found)->provider_id;
  }
  return {.body = AnswerJson(answer)};
}

base::HttpResponse AnswerIdentity(const Identity& own) { return {.body = IdentityJson(own)}; }

base::HttpResponse TakeNews(store::Store* store, const base::HttpRequest& request,
                            base::WallMs now) {
  const auto news = ParseNews(request.body);
  if (!news) return base::JsonError(400, news.error().message);
  int settled = 0;
  for (const News::Item& item : news->delivered) {
    const auto own = store::FindDelivery(*store, item.subject, now);
    if (!own) return base::JsonError(503, own.error().message);
    if (!*own || (*own)->state == notifier::State::kDelivered) continue;
    const auto moved = store::SettleElsewhere(store, (*own)->outbox_id,
                                              "delivered by " + news->name, item.provider_id, now);
    if (!moved) return base::JsonError(503, moved.error().message);
    if (*moved) ++settled;
  }
  return {.body = "{\"settled\": " + std::to_string(settled) + "}\n"};
}

}  // namespace sidecar::peers
