#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

// HTTP as plain data, so that handlers know no server.
namespace base {

struct HttpRequest {
  std::string method = {};                             // "GET"
  std::string path = {};                               // decoded, without the query
  std::multimap<std::string, std::string> query = {};  // decoded
  std::map<std::string, std::string> headers = {};  // names in lower case; of repeated: the first
  std::string body = {};                            // at most the route's max_body_bytes
  std::vector<std::string> captures = {};           // what `*` matched in Route::path, in order
  std::string remote = {};                          // the client's IP address; empty: unknown
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::map<std::string, std::string> headers = {};  // further ones: Retry-After, WWW-Authenticate
};

// {"error": message} with `status`; `field` (the flag, parameter or JSON path at fault) is added
// when not empty.
HttpResponse JsonError(int status, const std::string& message, const std::string& field = "");
// The message of such an answer; "" of any other.
std::string ErrorOf(const HttpResponse& response);

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;
// Looks at method, path, query and headers before the body is read; a response it returns is sent
// at once and the connection is closed when a body was announced. An empty function lets everything
// pass.
using HttpGuard = std::function<bool(const HttpRequest&, HttpResponse*)>;  // true: go on

struct Route {
  std::string method;
  std::string path;  // "/api/v1/alerts/*": `*` is one whole segment
  HttpHandler handler;
  HttpGuard guard = {};
  std::size_t max_body_bytes = 0;  // 0: this route takes no body
  // Told of every answer to this route that did not come from its handler: the guard's, 413, a
  // damaged body. Empty: nobody wants to know.
  std::function<void(const HttpRequest&, const HttpResponse&)> refused = {};
};

}  // namespace base
