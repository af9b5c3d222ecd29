#include "sidecar/query/answer.h"

#include <nlohmann/json.hpp>

namespace sidecar::query {
namespace {

using json = nlohmann::ordered_json;  // the order written here is the order read there

base::HttpResponse Answer(const json& value) {
  return {.body = value.dump(2, ' ', false, json::error_handler_t::replace) + "\n"};
}

// A column that we wrote as JSON ourselves; null should it not read back.
json Column(const std::string& text) { return json::parse(text, nullptr, false); }

json Time(std::optional<base::WallMs> at) {
  return at ? json(base::FormatUtc(*at)) : json(nullptr);
}

json Episode(const store::EpisodeRow& row) {
  return {{"id", row.id == 0 ? json() : json(row.id)},
          {"state", row.ended_at_ms ? "ended" : "open"},
          {"name", row.name},
          {"severity", row.severity},
          {"source", row.source},
          {"fingerprint", row.fingerprint},
          {"starts_at", Time(row.starts_at_ms)},
          {"ended_at", Time(row.ended_at_ms)},
          {"end_reason", row.ended_at_ms ? json(row.end_reason) : json(nullptr)},
          {"first_seen", Time(row.first_seen_ms)},
          {"last_seen", Time(row.last_seen_ms)},
          {"seen_count", row.seen_count},
          {"flaps", row.flaps},
          {"late", row.late},
          {"labels", Column(row.labels_json)},
          {"annotations", Column(row.annotations_json)},
          {"generator_url", row.generator_url}};
}

json Transition(const store::TransitionRow& row) {
  return {{"id", row.id},
          {"kind", row.kind},
          {"at", Time(row.at_ms)},
          {"received_at", Time(row.received_at_ms)},
          // What people are still to be told, and when; who was told stands in the notifications.
          {"untold", row.tell == "told" ? json(nullptr) : json(row.tell)},
          {"tell_at", Time(row.tell_at_ms)},
          {"evidence", Column(row.evidence_json)},
          {"peers", Column(row.peers_json)}};
}

json Attempt(const store::AttemptRow& row) {
  return {{"number", row.number},
          {"started_at", Time(row.started_at_ms)},
          {"ended_at", Time(row.ended_at_ms)},
          {"outcome", row.outcome},
          {"code", row.code == 0 ? json(nullptr) : json(row.code)},
          {"detail", row.detail},
          {"possible_repeat", row.possible_repeat}};
}

json Notification(const store::NotificationRow& row) {
  json attempts = json::array();
  for (const auto& attempt : row.attempts) attempts.push_back(Attempt(attempt));
  return {{"id", row.id},           {"key", row.key},
          {"kind", row.kind},       {"channel", row.channel},
          {"target", row.target},   {"state", row.state},
          {"subject", row.subject}, {"created_at", Time(row.created_at_ms)},
          {"attempts", attempts}};
}

json Receipts(const std::vector<Receipt>& receipts) {
  json all = json::array();
  for (const Receipt& receipt : receipts) {
    json one{{"name", receipt.name}, {"id", receipt.id}};
    if (!receipt.url.empty()) one["url"] = receipt.url;
    all.push_back(std::move(one));
  }
  return all;
}

json Misconfigured(const std::vector<peers::Roster::Finding>& findings) {
  json all = json::array();
  for (const auto& [peer, mistake] : findings) {
    all.push_back({{"peer", peer},
                   {"reason", peers::MistakeName(mistake)},
                   {"mend", peers::WhatToMend(mistake)}});
  }
  return all;
}

}  // namespace

base::HttpResponse Failure(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kInvalid:
      return base::JsonError(400, error.message, error.message.substr(0, error.message.find(':')));
    case base::ErrorCode::kNotFound:
      return base::JsonError(404, error.message);
    case base::ErrorCode::kDenied:
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeout:
    case base::ErrorCode::kFull:
    case base::ErrorCode::kBusy:
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kIo:
      return base::JsonError(503, error.message);
  }
  return base::JsonError(503, error.message);
}

base::HttpResponse ListingAnswer(const Listing& listing) {
  json alerts = json::array();
  for (const Entry& entry : listing.entries) {
    json alert = Episode(entry.episode);
    if (!entry.receipts.empty()) alert["receivers"] = Receipts(entry.receipts);
    alerts.push_back(std::move(alert));
  }
  const auto text = [](const std::string& word) { return word.empty() ? json() : json(word); };
  json answer{{"alerts", std::move(alerts)}, {"next_cursor", text(listing.next_cursor)}};
  if (!listing.receiver.empty()) answer["receiver"] = listing.receiver;
  if (listing.incomplete) {
    answer["incomplete"] = *listing.incomplete;
    answer["misconfigured"] = Misconfigured(listing.misconfigured);
  }
  return Answer(answer);
}

base::HttpResponse DetailAnswer(const store::EpisodeDetail& detail) {
  json episode = Episode(detail.episode);
  episode["transitions"] = json::array();
  for (const auto& row : detail.transitions) episode["transitions"].push_back(Transition(row));
  episode["notifications"] = json::array();
  for (const auto& row : detail.notifications) {
    episode["notifications"].push_back(Notification(row));
  }
  return Answer(episode);
}

}  // namespace sidecar::query
