#include "notifier/email/email_channel.h"

#include <utility>

#include "notifier/email/classify.h"
#include "notifier/email/mime.h"

namespace notifier {

EmailChannel::EmailChannel(EmailOptions options, SendMail send)
    : options_(std::move(options)), send_(std::move(send)) {}

base::Millis EmailChannel::LongestSend() const {
  return base::LongestMail(options_.phase_timeout, options_.accept_timeout);
}

SendResult EmailChannel::Send(const Message& message, const Attempt& attempt,
                              const std::stop_token& stop) {
  if (!base::IsMailAddress(message.target)) {
    return {.outcome = Outcome::kPermanent, .detail = "the recipient is not a mail address"};
  }
  base::MailCall call = {
      .host = options_.server.host,
      .port = options_.server.port,
      .tls = options_.server.tls,
      .user = options_.server.user,
      .from = options_.from,
      .recipient = message.target,
      .data = RenderMail(message, options_.from, attempt),
      .phase_timeout = options_.phase_timeout,
      .accept_timeout = options_.accept_timeout,
      .ca_file = options_.ca_file,
  };
  if (!call.user.empty()) {
    auto password = base::SecretFile(options_.password_file).Read();
    if (!password.ok()) {
      // A rotation may be under way: another try reads the file again.
      return {.outcome = Outcome::kTemporary,
              .detail = password.error().Wrap("password file").message};
    }
    call.password = *std::move(password);
  }
  return Classify(send_(call, stop));
}

}  // namespace notifier
