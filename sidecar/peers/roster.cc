#include "sidecar/peers/roster.h"

#include "base/log.h"
#include "sidecar/peers/question.h"

namespace sidecar::peers {
namespace {

// Not under a lock.
void LogChanges(const std::string& peer, const std::set<Mistake>& before,
                const std::set<Mistake>& now) {
  for (const Mistake mistake : kMistakes) {
    if (before.contains(mistake) == now.contains(mistake)) continue;
    if (now.contains(mistake)) {
      base::log::Warning(
          "peer_misconfigured",
          {{"peer", peer}, {"reason", MistakeName(mistake)}, {"mend", WhatToMend(mistake)}});
    } else {
      base::log::Info("peer_mended", {{"peer", peer}, {"reason", MistakeName(mistake)}});
    }
  }
}

}  // namespace

Roster::Roster(const Asker* asker, const base::Clock* clock, std::function<Identity()> own,
               base::Metrics* metrics)
    : asker_(asker), clock_(clock), own_(std::move(own)) {
  metrics->AddCollector([book = book_](base::Sample& out) { Collect(*book, &out); });
}

void Roster::Collect(const Book& book, base::Sample* out) {
  const std::lock_guard lock(book.mutex);
  for (const auto& [position, known] : book.by_position) {
    for (const Mistake mistake : kMistakes) {
      if (!known.said_who && mistake != Mistake::kToken) continue;
      out->Gauge("fraud_sidecar_peer_misconfigured",
                 "1 while settings of this sidecar and a peer do not fit",
                 {{"peer", known.name}, {"reason", std::string(MistakeName(mistake))}},
                 known.mistakes.contains(mistake) ? 1 : 0);
    }
  }
}

void Roster::Change(const Peer& peer, const std::function<void(Known*)>& change) {
  Known before;
  Known now;
  {
    const std::lock_guard lock(book_->mutex);
    Known& known = book_->by_position[peer.position];
    before = known;
    known.name = peer.name;
    change(&known);
    now = known;
  }
  LogChanges(peer.name, before.mistakes, now.mistakes);
  if (!now.problem.empty() && now.problem != before.problem) {
    base::log::Warning("peer_identity_unread", {{"peer", peer.name}, {"error", now.problem}});
  }
}

void Roster::Met(const Peer& peer, const Told& told) {
  std::set<Mistake> mistakes;
  if (told.identity) mistakes = Compare(own_(), peer.position, *told.identity);
  Change(peer, [&](Known* known) {
    known->said_who = told.identity.has_value();
    known->problem = told.problem;
    known->mistakes = mistakes;
  });
}

void Roster::Refused(const Peer& peer) {
  Change(peer, [](Known* known) { known->mistakes.insert(Mistake::kToken); });
}

void Roster::Lacks(const Peer& peer) {
  Change(peer, [](Known* known) {
    known->said_who = false;
    known->problem.clear();
    std::erase_if(known->mistakes, [](Mistake each) { return each != Mistake::kToken; });
  });
}

bool Roster::Hear(const Peer& peer, const base::Result<std::string>& body) {
  if (!body) {
    const base::ErrorCode code = body.error().code;
    if (code == base::ErrorCode::kDenied) Refused(peer);
    if (code == base::ErrorCode::kNotFound) Lacks(peer);
    return code == base::ErrorCode::kNotFound;
  }
  const auto told = ParseIdentity(*body);
  if (told) {
    Met(peer, *told);
  } else {
    asker_->NoteGarbage(peer, told.error().message);
  }
  return told.ok();
}

void Roster::RunOnce(const std::stop_token& stop) {
  if (clock_->Steady() < next_) return;
  std::vector<Letter> letters;
  letters.reserve(asker_->others().size());
  for (const Peer& peer : asker_->others()) {
    letters.push_back({.to = peer, .path = "/api/v1/peer/identity", .may_lack = true});
  }
  bool all = true;
  const auto bodies = asker_->Ask(letters, {.timeout = kTimeout}, stop);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    all = Hear(letters[i].to, bodies[i]) && all;
  }
  next_ = clock_->Steady() + (all ? kEvery : kUntilAnswered);
}

std::vector<Roster::Finding> Roster::Findings() const {
  std::vector<Finding> findings;
  const std::lock_guard lock(book_->mutex);
  for (const auto& [position, known] : book_->by_position) {
    for (const Mistake mistake : known.mistakes) findings.push_back({known.name, mistake});
  }
  return findings;
}

bool Roster::IsItself(const Peer& peer) const {
  const std::lock_guard lock(book_->mutex);
  const auto found = book_->by_position.find(peer.position);
  return found != book_->by_position.end() && found->second.mistakes.contains(Mistake::kItself);
}

std::vector<Peer> Roster::TrueOthers() const {
  std::vector<Peer> peers = asker_->others();
  std::erase_if(peers, [this](const Peer& peer) { return IsItself(peer); });
  return peers;
}

}  // namespace sidecar::peers
