#include "sidecar/peers/asker.h"

#include <algorithm>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "base/secret_file.h"

namespace sidecar::peers {
namespace {

using base::Error;
using base::ErrorCode;

std::string Authority(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

// "fraud-1" of "fraud-1.fraud-headless:8082"; an address or "localhost" tells nothing without its
// port.
std::string FirstWord(const std::string& authority) {
  const std::string word = authority.substr(0, authority.find_first_of(".:"));
  const bool number = word.find_first_not_of("0123456789") == std::string::npos;
  return number || word == "localhost" || authority.starts_with('[') ? authority : word;
}

base::Result<std::string> FirstToken(const std::string& file) {
  const auto text = base::ReadFile(file);
  if (!text) return text.error();
  const auto tokens = base::ParseTokens(*text);
  if (!tokens) return tokens.error().Wrap(file);
  return tokens->front().secret;
}

// An error of ours: a file that is not there or may not be read, a certificate.
Error NotTheirs(Error error) {
  if (error.code == ErrorCode::kDenied || error.code == ErrorCode::kNotFound) {
    error.code = ErrorCode::kUnavailable;
  }
  return error;
}

ErrorCode CodeOf(int status) {
  if (status == 401 || status == 403) return ErrorCode::kDenied;
  return status == 404 ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
}

const char* ResultName(const Letter& letter, const base::Result<std::string>& answer) {
  const bool lacks = letter.may_lack && !answer && answer.error().code == ErrorCode::kNotFound;
  return answer || lacks ? "answered" : "failed";
}

}  // namespace

std::vector<Peer> Others(const std::vector<std::string>& urls, int position) {
  std::vector<Peer> others;
  std::map<std::string, int> words;
  for (const std::string& url : urls) ++words[FirstWord(Authority(url))];
  others.reserve(urls.size());
  for (int i = 0; i < static_cast<int>(urls.size()); ++i) {
    if (i == position) continue;
    const std::string& url = urls[static_cast<std::size_t>(i)];
    const std::string word = FirstWord(Authority(url));
    others.push_back({.position = i, .name = words[word] == 1 ? word : Authority(url), .url = url});
  }
  return others;
}

Asker::Asker(std::vector<Peer> others, std::string token_file, SendHttp send,
             base::Metrics* metrics)
    : others_(std::move(others)),
      token_file_(std::move(token_file)),
      send_(std::move(send)),
      metrics_(metrics) {
  for (const Peer& peer : others_) (void)GarbageOf(peer);
}

base::Result<std::string> Asker::AskOne(const Letter& letter, const std::string& token,
                                        const Bounds& bounds, const std::stop_token& stop) const {
  base::HttpCall call{.method = letter.method,
                      .url = letter.to.url + letter.path,
                      .headers = {{"Authorization", "Bearer " + token}},
                      .body = letter.body,
                      .timeout = bounds.timeout,
                      .max_answer_bytes = bounds.max_answer_bytes};
  if (!letter.body.empty()) call.headers["Content-Type"] = "application/json";
  auto reply = send_(call, stop).reply;
  if (!reply) return NotTheirs(reply.error().Wrap(letter.to.name));
  if (reply->status != 200) {
    return Error{CodeOf(reply->status),
                 letter.to.name + ": answered " + std::to_string(reply->status)};
  }
  return std::move(reply->body);
}

std::vector<base::Result<std::string>> Asker::Ask(const std::vector<Letter>& letters,
                                                  const Bounds& bounds,
                                                  const std::stop_token& stop) const {
  std::vector<base::Result<std::string>> answers(
      letters.size(), Error{ErrorCode::kUnavailable, "the peer was not asked"});
  if (letters.empty()) return answers;
  const auto token = FirstToken(token_file_);
  const auto ask = [&](std::size_t i) {
    answers[i] = token ? AskOne(letters[i], *token, bounds, stop) : NotTheirs(token.error());
    metrics_
        ->AddCounter("fraud_sidecar_peer_asks_total", "calls to other sidecars",
                     {{"peer", letters[i].to.name}, {"result", ResultName(letters[i], answers[i])}})
        .Increment();
  };
  {
    std::vector<std::jthread> others;  // joined at the end of this block
    others.reserve(letters.size() - 1);
    for (std::size_t i = 1; i < letters.size(); ++i) others.emplace_back([&ask, i] { ask(i); });
    ask(0);
  }
  return answers;
}

base::Counter& Asker::GarbageOf(const Peer& peer) const {
  return metrics_->AddCounter("fraud_sidecar_peer_garbage_total",
                              "answers of other sidecars that say nothing", {{"peer", peer.name}});
}

void Asker::NoteGarbage(const Peer& peer, const std::string& problem) const {
  GarbageOf(peer).Increment();
  base::log::Warning("peer_garbage", {{"peer", peer.name}, {"error", problem}});
}

}  // namespace sidecar::peers
