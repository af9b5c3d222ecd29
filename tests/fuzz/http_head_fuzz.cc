#include "base/http_server_head.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  using namespace base::http_server;
  const auto head = ParseHead(text);
  if (!head) {
    PROMISE(!head.error().message.empty());
    return;
  }
  PROMISE(MayBeHead(text));
  const base::HttpRequest& request = head->request;
  PROMISE(!request.method.empty());
  PROMISE(request.path.starts_with('/'));
  PROMISE(head->body == BodyKind::kLength || head->body_bytes == 0);
  // Two readings of one body are how requests are smuggled.
  PROMISE(!(request.headers.contains("content-length") &&
            request.headers.contains("transfer-encoding")));
  for (const auto& [name, value] : request.headers) {
    PROMISE(!name.empty());
    PROMISE(value.find_first_of("\r\n") == std::string::npos);
  }
}
