#include "model-svc/http_front.h"

#include <microhttpd.h>

#include <string_view>
#include <utility>

#include "model-svc/http_front_exchange.h"
#include "model-svc/http_front_head.h"
#include "model-svc/http_front_keeper.h"
#include "model-svc/http_front_listener.h"

namespace model {
namespace {

using http_front::Connection;
using http_front::Exchange;

// The callbacks of libmicrohttpd; `self` is the Exchange.
MHD_Result OnRequest(void* self, MHD_Connection* from, const char* /*url*/, const char* method,
                     const char* version, const char* part, std::size_t* size, void** context) {
  const std::string_view data(part, std::exchange(*size, 0));
  return static_cast<Exchange*>(self)->Request(from, method, version, data,
                                               static_cast<Connection*>(*context));
}

void* OnRequestLine(void* self, const char* target, MHD_Connection* from) {
  return static_cast<Exchange*>(self)->RequestLine(target, from);
}

void OnCompleted(void* self, MHD_Connection* /*from*/, void** context,
                 enum MHD_RequestTerminationCode /*why*/) {
  static_cast<Exchange*>(self)->Completed(static_cast<Connection*>(*context));
}

void OnConnection(void* self, MHD_Connection* from, void** context,
                  enum MHD_ConnectionNotificationCode what) {
  switch (what) {
    case MHD_CONNECTION_NOTIFY_STARTED:
      static_cast<Exchange*>(self)->Opened(from, context);
      break;
    case MHD_CONNECTION_NOTIFY_CLOSED:
      static_cast<Exchange*>(self)->Closed(context);
      break;
  }
}

}  // namespace

class HttpFront::Impl {
 public:
  Impl(const HttpFrontOptions& options, std::vector<base::Route> routes, base::Fd listener)
      : options_(options),
        port_(http_front::PortOf(listener)),
        keeper_(options, std::move(listener),
                [this](int fd, const sockaddr* from, socklen_t size) {
                  const bool taken = MHD_add_connection(daemon_, fd, from, size) == MHD_YES;
                  if (!taken) exchange_.TurnedAway();
                  return taken;
                }),
        exchange_(options, std::move(routes), &keeper_) {}

  base::Status Start();
  void Stop();
  [[nodiscard]] int port() const { return port_; }

 private:
  MHD_Daemon* StartDaemon();

  const HttpFrontOptions options_;
  const int port_;
  http_front::Keeper keeper_;
  Exchange exchange_;
  MHD_Daemon* daemon_ = nullptr;
  bool stopped_ = false;
};

MHD_Daemon* HttpFront::Impl::StartDaemon() {
  const auto threads = static_cast<unsigned>(options_.threads > 1 ? options_.threads : 0);
  // The keeper holds the limit. This one is per thread, and is only there to be out of its way.
  const auto most =
      static_cast<unsigned>(options_.max_connections + options_.shed_connections) + 64;
  return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET, 0,
                          nullptr, nullptr, OnRequest, &exchange_,                          //
                          MHD_OPTION_THREAD_POOL_SIZE, threads,                             //
                          MHD_OPTION_CONNECTION_LIMIT, most * (threads > 0 ? threads : 1),  //
                          MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                          static_cast<unsigned>(options_.max_connections_per_ip),
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                          http_front::ConnectionMemory(options_.max_header_bytes),  //
                          MHD_OPTION_URI_LOG_CALLBACK, OnRequestLine, &exchange_,   //
                          MHD_OPTION_NOTIFY_COMPLETED, OnCompleted, &exchange_,     //
                          MHD_OPTION_NOTIFY_CONNECTION, OnConnection, &exchange_,   //
                          MHD_OPTION_END);
}

base::Status HttpFront::Impl::Start() {
  if (daemon_ != nullptr || stopped_) return {};
  daemon_ = StartDaemon();
  if (daemon_ == nullptr) {
    return base::Error{base::ErrorCode::kIo, "the HTTP threads could not be started"};
  }
  keeper_.Start();
  return {};
}

void HttpFront::Impl::Stop() {
  if (std::exchange(stopped_, true)) return;
  keeper_.Drain();
  if (daemon_ != nullptr) MHD_stop_daemon(std::exchange(daemon_, nullptr));
}

HttpFront::HttpFront(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpFront::~HttpFront() { Stop(); }

base::Result<std::unique_ptr<HttpFront>> HttpFront::Bind(const HttpFrontOptions& options,
                                                         std::vector<base::Route> routes) {
  auto listener = http_front::Listen(options.address, options.port, options.backlog);
  if (!listener) return listener.error();
  return std::unique_ptr<HttpFront>(
      new HttpFront(std::make_unique<Impl>(options, std::move(routes), *std::move(listener))));
}

base::Status HttpFront::Start() { return impl_->Start(); }
void HttpFront::Stop() { impl_->Stop(); }
int HttpFront::port() const { return impl_->port(); }

}  // namespace model
