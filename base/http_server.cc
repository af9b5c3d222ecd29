#include "base/http_server.h"

#include <fcntl.h>
#include <httplib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/http_server_answer.h"
#include "base/http_server_queue.h"
#include "base/http_server_stream.h"
#include "base/log.h"

namespace base {
namespace {

using http_server::ConnectionStream;
using http_server::WorkQueue;

// Hands httplib's connections to our bounded queue, which outlives it.
class QueueAdapter final : public httplib::TaskQueue {
 public:
  explicit QueueAdapter(WorkQueue* queue) : queue_(queue) {}
  void enqueue(std::function<void()> task) override { queue_->Add(std::move(task)); }
  void shutdown() override {}

 private:
  WorkQueue* const queue_;
};

}  // namespace

class HttpServer::Impl final : public httplib::Server {
 public:
  Impl(const HttpServerOptions& options, std::vector<Route> routes);
  Status Open();
  void Start();
  void Stop();
  [[nodiscard]] int port() const { return port_; }

 private:
  bool process_and_close_socket(socket_t fd) override;
  bool ServeOne(ConnectionStream* stream);
  void Accept();

  const HttpServerOptions options_;
  const std::vector<Route> routes_;
  const Fd stop_fd_;
  int port_ = 0;
  Fd listen_fd_;
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<WorkQueue> queue_;
  std::jthread acceptor_;
};

HttpServer::Impl::Impl(const HttpServerOptions& options, std::vector<Route> routes)
    : options_(options),
      routes_(std::move(routes)),
      stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  new_task_queue = [this] { return new QueueAdapter(queue_.get()); };
  set_tcp_nodelay(true);
  set_socket_options([](socket_t fd) {  // httplib's own would share the port with another process
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    if (http_server::WantsBody(routes_, request)) return HandlerResponse::Unhandled;
    http_server::Answer(routes_, request, nullptr, &response);
    return HandlerResponse::Handled;
  });
  const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                const httplib::ContentReader& reader) {
    http_server::Answer(routes_, request, &reader, &response);
  };
  Post(".*", with_body);
  Put(".*", with_body);
  Patch(".*", with_body);
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    response.headers.erase("Keep-Alive");  // httplib announces a count that we do not keep
    response.headers.erase("Accept-Ranges");
  });
}

Status HttpServer::Impl::Open() {
  errno = 0;
  const std::string& address = options_.address;
  if (options_.port == 0) {
    port_ = bind_to_any_port(address, AI_PASSIVE);
  } else {
    port_ = bind_to_port(address, options_.port, AI_PASSIVE) ? options_.port : -1;
  }
  const int problem = errno;
  listen_fd_ = Fd(svr_sock_.exchange(INVALID_SOCKET));
  // httplib's own backlog is 5; a second listen() on the same socket only changes that.
  if (port_ > 0 && ::listen(listen_fd_.get(), options_.backlog) == 0) return {};

  const std::string where = address + ":" + std::to_string(options_.port);
  if (problem == EADDRINUSE) return Error{ErrorCode::kBusy, where + ": the port is taken"};
  if (problem == EACCES) return ErrnoError(where, problem);
  return Error{ErrorCode::kInvalid, where + ": is not an address of this machine to listen on"};
}

void HttpServer::Impl::Start() {
  if (queue_ != nullptr || stopping_) return;
  const int threads = std::max(1, options_.threads);
  queue_ = std::make_unique<WorkQueue>(threads, static_cast<std::size_t>(threads),
                                       options_.spare_thread);
  acceptor_ = std::jthread([this] { Accept(); });
}

// httplib stops listening for good when accept() fails for a reason that passes, such as no memory.
// It therefore works on a copy of the descriptor and is started again.
void HttpServer::Impl::Accept() {
  constexpr int kPauseMs = 100;
  while (!stopping_) {
    svr_sock_ = fcntl(listen_fd_.get(), F_DUPFD_CLOEXEC, 0);
    listen_after_bind();
    if (stopping_) return;
    log::Error("http_accept_failed", {{"port", port_}});
    pollfd stop = {.fd = stop_fd_.get(), .events = POLLIN, .revents = 0};
    poll(&stop, 1, kPauseMs);
  }
}

void HttpServer::Impl::Stop() {
  if (stopping_.exchange(true)) return;
  eventfd_write(stop_fd_.get(), 1);
  shutdown(listen_fd_.get(), SHUT_RDWR);  // wakes accept()
  if (queue_ != nullptr) {
    acceptor_.join();  // it may wait for room in the queue, which the threads still make
    queue_->Finish();
  }
  listen_fd_ = Fd();
}

bool HttpServer::Impl::process_and_close_socket(socket_t fd) {
  ConnectionStream stream(fd,
                          {.message_deadline = options_.message_deadline,
                           .idle_timeout = options_.idle_timeout,
                           .write_deadline = options_.write_deadline,
                           .max_header_bytes = options_.max_header_bytes},
                          {.stop_fd = stop_fd_.get(), .pressure_fd = queue_->pressure_fd()});
  while (ServeOne(&stream)) {
  }
  return true;
}

// Whether another request may follow on the same connection.
bool HttpServer::Impl::ServeOne(ConnectionStream* stream) {
  if (!stream->WaitForRequest()) return false;
  auto head = stream->ReadHead();
  if (!head) {
    if (head.error().code == ErrorCode::kUnavailable) return false;
    http_server::WriteRefusal(head.error(), stream);
    if (stream->Flush()) stream->CloseGently();
    return false;
  }
  const bool last = head->last || stopping_ || queue_->under_pressure();
  bool closed = false;
  stream->SetHeadForHttplib(head->request.method + " / HTTP/1.1\r\n\r\n");
  process_request(*stream, last, closed, [&](httplib::Request& request) {
    http_server::GiveToHttplib(std::move(head->request), &request);
  });
  if (stream->timed_out()) {
    http_server::WriteRefusal({ErrorCode::kTimeout, "the body took too long to arrive"}, stream);
  }
  if (!stream->Flush()) return false;
  if (!stream->at_end()) stream->CloseGently();
  return !last && stream->at_end();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { Stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Bind(const HttpServerOptions& options,
                                                     std::vector<Route> routes) {
  auto impl = std::make_unique<Impl>(options, std::move(routes));
  const Status opened = impl->Open();
  if (!opened) return opened.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::Start() { impl_->Start(); }
void HttpServer::Stop() { impl_->Stop(); }
int HttpServer::port() const { return impl_->port(); }

}  // namespace base
