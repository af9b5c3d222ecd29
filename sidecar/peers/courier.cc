#include "sidecar/peers/courier.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "sidecar/peers/question.h"
#include "sidecar/store/deliveries.h"

namespace sidecar::peers {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxCpuBytes = 4 << 10;

std::vector<Letter> ToAll(const std::vector<Peer>& peers, const char* method, const char* path,
                          const std::string& body) {
  std::vector<Letter> letters;
  letters.reserve(peers.size());
  for (const Peer& peer : peers) letters.push_back({peer, method, path, body});
  return letters;
}

// Null: it is garbage.
json EvidenceIn(const std::string& answer) {
  json evidence = json::parse(answer, nullptr, false);
  return evidence.is_object() && evidence.size() <= 50 ? evidence : json();
}

void LogProblem(const char* doing, const base::Error& error) {
  base::log::Warning("peer_courier", {{"doing", doing}, {"error", error.message}});
}

}  // namespace

std::string EvidenceOfPeers(const std::vector<Peer>& peers,
                            const std::vector<base::Result<std::string>>& answers) {
  json all = json::array();
  for (std::size_t i = 0; i < peers.size(); ++i) {
    json one{{"name", peers[i].name}};
    json evidence = answers[i] ? EvidenceIn(*answers[i]) : json();
    if (!evidence.is_null()) {
      if (evidence.contains("name") && evidence["name"].is_string()) one["name"] = evidence["name"];
      evidence.erase("name");
      one["evidence"] = std::move(evidence);
    } else {
      one["unknown"] = answers[i] ? "it answered garbage" : answers[i].error().message;
    }
    all.push_back(std::move(one));
  }
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Courier::Courier(store::Store* store, const Asker* asker, const Roster* roster, std::string name)
    : store_(store), asker_(asker), roster_(roster), name_(std::move(name)) {
  if (const auto newest = store::NewestAttempt(*store)) told_attempt_ = *newest;
  if (const auto told = store::ToldSince(*store, 0, 0)) told_transition_ = told->newest;
}

void Courier::RunOnce(const std::stop_token& stop) {
  const std::int64_t write = store_->newest_write();
  if (asker_->others().empty() || write == seen_write_) return;
  const bool all_told = TellNews(stop);
  const bool all_asked = FetchEvidence(stop);
  if (all_told && all_asked) seen_write_ = write;
}

bool Courier::TellNews(const std::stop_token& stop) {
  const auto accepted = store::AcceptedSince(*store_, told_attempt_, kMaxNews);
  if (!accepted) {
    LogProblem("telling what was delivered", accepted.error());
    return false;
  }
  if (accepted->empty()) return true;
  News news{.name = name_};
  news.delivered.reserve(accepted->size());
  for (const auto& each : *accepted) news.delivered.push_back({each.subject, each.provider_id});
  told_attempt_ = accepted->back().attempt_id;
  const auto answers =
      asker_->Ask(ToAll(roster_->TrueOthers(), "POST", "/api/v1/peer/delivered", NewsJson(news)),
                  {.timeout = kTimeout}, stop);
  for (const auto& answer : answers) {
    if (!answer) LogProblem("telling what was delivered", answer.error());
  }
  return accepted->size() < kMaxNews;
}

bool Courier::FetchEvidence(const std::stop_token& stop) {
  const auto told = store::ToldSince(*store_, told_transition_, kMaxTransitions);
  if (!told) {
    LogProblem("looking for transitions", told.error());
    return false;
  }
  // What comes with many others, or later, would not be of that moment.
  told_transition_ = std::max(told->newest, told_transition_);
  const std::vector<Peer> peers = roster_->TrueOthers();
  if (told->transitions.empty() || peers.empty()) return true;
  const auto answers = asker_->Ask(ToAll(peers, "GET", "/api/v1/cpu", ""),
                                   {.timeout = kTimeout, .max_answer_bytes = kMaxCpuBytes}, stop);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (answers[i] && EvidenceIn(*answers[i]).is_null()) {
      asker_->NoteGarbage(peers[i], "no CPU evidence");
    }
  }
  const auto kept = store::SetPeers(store_, told->transitions, EvidenceOfPeers(peers, answers));
  if (!kept) LogProblem("keeping evidence", kept.error());
  return true;
}

}  // namespace sidecar::peers
