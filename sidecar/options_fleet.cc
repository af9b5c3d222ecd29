#include "sidecar/options_fleet.h"

#include <chrono>
#include <string>

#include "base/curl_client.h"
#include "sidecar/options_rules.h"
#include "sidecar/peers/peer_gate.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar {
namespace {

using base::FormatDuration;
using base::Millis;
using base::Settings;
using std::chrono::hours;
using std::chrono::seconds;

// Two looks of the watchdog's worker: a shorter silence is not told from a late webhook.
constexpr Millis kShortestWatch{10'000};
// Prometheus sends what fires again a minute after the last time, at its next evaluation, which is
// a minute apart unless it is told otherwise.
constexpr Millis kToldAnew{2 * 60'000};

void DeclareAlertmanagers(Settings* settings, Options* options) {
  settings->Section("Alertmanager");
  settings->Add(
      "alertmanager-url", &options->alertmanager_urls, "URL",
      "asked at each --reconcile-every what fires, so that nothing is missed while this was down; "
      "may be repeated, for all of a pair");
  settings->Add("alertmanager-receiver", &options->alertmanager_receiver, "NAME",
                "the receiver there that posts to this; alerts of others do not count");
  settings->Add("alertmanager-source", &options->alertmanager_source, "NAME",
                "the name bound to their token in --webhook-token-file");
  settings->Add("reconcile-every", &options->reconcile_every, Millis(100), hours(1),
                "how often each Alertmanager is asked");
  settings->Add("alertmanager-settle", &options->alertmanager_settle, Millis(0), hours(1),
                "how long one must have been up before an alert that it does not list is over: "
                "Prometheus has to tell it anew what fires");
  settings->Add(
      "watchdog-timeout", &options->watchdog_timeout, Millis(0), hours(24 * 7),
      "once the alert Watchdog was heard: how long it may stay away before people are told "
      "that monitoring is blind, 10s at least; 0: they are never told");
}

void DeclarePeers(Settings* settings, Options* options) {
  settings->Section("Several sidecars");
  settings->Add("peer", &options->peers, "URL",
                "the sidecars that get the same alerts, all of them and this one, each time in the "
                "same order; may be repeated");
  settings->Add("position", &options->position, 0, 1'000,
                "this one's place among them, from 0; without it the number at the end of --name");
  settings->Add(
      "peer-token-file", &options->peer_token_file, "FILE",
      "bearer tokens of the peers, the same file for all; the first is the one this sends");
  settings->Add("hold", &options->hold, peers::PeerGate::kTimeout, seconds(600),
                "how long each place waits for the one before it to tell people");
}

std::string CheckUrls(const std::string& flag, std::vector<std::string>* urls) {
  for (std::string& url : *urls) {
    while (url.ends_with('/')) url.pop_back();
    if (!IsWebUrl(url))
      return "--" + flag + ": \"" + url + "\" begins with neither http:// nor https://";
    if (const std::string mistake = base::BaseUrlMistake(url); !mistake.empty()) {
      return "--" + flag + ": " + mistake;
    }
  }
  return CheckTwice(flag, *urls);
}

std::string CheckSource(const Options& options) {
  if (options.alertmanager_source != webhook::kOwnSource) return "";
  return "--alertmanager-source: \"" + options.alertmanager_source + "\" is this program's own";
}

// The number at the end of "fraud-2".
std::optional<int> NumberAtEnd(const std::string& name) {
  const std::size_t digits = name.size() - (name.find_last_not_of("0123456789") + 1);
  if (digits == 0 || digits > 3) return std::nullopt;
  return std::stoi(name.substr(name.size() - digits));
}

// A turn that comes when the message has expired is none.
std::string CheckTurn(const Options& options) {
  const Millis turn = *options.position * options.hold;
  if (turn < options.retry.give_up) return "";
  return "--hold: at --position " + std::to_string(*options.position) + " it makes a wait of " +
         FormatDuration(turn) + ", but --retry-for gives a message up after " +
         FormatDuration(options.retry.give_up);
}

std::string CheckPeers(Options* options) {
  if (options->peers.empty()) {
    return options->position ? "--position: needs --peer" : "";
  }
  if (options->peer_token_file.empty()) return "--peer-token-file: needed with --peer";
  if (!options->position) options->position = NumberAtEnd(options->name);
  if (!options->position) return "--position: needed, --name has no number at its end";
  if (*options->position >= static_cast<int>(options->peers.size())) {
    return "--position: there are only " + std::to_string(options->peers.size()) + " of --peer";
  }
  return CheckTurn(*options);
}

}  // namespace

std::vector<std::string> Doubts(const Options& options) {
  if (options.alertmanager_urls.empty()) return {};
  // The first poll that counts comes when it has settled, and two more must lack the alert.
  const Millis earliest = options.alertmanager_settle + 2 * options.reconcile_every;
  if (earliest >= kToldAnew) return {};
  return {"--alertmanager-settle: " + FormatDuration(options.alertmanager_settle) +
          " and two more polls, by --reconcile-every, may end all alerts " +
          FormatDuration(earliest) + " after an Alertmanager began anew; Prometheus may take " +
          FormatDuration(kToldAnew) + " to tell it again what fires"};
}

void DeclareFleet(Settings* settings, Options* options) {
  DeclareAlertmanagers(settings, options);
  DeclarePeers(settings, options);
  settings->Check([options] { return CheckUrls("alertmanager-url", &options->alertmanager_urls); });
  settings->Check([options] { return CheckSource(*options); });
  settings->Check([options] {
    return CheckOffOrLong("watchdog-timeout", options->watchdog_timeout, kShortestWatch);
  });
  settings->Check([options] { return CheckUrls("peer", &options->peers); });
  settings->Check([options] { return CheckPeers(options); });
}

}  // namespace sidecar
