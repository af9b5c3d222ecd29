#include "base/curl_client.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <utility>

#include "base/curl_easy.h"

namespace base {
namespace {

constexpr std::size_t kMaxHeaderBytes = 65'536;  // of one HTTP answer, all together

struct HttpAnswer {
  HttpReply reply;
  std::size_t header_bytes = 0;
  std::size_t max_body_bytes = 0;
  bool too_long = false;
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

// What makes a call impossible, or "". `host` is for errors: the one part of the URL they may show.
std::string Mistake(const HttpCall& call, std::string* host) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return std::string();
    std::string result(text);
    curl_free(text);
    return result;
  };
  if (HasControl(call.url) || curl_url_set(url.get(), CURLUPART_URL, call.url.c_str(), 0) != 0) {
    return "the URL is not one";
  }
  *host = part(CURLUPART_HOST);
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    return "the URL holds a user part; credentials belong into a header";
  }
  if (!IsToken(call.method)) return "the method is not one";
  for (const auto& [name, value] : call.headers) {
    if (!IsToken(name) || HasControl(value)) return "a header cannot be sent";
  }
  return "";
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
  easy->Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  easy->Set(CURLOPT_HEADERFUNCTION, &OnHttpHeader);
  easy->Set(CURLOPT_HEADERDATA, answer);
  easy->Set(CURLOPT_WRITEFUNCTION, &OnHttpBody);
  easy->Set(CURLOPT_WRITEDATA, answer);
}

}  // namespace

CurlClient::CurlClient() { curl_global_init(CURL_GLOBAL_DEFAULT); }
CurlClient::~CurlClient() { curl_global_cleanup(); }

Result<HttpReply> CurlClient::Http(const HttpCall& call, const std::stop_token& stop) const {
  std::string host;
  if (const std::string mistake = Mistake(call, &host); !mistake.empty()) {
    return Error{ErrorCode::kInvalid, mistake};
  }
  HttpAnswer answer{.max_body_bytes = call.max_answer_bytes};
  Watch watch{.stop = stop};
  Easy easy;
  SetCommon(&easy, call.ca_file, &watch);
  SetHttp(&easy, call, &answer);
  const CURLcode code = easy.Perform();
  if (code == CURLE_OK) {
    answer.reply.status = static_cast<int>(easy.Info<long>(CURLINFO_RESPONSE_CODE));
    return std::move(answer.reply);
  }
  if (stop.stop_requested()) return Error{ErrorCode::kUnavailable, host + ": stopped"};
  if (answer.too_long) return Error{ErrorCode::kFull, host + ": the answer is too long"};
  return Error{CodeOf(code), host + ": " + easy.Describe(code)};
}

}  // namespace base
