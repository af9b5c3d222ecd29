#include "sidecar/app.h"
#include "sidecar/guards.h"
#include "sidecar/peers/desk.h"
#include "sidecar/query/cpu.h"

// The other sidecars: what is asked of them, and what they ask.
namespace sidecar {

using base::HttpRequest;

namespace {

constexpr base::Millis kCourierInterval{500};

}  // namespace

peers::Identity App::OwnIdentity() const {
  peers::Identity identity{
      .run = run_, .position = options_.position.value_or(0), .name = options_.name};
  if (webhook_tokens_) identity.sources = webhook_tokens_->Names();
  return identity;
}

void App::WirePeers() {
  const int position = options_.position.value_or(0);
  asker_ = std::make_unique<peers::Asker>(
      peers::Others(options_.peers, position), options_.peer_token_file,
      [this](const base::HttpCall& call, const std::stop_token& stop) {
        return curl_.Http(call, stop);
      },
      &metrics_);
  roster_ = std::make_unique<peers::Roster>(
      asker_.get(), &clock_, [this] { return OwnIdentity(); }, &metrics_);
  fleet_ = std::make_unique<query::Fleet>(store_.get(), asker_.get(), roster_.get(), options_.peers,
                                          position, options_.name);
  if (asker_->others().empty()) return;
  gate_ = std::make_unique<peers::PeerGate>(store_.get(), asker_.get(), roster_.get(), &clock_,
                                            options_.hold);
  courier_ =
      std::make_unique<peers::Courier>(store_.get(), asker_.get(), roster_.get(), options_.name);
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      kCourierInterval, [this](const std::stop_token& stop) { courier_->RunOnce(stop); }));
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      peers::Roster::kUntilAnswered,
      [this](const std::stop_token& stop) { roster_->RunOnce(stop); }));
}

void App::AddPeerRoutes(std::vector<base::Route>* routes) {
  const auto peer = Guard(peer_tokens_.get(), "peer-token-file");
  const auto query = Guard(query_tokens_.get(), "query-token-file");
  routes->push_back({.method = "POST",
                     .path = "/api/v1/peer/delivery",
                     .handler =
                         [this](const HttpRequest& request) {
                           return peers::AnswerDelivery(*store_, OwnIdentity(), request,
                                                        clock_.Now());
                         },
                     .guard = peer,
                     .max_body_bytes = peers::kMaxQuestionBytes});
  routes->push_back({.method = "POST",
                     .path = "/api/v1/peer/delivered",
                     .handler =
                         [this](const HttpRequest& request) {
                           return peers::TakeNews(store_.get(), request, clock_.Now());
                         },
                     .guard = peer,
                     .max_body_bytes = peers::kMaxNewsBytes});
  routes->push_back(
      {.method = "GET",
       .path = "/api/v1/peer/identity",
       .handler = [this](const HttpRequest&) { return peers::AnswerIdentity(OwnIdentity()); },
       .guard = peer});
  routes->push_back({.method = "GET",
                     .path = "/api/v1/cpu",
                     .handler =
                         [this](const HttpRequest& request) {
                           return query::ShowCpu(sampler_.Evidence(), options_.name, request);
                         },
                     .guard =
                         [this, query](const HttpRequest& request, base::HttpResponse* response) {
                           return TokenName(peer_tokens_.get(), request).has_value() ||
                                  query(request, response);
                         }});
}

}  // namespace sidecar
