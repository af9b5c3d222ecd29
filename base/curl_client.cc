#include "base/curl_client.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <utility>

#include "base/curl_easy.h"
#include "base/curl_kept.h"

namespace base {
namespace {

constexpr std::size_t kMaxHeaderBytes = 65'536;  // of one HTTP answer, all together

struct HttpRun {
  const std::stop_token& stop;
  const Easy& easy;
  bool repeatable = false;  // twice is as once
  bool sent = false;
  bool lost = false;  // with a connection that ended before an answer

  [[nodiscard]] bool wrote() const { return easy.Info<long>(CURLINFO_REQUEST_SIZE) > 0; }
};

struct HttpAnswer {
  HttpReply reply;
  std::size_t header_bytes = 0;
  std::size_t max_body_bytes = 0;
  bool too_long = false;
  bool head_ended = false;  // libcurl takes a head that breaks off for a whole one
};

std::string_view Trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// Taking less than was offered ends the call.
std::size_t OnHttpHeader(char* data, std::size_t, std::size_t size, void* answer_pointer) {
  auto& answer = *static_cast<HttpAnswer*>(answer_pointer);
  const std::string_view line(data, size);
  answer.header_bytes += size;
  answer.too_long = answer.header_bytes > kMaxHeaderBytes;
  if (answer.too_long) return 0;
  if (line.starts_with("HTTP/")) answer.reply.headers.clear();  // after an interim 1xx answer
  answer.head_ended = line == "\r\n" || line == "\n";
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  answer.reply.headers.emplace(name, Trimmed(line.substr(colon + 1)));  // the first of repeated
  return size;
}

std::size_t OnHttpBody(char* data, std::size_t, std::size_t size, void* answer_pointer) {
  auto& answer = *static_cast<HttpAnswer*>(answer_pointer);
  answer.too_long = size > answer.max_body_bytes - answer.reply.body.size();
  if (answer.too_long) return 0;
  answer.reply.body.append(data, size);
  return size;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 127;
  });
}

bool IsToken(std::string_view text) {  // RFC 9110: method and header names
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

// A URL taken apart; a part that it does not have is "".
class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url(), &curl_url_cleanup) {
    ok_ = !HasControl(text) && curl_url_set(url_.get(), CURLUPART_URL, text.c_str(),
                                            CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::string Part(CURLUPart which) const {
    char* text = nullptr;
    if (!ok_ || curl_url_get(url_.get(), which, &text, 0) != CURLUE_OK) return "";
    std::string result(text);
    curl_free(text);
    return result;
  }
  [[nodiscard]] bool HasUser() const {
    return !Part(CURLUPART_USER).empty() || !Part(CURLUPART_PASSWORD).empty();
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
  bool ok_ = false;
};

std::string MistakeOf(const Url& url) {
  if (!url.ok()) return "the URL is not one";
  return url.HasUser() ? "the URL holds a user part; credentials belong into a header" : "";
}

}  // namespace

std::string BaseUrlMistake(const std::string& text) {
  const Url url(text);
  if (std::string mistake = MistakeOf(url); !mistake.empty()) return mistake;
  const bool bare = url.Part(CURLUPART_QUERY).empty() && url.Part(CURLUPART_FRAGMENT).empty();
  return bare && !url.Part(CURLUPART_HOST).empty() ? "" : "the URL has no host, or ends in a query";
}

std::string ProxyMistake(const std::string& proxy) {
  const Url url(proxy);
  if (url.HasUser()) return "the proxy URL holds a user part";
  const std::string scheme = url.Part(CURLUPART_SCHEME);
  const std::string path = url.Part(CURLUPART_PATH);
  // A scheme that libcurl would guess, or its port 1080, is nobody's intention.
  const bool whole = proxy.find("://") != std::string::npos && !url.Part(CURLUPART_PORT).empty() &&
                     (scheme == "http" || scheme == "https" || scheme == "socks5h");
  const bool bare = (path.empty() || path == "/") && url.Part(CURLUPART_QUERY).empty() &&
                    url.Part(CURLUPART_FRAGMENT).empty();
  if (!whole || !bare) return "the proxy is not http://, https:// or socks5h://HOST:PORT";
  return "";
}

namespace {

// What makes a call impossible, or "".
std::string Mistake(const HttpCall& call, const Url& url) {
  if (std::string mistake = MistakeOf(url); !mistake.empty()) return mistake;
  if (!IsToken(call.method)) return "the method is not one";
  for (const auto& [name, value] : call.headers) {
    if (!IsToken(name) || HasControl(value)) return "a header cannot be sent";
  }
  return call.proxy.empty() ? "" : ProxyMistake(call.proxy);
}

// An explicit proxy is meant: NO_PROXY takes nothing out of it.
void SetProxy(Easy* easy, const HttpCall& call) {
  easy->Set(CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!call.ca_file.empty()) {
    easy->Set(CURLOPT_PROXY_CAINFO, call.ca_file.c_str());
    easy->Set(CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  }
  easy->Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (call.proxy.empty()) return;
  easy->Set(CURLOPT_PROXY, call.proxy.c_str());
  easy->Set(CURLOPT_NOPROXY, "");
}

// libcurl asks when the connection stands, proxies and TLS included, and nothing of the request is
// written: from here on the server may get it. It asks again when a kept connection ended before an
// answer, to send the request once more. A connection that was found dead took no byte of it.
int OnReady(void* run_pointer, char*, char*, int, int) {
  auto& run = *static_cast<HttpRun*>(run_pointer);
  if (run.stop.stop_requested()) return CURL_PREREQFUNC_ABORT;
  run.lost = run.sent && run.wrote() && !run.repeatable;
  run.sent = true;
  return run.lost ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void SetHttp(Easy* easy, const HttpCall& call, HttpAnswer* answer) {
  easy->Set(CURLOPT_PROTOCOLS_STR, "http,https");
  easy->Set(CURLOPT_URL, call.url.c_str());
  easy->Set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Millis::rep>(1, call.timeout.count())));
  const bool takes_body = call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
  if (takes_body || !call.body.empty()) {
    easy->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    easy->Set(CURLOPT_POSTFIELDS, call.body.data());
  }
  if (call.method == "HEAD") easy->Set(CURLOPT_NOBODY, 1L);
  easy->Set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  easy->Append("Expect:");  // no wait for an interim 100
  easy->Append("Content-Type:");
  for (const auto& [name, value] : call.headers) {
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    easy->Append(line);
  }
  easy->Set(CURLOPT_HTTPHEADER, easy->list());
  easy->Set(CURLOPT_HEADERFUNCTION, &OnHttpHeader);
  easy->Set(CURLOPT_HEADERDATA, answer);
  easy->Set(CURLOPT_WRITEFUNCTION, &OnHttpBody);
  easy->Set(CURLOPT_WRITEDATA, answer);
}

// `host` is the one part of the URL that an error may show.
Error Failure(const std::string& host, const HttpAnswer& answer, const Easy& easy, CURLcode code,
              const HttpRun& run) {
  if (run.stop.stop_requested()) return {ErrorCode::kUnavailable, host + ": stopped"};
  if (run.lost) return {ErrorCode::kUnavailable, host + ": the connection ended without an answer"};
  if (answer.too_long) return {ErrorCode::kFull, host + ": the answer is too long"};
  // A tunnel that was refused: libcurl's own code says only that nothing could be read.
  const long connect = easy.Info<long>(CURLINFO_HTTP_CONNECTCODE);
  if (connect >= 300) {
    return {ErrorCode::kUnavailable, host + ": the proxy answered " + std::to_string(connect)};
  }
  return {CodeOf(code), host + ": " + easy.Describe(code)};
}

}  // namespace

CurlClient::CurlClient() : kept_(std::make_unique<KeptHandle>()) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}
CurlClient::~CurlClient() {
  CloseIdle(SteadyTime::max());
  curl_global_cleanup();
}

void CurlClient::CloseIdle(SteadyTime now) const { kept_->CloseIdle(now); }

HttpOutcome CurlClient::Http(const HttpCall& call, const std::stop_token& stop) const {
  const Url url(call.url);
  if (const std::string mistake = Mistake(call, url); !mistake.empty()) {
    return {.reply = Error{ErrorCode::kInvalid, mistake}};
  }
  HttpAnswer answer{.max_body_bytes = call.max_answer_bytes};
  Easy easy(call.keep ? kept_->Take() : curl_easy_init());
  HttpRun run{
      .stop = stop, .easy = easy, .repeatable = call.method == "GET" || call.method == "HEAD"};
  Watch watch{.stop = stop};
  SetCommon(&easy, call.ca_file, &watch);
  SetProxy(&easy, call);
  SetHttp(&easy, call, &answer);
  if (call.keep) SetKept(&easy);
  easy.Set(CURLOPT_PREREQFUNCTION, &OnReady);
  easy.Set(CURLOPT_PREREQDATA, &run);
  CURLcode code = easy.Perform();
  if (code == CURLE_OK && !answer.head_ended) code = CURLE_GOT_NOTHING;
  HttpOutcome outcome{.reply = std::move(answer.reply),
                      .sent = run.sent && (run.wrote() || !call.keep)};
  if (code == CURLE_OK) {
    outcome.reply->status = static_cast<int>(easy.Info<long>(CURLINFO_RESPONSE_CODE));
  } else {
    outcome.reply = Failure(url.Part(CURLUPART_HOST), answer, easy, code, run);
    outcome.unreached = !outcome.sent && Unreached(easy, code);
  }
  if (call.keep) kept_->Put(easy.Release(), std::chrono::steady_clock::now());
  return outcome;
}

}  // namespace base
