#include <algorithm>

#include "notifier/email/email_channel.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  // "TLS\nURL"
  const std::string tls = fuzz::CutFirst(&text, '\n');
  const auto server = notifier::ParseSmtpUrl(std::string(text), tls);
  if (!server) {
    PROMISE(server.error().code == base::ErrorCode::kInvalid);
    PROMISE(!server.error().message.empty());
    return;
  }
  PROMISE(tls.empty() || tls == "starttls" || tls == "implicit" || tls == "none");
  PROMISE(!server->host.empty());
  PROMISE(server->port >= 1 && server->port <= 65535);
  // Nothing that could end a line or start another part of a URL.
  PROMISE(std::none_of(server->host.begin(), server->host.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '/' || c == '@' || c == '?';
  }));
  PROMISE(std::none_of(server->user.begin(), server->user.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }));
  PROMISE(server->user.empty() || server->tls != base::MailTls::kNone);
}
