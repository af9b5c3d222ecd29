#include "sidecar/options_channels.h"

#include <utility>

#include "notifier/telegram/chat.h"
#include "sidecar/options_rules.h"

namespace sidecar {
namespace {

using base::Millis;
using base::Settings;
using std::chrono::minutes;

base::Result<notifier::SmtpServer> SmtpServer(const RawChannels& raw) {
  return notifier::ParseSmtpUrl(raw.smtp_url, raw.smtp_tls == "scheme" ? "" : raw.smtp_tls);
}

void DeclareTelegram(Settings* settings, Options* options, RawChannels* raw) {
  notifier::TelegramOptions* telegram = &raw->telegram;
  settings->Section("Telegram");
  settings->Add("telegram-chat", &options->telegram_chats, "CHAT[/TOPIC]",
                "a chat to tell, by its number or as @name; may be repeated");
  settings->Add("telegram-token-file", &telegram->token_file, "FILE",
                "the bot's token alone, read again at each try");
  settings->Add("telegram-api-url", &telegram->api_url, "URL", "of your own Bot API server");
  settings->Add(
      "telegram-proxy", &telegram->proxy, "URL",
      "http://, https:// or socks5h://HOST:PORT; without it what HTTPS_PROXY and NO_PROXY "
      "say holds");
  settings->Add("telegram-ca-file", &telegram->ca_file, "FILE",
                "certificates (PEM) to trust instead of the system's");
  settings->Add("telegram-silent-severities", &raw->silent_severities, "SEVERITY",
                "whose messages come without a sound");
  settings->Add("telegram-timeout", &telegram->timeout, Millis(100), minutes(5),
                "longest wait for the answer to a message; a short one makes repeats");
}

void DeclareMail(Settings* settings, Options* options, RawChannels* raw) {
  settings->Section("Mail");
  settings->Add("mail-to", &options->mail_to, "ADDRESS", "a mailbox to tell; may be repeated");
  settings->Add("mail-from", &raw->mail_from, "ADDRESS", "the sender");
  settings->Add("smtp-url", &raw->smtp_url, "URL",
                "smtp://[USER@]HOST[:587] with STARTTLS, or smtps://[USER@]HOST[:465]");
  settings->AddChoice("smtp-tls", &raw->smtp_tls, {"scheme", "starttls", "implicit", "none"},
                      "scheme: as the scheme of --smtp-url says; none: in clear, without a user");
  settings->Add("smtp-password-file", &raw->smtp_password_file, "FILE",
                "the password of USER, read again at each try");
  settings->Add("smtp-ca-file", &raw->smtp_ca_file, "FILE",
                "certificates (PEM) to trust instead of the system's");
  settings->Add("smtp-timeout", &raw->smtp_timeout, Millis(100), minutes(10),
                "longest wait for each answer of the server before the message");
  settings->Add("smtp-accept-timeout", &raw->smtp_accept_timeout, Millis(1000), minutes(30),
                "longest wait for the answer to the whole message; a short one makes repeats");
}

std::string CheckMail(const Options& options, const RawChannels& raw) {
  if (options.mail_to.empty())
    return raw.smtp_url.empty() ? "" : "--mail-to: needed with --smtp-url, else nobody is told";
  if (raw.smtp_url.empty()) return "--smtp-url: needed with --mail-to";
  if (raw.mail_from.empty()) return "--mail-from: needed with --mail-to";
  for (const std::string& mailbox : options.mail_to) {
    if (!base::IsMailAddress(mailbox))
      return "--mail-to: \"" + mailbox + "\" is not a mail address";
  }
  if (std::string twice = CheckTwice("mail-to", options.mail_to); !twice.empty()) return twice;
  if (!base::IsMailAddress(raw.mail_from)) return "--mail-from: not a mail address";
  const auto server = SmtpServer(raw);
  if (!server) return "--smtp-url: " + server.error().message;
  if (!server->user.empty() && raw.smtp_password_file.empty()) {
    return "--smtp-password-file: needed with a user in --smtp-url";
  }
  if (server->user.empty() && !raw.smtp_password_file.empty()) {
    return "--smtp-password-file: there is no user in --smtp-url";
  }
  return "";
}

std::string CheckTelegram(const Options& options, const RawChannels& raw) {
  const notifier::TelegramOptions& telegram = raw.telegram;
  if (options.telegram_chats.empty()) {
    return telegram.token_file.empty() ? "" : "--telegram-chat: nobody to tell";
  }
  if (telegram.token_file.empty()) return "--telegram-token-file: needed with --telegram-chat";
  std::vector<std::string> chats;
  chats.reserve(options.telegram_chats.size());
  for (const std::string& chat : options.telegram_chats) {
    if (const auto parsed = notifier::ParseChat(chat); !parsed) {
      return "--telegram-chat: " + parsed.error().message;
    } else {
      const std::string topic = parsed->topic ? "/" + std::to_string(*parsed->topic) : "";
      chats.push_back(parsed->id + topic);
    }
  }
  if (std::string twice = CheckTwice("telegram-chat", chats); !twice.empty()) return twice;
  if (!IsWebUrl(telegram.api_url)) {
    return "--telegram-api-url: begins with neither http:// nor https://";
  }
  if (const std::string mistake = base::BaseUrlMistake(telegram.api_url); !mistake.empty()) {
    return "--telegram-api-url: " + mistake;
  }
  if (telegram.proxy.empty()) return "";
  const std::string mistake = base::ProxyMistake(telegram.proxy);
  return mistake.empty() ? "" : "--telegram-proxy: " + mistake;
}

}  // namespace

void DeclareChannels(Settings* settings, Options* options, RawChannels* raw) {
  DeclareTelegram(settings, options, raw);
  DeclareMail(settings, options, raw);
  settings->Check([raw] {
    return raw->silent_severities == std::vector<std::string>{""}  // all of them sound
               ? ""
               : CheckSeverities("telegram-silent-severities", raw->silent_severities);
  });
  settings->Check([options, raw] { return CheckMail(*options, *raw); });
  settings->Check([options, raw] { return CheckTelegram(*options, *raw); });
}

void FinishChannels(const RawChannels& raw, Options* options) {
  if (!options->telegram_chats.empty()) {
    options->telegram = raw.telegram;
    options->telegram->silent_severities = {raw.silent_severities.begin(),
                                            raw.silent_severities.end()};
  }
  if (options->mail_to.empty()) return;
  options->email = notifier::EmailOptions{.server = *SmtpServer(raw),
                                          .from = raw.mail_from,
                                          .password_file = raw.smtp_password_file,
                                          .ca_file = raw.smtp_ca_file,
                                          .phase_timeout = raw.smtp_timeout,
                                          .accept_timeout = raw.smtp_accept_timeout};
}

}  // namespace sidecar
