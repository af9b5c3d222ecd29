#include "model-svc/http_front_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/log.h"
#include "model-svc/http_front_answer.h"

namespace model::http_front {
namespace {

constexpr int kMaxAmpersands = 16;  // of a target; no route of ours takes arguments

base::SteadyTime Now() { return std::chrono::steady_clock::now(); }

base::HttpResponse Busy() {
  base::HttpResponse busy = base::JsonError(503, "too many requests, try again");
  busy.headers["Retry-After"] = "1";
  return busy;
}

base::HttpResponse TooLong(std::size_t most) {
  if (most == 0) return base::JsonError(413, "this path takes no body");
  return base::JsonError(413, "the body is longer than " + std::to_string(most) + " bytes");
}

// Whether the client may lose the answer if the socket is closed now.
bool MayStillSend(const Connection& connection) {
  char byte = 0;
  const ssize_t got = recv(connection.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && errno == EAGAIN && connection.unread);
}

MHD_Result TakeArgument(void* closure, enum MHD_ValueKind, const char* key, const char* value) {
  static_cast<base::HttpRequest*>(closure)->query.emplace(key, value == nullptr ? "" : value);
  return MHD_YES;
}

}  // namespace

Exchange::Exchange(const HttpFrontOptions& options, std::vector<base::Route> routes, Keeper* keeper)
    : options_(options),
      routes_(std::move(routes)),
      keeper_(keeper),
      metrics_(options.metrics, &routes_, keeper->open()),
      budget_(options.max_body_memory),
      busy_(Busy()) {}

void Exchange::TurnedAway() {
  if (options_.max_connections_per_ip > 0) metrics_.Shed(ShedReason::kPerIp);
}

void Exchange::Opened(MHD_Connection* from, void** context) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(from, MHD_CONNECTION_INFO_CONNECTION_FD);
  *context = keeper_->Opened(info->connect_fd, Now());
}

void Exchange::Closed(void** context) {
  auto* const connection = static_cast<Connection*>(*context);
  *context = nullptr;
  budget_.Release(connection);
  keeper_->Closed(connection, MayStillSend(*connection), Now());
}

void* Exchange::RequestLine(const char* target, MHD_Connection* from) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(from, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  auto* const connection = static_cast<Connection*>(info->socket_context);
  const std::string_view text(target == nullptr ? "" : target);
  connection->started = Now();
  connection->mark.Enter(Phase::kHead, connection->started);
  connection->unread = true;
  connection->begun = false;
  connection->route = nullptr;
  connection->refusal.reset();
  connection->path = routes_.FindPath(text);
  connection->target_end = text.data() + text.size();
  connection->has_query = text.find('?') != std::string_view::npos;
  if (std::count(text.begin(), text.end(), '&') > kMaxAmpersands) RefuseTarget(connection);
  return connection;
}

// libmicrohttpd makes a note of each argument in the memory of the head, and says nothing at all
// when that is full.
void Exchange::RefuseTarget(Connection* connection) {
  const base::HttpResponse refusal = base::JsonError(414, "the query has too many arguments");
  RefuseNow("other", refusal, *connection);
  shutdown(connection->fd, SHUT_RDWR);
}

MHD_Result Exchange::Request(MHD_Connection* from, const char* method, const char* version,
                             std::string_view part, Connection* connection) {
  if (!connection->begun) return Begin(from, method, version, connection);
  if (!part.empty()) return Collect(method, part, connection);
  return Finish(from, method, connection);
}

base::HttpResponse Exchange::Shed(ShedReason reason) {
  metrics_.Shed(reason);
  return busy_;
}

bool Exchange::HasRoom(const Head& head) const {
  return head.sound && head.bytes <= static_cast<std::size_t>(options_.max_header_bytes) &&
         head.memory <= ConnectionMemory(options_.max_header_bytes);
}

std::optional<base::HttpResponse> Exchange::Refusal(const Head& head, const char* method,
                                                    Connection* connection) {
  if (!keeper_->Admit(connection)) return Shed(ShedReason::kConnections);
  if (!head.sound) return base::JsonError(400, "the head of the request is ambiguous or damaged");
  if (!HasRoom(head)) return base::JsonError(431, "the head of the request is too long");
  if (connection->path == routes_.count()) return base::JsonError(404, "this path does not exist");
  connection->route = routes_.Find(connection->path, method);
  if (connection->route == nullptr) {
    base::HttpResponse response = base::JsonError(405, "this path does not take this method");
    response.headers["Allow"] = routes_.Allow(connection->path);
    return response;
  }
  const std::size_t most = connection->route->max_body_bytes;
  if (head.length > most || (head.chunked && most == 0)) return TooLong(most);
  if (head.encoded) return base::JsonError(415, "a body is taken as it is, without encoding");
  connection->longest = head.chunked ? most : static_cast<std::size_t>(head.length);
  return std::nullopt;
}

MHD_Result Exchange::Begin(MHD_Connection* from, const char* method, const char* version,
                           Connection* connection) {
  connection->begun = true;
  connection->mark.Enter(Phase::kBody, connection->started);
  const Head head = ReadHead(from, method, connection->target_end, version);
  connection->refusal = Refusal(head, method, connection);
  if (!connection->refusal) return MHD_YES;
  // libmicrohttpd, left without room for an answer, would close the connection without one.
  if (!HasRoom(head)) return RefuseNow(method, *std::move(connection->refusal), *connection);
  if (!head.announces_body()) return MHD_YES;
  // An answer in this call closes the connection, as is right with a body that nobody will read.
  return Answer(from, method, *std::move(connection->refusal), connection);
}

MHD_Result Exchange::Collect(std::string_view method, std::string_view part,
                             Connection* connection) {
  const std::size_t most = connection->route->max_body_bytes;
  const bool fits = part.size() <= most - connection->request.body.size();
  if (fits && budget_.Append(connection, part, connection->longest)) return MHD_YES;
  return RefuseNow(method, fits ? Shed(ShedReason::kMemory) : TooLong(most), *connection);
}

MHD_Result Exchange::RefuseNow(std::string_view method, const base::HttpResponse& refusal,
                               const Connection& connection) {
  SendNow(refusal, connection);
  Count(method, refusal.status, Now(), connection);
  return MHD_NO;
}

MHD_Result Exchange::Finish(MHD_Connection* from, const char* method, Connection* connection) {
  connection->unread = false;
  connection->mark.Enter(Phase::kHandling, Now());
  if (connection->refusal) {
    return Answer(from, method, *std::move(connection->refusal), connection);
  }
  return Answer(from, method, Handle(from, connection), connection);
}

base::HttpResponse Exchange::Handle(MHD_Connection* from, Connection* connection) {
  const base::Route& route = *connection->route;
  base::HttpRequest& request = connection->request;
  request.method = route.method;  // GET for HEAD
  request.path = route.path;
  request.query.clear();
  request.body.reserve(request.body.size() + HttpFront::kBodyPadding);
  if (connection->has_query) {
    MHD_get_connection_values(from, MHD_GET_ARGUMENT_KIND, TakeArgument, &request);
  }
  try {
    return route.handler(request);
  } catch (const std::exception& error) {
    base::log::Error("http_handler_threw", {{"path", route.path}, {"error", error.what()}});
  } catch (...) {
    base::log::Error("http_handler_threw", {{"path", route.path}});
  }
  return base::JsonError(500, "this request failed; the log says why");
}

MHD_Result Exchange::Answer(MHD_Connection* from, const char* method, base::HttpResponse response,
                            Connection* connection) {
  const base::SteadyTime now = Now();
  connection->mark.Enter(Phase::kAnswering, now);
  Count(method, response.status, now, *connection);
  const bool close = !connection->admitted || keeper_->wants_room();
  return Queue(from, std::move(response), close, connection) ? MHD_YES : MHD_NO;
}

void Exchange::Count(std::string_view method, int code, base::SteadyTime now,
                     const Connection& connection) {
  const std::chrono::duration<double> took = now - connection.started;
  metrics_.Answered(method, connection.path, connection.route, code, took.count());
}

void Exchange::Completed(Connection* connection) {
  budget_.Release(connection);
  connection->mark.Enter(Phase::kWaiting, Now());
}

}  // namespace model::http_front
