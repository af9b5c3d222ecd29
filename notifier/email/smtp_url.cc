#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

#include "notifier/email/email_channel.h"

namespace notifier {
namespace {

// Errors never show the URL: a password may be in it.
base::Error Wrong(const char* what) {
  return {.code = base::ErrorCode::kInvalid, .message = std::string("SMTP URL: ") + what};
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    unsigned value = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    if (text[0] == '%') {
      if (text.size() < 3) return std::nullopt;
      const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, value, 16);
      if (error != std::errc() || end != text.data() + 3) return std::nullopt;
      length = 3;
    }
    if (value < ' ' || value == 127) return std::nullopt;  // would end a line of the conversation
    result.push_back(static_cast<char>(value));
    text.remove_prefix(length);
  }
  return result;
}

// The scheme's TLS and port; nothing for another scheme.
std::optional<SmtpServer> FromScheme(std::string_view scheme) {
  std::string lower(scheme);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "smtp") return SmtpServer{.port = 587, .tls = base::MailTls::kStartTls};
  if (lower == "smtps") return SmtpServer{.port = 465, .tls = base::MailTls::kImplicit};
  return std::nullopt;
}

bool ApplyTls(const std::string& word, base::MailTls* tls) {
  if (word == "starttls") *tls = base::MailTls::kStartTls;
  if (word == "implicit") *tls = base::MailTls::kImplicit;
  if (word == "none") *tls = base::MailTls::kNone;
  return word.empty() || word == "starttls" || word == "implicit" || word == "none";
}

// "HOST", "HOST:PORT", "[V6]" or "[V6]:PORT"; the port stays as it is when there is none. Whether
// the host can be a host is base::CurlClient's to say.
bool ParseHostPort(std::string_view text, SmtpServer* server) {
  std::string_view port;
  const bool bracketed = text.starts_with('[');
  const std::size_t end = text.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos) return false;
  server->host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  if (end != std::string_view::npos) port = text.substr(bracketed ? end + 1 : end);
  if (server->host.empty()) return false;
  if (port.empty()) return true;
  const auto [stop, error] =
      std::from_chars(port.data() + 1, port.data() + port.size(), server->port);
  return port[0] == ':' && error == std::errc() && stop == port.data() + port.size() &&
         server->port >= 1 && server->port <= 65535;
}

bool IsHostText(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

}  // namespace

base::Result<SmtpServer> ParseSmtpUrl(const std::string& url, const std::string& tls) {
  const std::size_t mark = url.find("://");
  if (mark == std::string::npos) return Wrong("begins with neither smtp:// nor smtps://");
  auto server = FromScheme(std::string_view(url).substr(0, mark));
  if (!server) return Wrong("begins with neither smtp:// nor smtps://");
  if (!ApplyTls(tls, &server->tls)) return Wrong("TLS is starttls, implicit or none");

  std::string_view rest = std::string_view(url).substr(mark + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) return Wrong("takes no path");
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    if (user.find(':') != std::string_view::npos) {
      return Wrong("holds a password; it belongs into a file");
    }
    const auto decoded = PercentDecoded(user);
    if (!decoded || decoded->empty()) return Wrong("the user is empty or not percent-encoded");
    server->user = *decoded;
    rest.remove_prefix(at + 1);
  }
  if (!ParseHostPort(rest, &*server) || !IsHostText(server->host)) {
    return Wrong("the server is not HOST or HOST:PORT");
  }
  if (!server->user.empty() && server->tls == base::MailTls::kNone) {
    return Wrong("a user needs TLS, or the password would cross the network in clear");
  }
  return *server;
}

}  // namespace notifier
