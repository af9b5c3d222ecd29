#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

// Everything outgoing, on libcurl: curl_client.cc is the HTTP half, curl_mail.cc the mail half, and
// curl_easy.h, which only these include, the one file that includes libcurl.
namespace base {

struct HttpCall {
  std::string method = "GET";
  std::string url;  // http or https
  std::map<std::string, std::string> headers;
  std::string body;
  Millis timeout{10'000};  // for the whole call
  // Trusted for the server and for an https:// proxy; empty: the system's.
  std::string ca_file;
  // "http://HOST:PORT", "https://..." or "socks5h://..." (the proxy resolves names); every call
  // goes through it. Empty: as the environment says (HTTPS_PROXY, NO_PROXY).
  std::string proxy;
  std::size_t max_answer_bytes = 1 << 20;
  // The connection may be one that the last such call left open, and is left open for the next that
  // comes within seconds. One that the server closed meanwhile is replaced. One that ends later and
  // without an answer leaves it open whether the request was taken: GET and HEAD are asked again,
  // all others are an Error with `sent`.
  bool keep = false;
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// Why a text cannot be the URL, or the proxy, of a call; "": it can. For those who start a program.
// A base URL has no query and no fragment: paths are put behind it.
std::string BaseUrlMistake(const std::string& url);
std::string ProxyMistake(const std::string& proxy);

// `sent`: with an Error, whether any byte of the request may have reached the server. A proxy that
// refused, or a TLS handshake that failed, is not the server: nothing was sent. `unreached`: no
// byte left at all, since there is no route or the name was not resolved; libcurl does not tell a
// name that does not exist from a name server that does not answer.
struct HttpOutcome {
  Result<HttpReply> reply;
  bool sent = false;
  bool unreached = false;
};

enum class MailTls { kStartTls, kImplicit, kNone };

// How far a mail got: decides whether it may have arrived. In the order of the conversation.
enum class MailPhase { kConnect, kGreeting, kLogin, kSender, kRecipient, kData, kAfterData };

struct MailCall {
  std::string host;
  int port = 0;
  MailTls tls = MailTls::kStartTls;
  std::string user;      // empty: no login
  std::string password;  // never logged, never in an error
  std::string from;
  std::string recipient;         // one: so that each has a result and a try of its own
  std::string data;              // the whole RFC 5322 message, CRLF line ends
  Millis phase_timeout{30'000};  // connect and greeting, and each later answer up to the data
  // The answer to the final dot, RFC 5321 4.5.3.2.6: a shorter wait makes duplicates.
  Millis accept_timeout{600'000};
  std::string ca_file;  // empty: the system's
};

// A mail address that may stand in an envelope and a header as it is: ASCII, one '@', a plain local
// part, a host name as domain, at most 254 bytes. Nothing that could end a command or a line.
bool IsMailAddress(std::string_view text);

// The bound of one Mail call, every phase taken to its end.
Millis LongestMail(Millis phase_timeout, Millis accept_timeout);

// The server's last word. Every SMTP answer is a reply, 5yz too; no reply at all is an Error (see
// MailOutcome).
struct MailReply {
  int code = 0;      // 250 accepted, 4yz, 5yz
  std::string text;  // its line, at most 200 characters, control characters replaced
};

// `phase` is the furthest one that was begun. With an Error and phase kAfterData the message may or
// may not have arrived.
struct MailOutcome {
  Result<MailReply> reply;
  MailPhase phase = MailPhase::kConnect;
  bool unreached = false;  // as in HttpOutcome
};

class KeptHandle;

// Thread-safe: each call has a handle and a connection to itself, and closes it in the end (but see
// HttpCall::keep). No redirects, http/https and
// smtp/smtps only, no proxy from the environment for SMTP, certificate and host name always
// checked, TLS 1.2 or newer. Errors never hold a URL's user part, path or query, nor a password.
// Codes: kInvalid a call that can never be made, kDenied a certificate refused or STARTTLS not
// offered, kTimeout, kFull an answer over its cap, kUnavailable the rest.
class CurlClient {
 public:
  CurlClient();   // global initialisation, once per process
  ~CurlClient();  // closes what was kept, waits for nobody
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  // `stop` ends a call within about a second with kUnavailable. A URL with a user part is kInvalid:
  // credentials belong into a header. So is a proxy with one, or one that is not as told above.
  [[nodiscard]] HttpOutcome Http(const HttpCall& call, const std::stop_token& stop) const;
  // A login needs TLS (kInvalid with kNone). The server's answer to the last command decides; QUIT
  // is sent, but its answer is waited for a second at most.
  [[nodiscard]] MailOutcome Mail(const MailCall& call, const std::stop_token& stop) const;
  // Closes the kept connection and returns its memory when no call may use it any more. To be
  // called now and then.
  void CloseIdle(SteadyTime now) const;

 private:
  const std::unique_ptr<KeptHandle> kept_;
};

}  // namespace base
