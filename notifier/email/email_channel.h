#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/curl_client.h"
#include "base/secret_file.h"
#include "notifier/channel.h"

namespace notifier {

struct SmtpServer {
  std::string host;
  int port = 0;
  base::MailTls tls = base::MailTls::kStartTls;
  std::string user;  // empty: no login
};

// "smtp://[USER@]HOST[:PORT]" (STARTTLS, 587) or "smtps://..." (implicit TLS, 465). `tls`
// "starttls", "implicit" or "none" overrides; "" keeps the scheme's. USER is percent-decoded.
// kInvalid: another scheme, a password in the URL, a path, no host, a user together with "none"
// (the password would cross the network in clear).
base::Result<SmtpServer> ParseSmtpUrl(const std::string& url, const std::string& tls);

struct EmailOptions {
  SmtpServer server;
  std::string from;           // a mailbox, ASCII
  std::string password_file;  // empty: none
  std::string ca_file;        // empty: the system's
  base::Millis phase_timeout{30'000};
  base::Millis accept_timeout{600'000};
};

// The seam to the network: base::CurlClient::Mail in the program, a fake in tests.
using SendMail = std::function<base::MailOutcome(const base::MailCall&, const std::stop_token&)>;

// Mail. Renders the whole message before it connects; reads the password at each try.
class EmailChannel final : public Channel {
 public:
  EmailChannel(EmailOptions options, SendMail send);
  [[nodiscard]] std::string_view name() const override { return "email"; }
  [[nodiscard]] base::Millis LongestSend() const override;
  SendResult Send(const Message& message, const Attempt& attempt,
                  const std::stop_token& stop) override;

 private:
  const EmailOptions options_;
  const SendMail send_;
};

}  // namespace notifier
