#pragma once

#include <optional>
#include <string>

#include "base/http.h"
#include "base/secret_file.h"

// Who may call an endpoint. Each scope has a token file of its own; null: the scope is closed.
namespace sidecar {

// The name behind the request's bearer token.
std::optional<std::string> TokenName(base::TokenFile* tokens, const base::HttpRequest& request);

// 401; `flag` names the file's flag, for who finds the scope closed.
base::HttpResponse Unauthorized(const base::TokenFile* tokens, const std::string& flag);

// Lets pass who holds a token of that file.
base::HttpGuard Guard(base::TokenFile* tokens, const std::string& flag);

// The same, and who holds a token of `peers` and asks with scope=local: a peer may read what this
// sidecar itself has.
base::HttpGuard GuardLocal(base::TokenFile* tokens, const std::string& flag,
                           base::TokenFile* peers);

}  // namespace sidecar
