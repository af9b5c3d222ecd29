#include "base/http_server_answer.h"

#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "base/http_server_route.h"
#include "base/log.h"

namespace base::http_server {
namespace {

// A header of the client reaches our handlers through httplib's request under a name that httplib
// does not know and that no client can send, so that httplib acts on none of them.
constexpr char kHidden = ':';

HttpRequest FromHttplib(const httplib::Request& from) {
  HttpRequest request{
      .method = from.method, .path = from.path, .query = from.params, .remote = from.remote_addr};
  for (const auto& [name, value] : from.headers) {
    if (name.front() == kHidden) request.headers.emplace(name.substr(1), value);
  }
  return request;
}

// The announced length, as checked by ParseHead; of a chunked body at least one byte.
std::uint64_t AnnouncedBytes(const HttpRequest& request) {
  if (request.headers.count("transfer-encoding") != 0) return 1;
  const auto length = request.headers.find("content-length");
  return length == request.headers.end() ? 0 : std::strtoull(length->second.c_str(), nullptr, 10);
}

HttpResponse TooLong(std::size_t max_bytes) {
  if (max_bytes == 0) return JsonError(413, "this path takes no body");
  return JsonError(413, "the body is longer than " + std::to_string(max_bytes) + " bytes");
}

HttpResponse NoRoute(const RouteMatch& match, const std::string& method) {
  if (match.allow.empty()) return JsonError(404, "this path does not exist");
  HttpResponse response = JsonError(405, "this path does not take " + method);
  response.headers["Allow"] = match.allow;
  return response;
}

// Reads the body into *request. false: *refusal is the answer.
bool ReadBody(const httplib::ContentReader& reader, std::size_t max_bytes, HttpRequest* request,
              HttpResponse* refusal) {
  bool too_long = false;
  const bool complete = reader([&](const char* data, std::size_t size) {
    too_long = request->body.size() + size > max_bytes;
    if (!too_long) request->body.append(data, size);
    return !too_long;
  });
  if (!complete) *refusal = too_long ? TooLong(max_bytes) : JsonError(400, "the body is damaged");
  return complete;
}

void Fill(const HttpResponse& from, bool close, httplib::Response* to) {
  to->status = from.status;
  if (!from.body.empty()) to->set_content(from.body, from.content_type);
  for (const auto& [name, value] : from.headers) to->set_header(name, value);
  if (close) to->set_header("Connection", "close");
}

// Asks the guard, then reads the body: the answer when the handler is not to be called.
std::optional<HttpResponse> Refusal(const Route& route, const httplib::ContentReader* reader,
                                    std::uint64_t announced, HttpRequest* request) {
  HttpResponse refusal;
  if (route.guard && !route.guard(*request, &refusal)) return refusal;
  const std::size_t max_bytes = reader == nullptr ? 0 : route.max_body_bytes;
  if (announced > max_bytes) return TooLong(max_bytes);
  if (announced > 0 && !ReadBody(*reader, max_bytes, request, &refusal)) return refusal;
  return std::nullopt;
}

// *body_left: whether the client announced a body that was not read to its end.
HttpResponse Serve(const std::vector<Route>& routes, const httplib::Request& from,
                   const httplib::ContentReader* reader, bool* body_left) {
  HttpRequest request = FromHttplib(from);
  const std::uint64_t announced = AnnouncedBytes(request);
  *body_left = announced > 0;
  RouteMatch match = FindRoute(routes, request.method, request.path);
  if (match.route == nullptr) return NoRoute(match, request.method);
  const Route& route = *match.route;
  request.method = route.method;  // GET for HEAD
  request.captures = std::move(match.captures);
  try {
    if (auto refusal = Refusal(route, reader, announced, &request)) {
      if (route.refused) route.refused(request, *refusal);
      return *refusal;
    }
    *body_left = false;
    return route.handler(request);
  } catch (const std::exception& error) {
    log::Error("http_handler_threw", {{"path", request.path}, {"error", error.what()}});
  } catch (...) {
    log::Error("http_handler_threw", {{"path", request.path}});
  }
  return JsonError(500, "this request failed; the log says why");
}

// An answer where httplib has no request to answer to; the connection ends with it.
void WriteRefusal(int status, const char* reason, const std::string& message,
                  ConnectionStream* stream) {
  const std::string body = JsonError(status, message).body;
  const std::string head =
      "HTTP/1.1 " + std::to_string(status) + " " + reason +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n";
  stream->DropAnswer();
  stream->write(head.data(), head.size());
  stream->write(body.data(), body.size());
}

}  // namespace

void GiveToHttplib(HttpRequest from, httplib::Request* to) {
  to->path = std::move(from.path);
  to->params = std::move(from.query);
  to->headers.clear();
  for (const auto& [name, value] : from.headers) to->headers.emplace(kHidden + name, value);
}

bool WantsBody(const std::vector<Route>& routes, const httplib::Request& request) {
  const std::string& method = request.method;
  return (method == "POST" || method == "PUT" || method == "PATCH") &&
         FindRoute(routes, method, request.path).route != nullptr;
}

void Answer(const std::vector<Route>& routes, const httplib::Request& request,
            const httplib::ContentReader* reader, httplib::Response* response) {
  bool body_left = true;
  const HttpResponse answer = Serve(routes, request, reader, &body_left);
  Fill(answer, body_left, response);
}

void WriteRefusal(const Error& error, ConnectionStream* stream) {
  if (error.code == ErrorCode::kTimeout) {
    WriteRefusal(408, "Request Timeout", error.message, stream);
  } else if (error.code == ErrorCode::kFull) {
    WriteRefusal(431, "Request Header Fields Too Large", error.message, stream);
  } else {
    WriteRefusal(400, "Bad Request", error.message, stream);
  }
}

}  // namespace base::http_server
