#include "sidecar/guards.h"

namespace sidecar {

using base::HttpRequest;
using base::HttpResponse;

std::optional<std::string> TokenName(base::TokenFile* tokens, const HttpRequest& request) {
  const auto header = request.headers.find("authorization");
  if (tokens == nullptr || header == request.headers.end()) return std::nullopt;
  return tokens->Match(header->second);
}

HttpResponse Unauthorized(const base::TokenFile* tokens, const std::string& flag) {
  auto response = base::JsonError(401, tokens == nullptr ? "closed: no --" + flag + " was given"
                                                         : "a valid bearer token is needed");
  response.headers["WWW-Authenticate"] = "Bearer";
  return response;
}

base::HttpGuard Guard(base::TokenFile* tokens, const std::string& flag) {
  return [tokens, flag](const HttpRequest& request, HttpResponse* response) {
    if (TokenName(tokens, request)) return true;
    *response = Unauthorized(tokens, flag);
    return false;
  };
}

base::HttpGuard GuardLocal(base::TokenFile* tokens, const std::string& flag,
                           base::TokenFile* peers) {
  return [guard = Guard(tokens, flag), peers](const HttpRequest& request, HttpResponse* response) {
    const auto scope = request.query.find("scope");
    const bool local = scope != request.query.end() && scope->second == "local";
    return (local && TokenName(peers, request)) || guard(request, response);
  };
}

}  // namespace sidecar
