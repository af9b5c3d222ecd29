#include <algorithm>
#include <cstring>
#include <string>

#include "base/curl_client.h"
#include "base/curl_easy.h"
#include "base/mail_talk.h"

// The mail half of CurlClient. libcurl leads the conversation; MailTalk listens in.
namespace base {
namespace {

// Waits of one mail up to its data: connect and greeting, EHLO, STARTTLS and handshake, EHLO again,
// three steps of a login, sender, recipient, DATA, the message; one to spare.
constexpr int kMailPhases = 12;
// What a local part may hold besides letters and digits (RFC 5321 4.1.2).
constexpr std::string_view kAtom = "!#$%&'*+-/=?^_`{|}~.";

SteadyTime Steady() { return std::chrono::steady_clock::now(); }

struct MailRun {
  MailTalk talk;
  std::string_view unsent;
};

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsHostName(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.front() != '-' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsNameChar(c) || c == '.' || c == '-' || c == '_'; });
}

bool IsHost(
    std::string_view text) {  // a name, an IPv4 address, or an IPv6 address without brackets
  return IsHostName(text) ||
         (text.find(':') != std::string_view::npos &&
          text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos);
}

// Commands as they go out. Verbose mode exists for this alone: nothing is printed or kept.
int OnTalk(CURL*, curl_infotype type, char* data, std::size_t size, void* run_pointer) {
  auto& run = *static_cast<MailRun*>(run_pointer);
  if (type == CURLINFO_HEADER_OUT) run.talk.Sent({data, size}, Steady());
  return 0;
}

std::size_t OnAnswer(char* data, std::size_t, std::size_t size, void* run_pointer) {
  static_cast<MailRun*>(run_pointer)->talk.Received({data, size});
  return size;
}

// Returning 0 makes libcurl send the final dot.
std::size_t OnRead(char* buffer, std::size_t, std::size_t room, void* run_pointer) {
  auto& run = *static_cast<MailRun*>(run_pointer);
  const std::size_t size = std::min(room, run.unsent.size());
  std::memcpy(buffer, run.unsent.data(), size);
  run.unsent.remove_prefix(size);
  size > 0 ? run.talk.SentPart(Steady()) : run.talk.SentAll(Steady());
  return size;
}

std::string Mistake(const MailCall& call) {
  if (!IsHost(call.host) || call.port < 1 || call.port > 65535) return "the mail server is not one";
  if (!IsMailAddress(call.from)) return "the sender is not a mail address";
  if (!IsMailAddress(call.recipient)) return "the recipient is not a mail address";
  if (!call.user.empty() && call.tls == MailTls::kNone) return "a login needs TLS";
  return "";
}

// The path is the name that EHLO says; without one libcurl would ask for this machine's.
std::string UrlOf(const MailCall& call) {
  const std::string scheme = call.tls == MailTls::kImplicit ? "smtps://" : "smtp://";
  const bool bare_v6 = call.host.find(':') != std::string::npos;
  const std::string host = bare_v6 ? "[" + call.host + "]" : call.host;
  const std::string own_name = call.from.substr(call.from.find('@') + 1);
  return scheme + host + ":" + std::to_string(call.port) + "/" + own_name;
}

void SetLogin(Easy* easy, const MailCall& call) {
  easy->Set(CURLOPT_USE_SSL,
            static_cast<long>(call.tls == MailTls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (call.user.empty()) return;
  easy->Set(CURLOPT_USERNAME, call.user.c_str());
  easy->Set(CURLOPT_PASSWORD, call.password.c_str());
  easy->Set(CURLOPT_LOGIN_OPTIONS, "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN");
}

void SetMail(Easy* easy, const MailCall& call, MailRun* run) {
  const long longest =
      static_cast<long>(LongestMail(call.phase_timeout, call.accept_timeout).count());
  easy->Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  easy->Set(CURLOPT_PROXY, "");
  easy->Set(CURLOPT_URL, UrlOf(call).c_str());
  SetLogin(easy, call);
  easy->Set(CURLOPT_MAIL_FROM, ("<" + call.from + ">").c_str());
  easy->Append("<" + call.recipient + ">");
  easy->Set(CURLOPT_MAIL_RCPT, easy->list());
  easy->Set(CURLOPT_UPLOAD, 1L);
  // No size is announced: libcurl would then send the dot without asking OnRead for the end.
  easy->Set(CURLOPT_READFUNCTION, &OnRead);
  easy->Set(CURLOPT_READDATA, run);
  easy->Set(CURLOPT_HEADERFUNCTION, &OnAnswer);
  easy->Set(CURLOPT_HEADERDATA, run);
  easy->Set(CURLOPT_WRITEFUNCTION, &OnAnswer);  // some answers come this way; never on stdout
  easy->Set(CURLOPT_WRITEDATA, run);
  easy->Set(CURLOPT_VERBOSE, 1L);
  easy->Set(CURLOPT_DEBUGFUNCTION, &OnTalk);
  easy->Set(CURLOPT_DEBUGDATA, run);
  // MailTalk::Overdue cuts each wait; these are the outer bounds.
  easy->Set(CURLOPT_CONNECTTIMEOUT_MS, longest);
  easy->Set(CURLOPT_TIMEOUT_MS, longest);
  easy->Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, longest / 1000 + 1);
}

Error Failure(const MailCall& call, const MailRun& run, const Easy& easy, CURLcode code,
              const std::stop_token& stop) {
  const std::string where = call.host + ":" + std::to_string(call.port) + ": ";
  const std::string doing(DescribePhase(run.talk.phase()));
  if (stop.stop_requested()) return {ErrorCode::kUnavailable, where + "stopped while " + doing};
  if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_OPERATION_TIMEDOUT) {
    return {ErrorCode::kTimeout, where + "no answer while " + doing};
  }
  if (code == CURLE_USE_SSL_FAILED) {
    return {ErrorCode::kDenied, where + "the server offers no STARTTLS, nothing was sent in clear"};
  }
  return {CodeOf(code), where + easy.Describe(code) + " while " + doing};
}

// A server may repeat what it was told, and its text may be cut: the beginning of a secret is
// enough to hide the whole of it. PLAIN and LOGIN send base64, which may be any long word.
MailReply Redacted(MailReply reply, MailPhase phase, const std::string& password) {
  constexpr std::size_t kTelling = 4;
  constexpr std::size_t kLongWord = 16;
  if (password.empty()) return reply;
  std::size_t word = 0;
  bool secret = reply.text.find(password.substr(0, kTelling)) != std::string::npos;
  for (const char c : reply.text) {
    word = IsNameChar(c) || c == '+' || c == '/' || c == '=' ? word + 1 : 0;
    secret = secret || (phase <= MailPhase::kLogin && word >= kLongWord);
  }
  if (secret) reply.text = "(hidden)";
  return reply;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > 64 || text.size() > 254) return false;
  const std::string_view local = text.substr(0, at);
  const auto allowed = [&](char c) {
    return IsNameChar(c) || kAtom.find(c) != std::string_view::npos;
  };
  return std::all_of(local.begin(), local.end(), allowed) && local.front() != '.' &&
         local.back() != '.' && local.find("..") == std::string_view::npos &&
         IsHostName(text.substr(at + 1));
}

Millis LongestMail(Millis phase_timeout, Millis accept_timeout) {
  return phase_timeout * kMailPhases + accept_timeout;
}

MailOutcome CurlClient::Mail(const MailCall& call, const std::stop_token& stop) const {
  if (const std::string mistake = Mistake(call); !mistake.empty()) {
    return {.reply = Error{ErrorCode::kInvalid, mistake}};
  }
  MailRun run{.talk = MailTalk(call.phase_timeout, call.accept_timeout, Steady()),
              .unsent = call.data};
  Watch watch{.stop = stop, .talk = &run.talk};
  Easy easy;
  SetCommon(&easy, call.ca_file, &watch);
  SetMail(&easy, call, &run);
  const CURLcode code = easy.Perform();
  if (easy.Info<curl_off_t>(CURLINFO_CONNECT_TIME_T) > 0) run.talk.Connected();
  const MailPhase phase = run.talk.phase();
  if (const auto verdict = run.talk.Verdict()) {
    return {.reply = Redacted(*verdict, phase, call.password), .phase = phase};
  }
  return {.reply = Failure(call, run, easy, code, stop),
          .phase = phase,
          .unreached = Unreached(easy, code)};
}

}  // namespace base
