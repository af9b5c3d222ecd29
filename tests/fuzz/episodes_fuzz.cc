#include <string>

#include "sidecar/webhook/herald.h"
#include "sidecar/webhook/recorder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/history.h"
#include "tests/support/episode_invariants.h"

// A text is a sequence of payloads: each line is one, of the source of a pair, and each word of two
// characters or more is an alert in it:
//   f or r   firing or resolved; F or R: of an Alertmanager that was asked
//   a..h     which alert
//   then     startsAt and endsAt, one character each, in minutes before or after now: 'm' is now
// A digit alone lets so many minutes pass, an upper-case letter alone so many hours.

namespace {

using sidecar::store::Database;
using sidecar::webhook::Alert;
using sidecar::webhook::Policy;
using sidecar::webhook::Recorder;

constexpr base::WallMs kMinute = 60'000;
constexpr base::WallMs kStart = 1'795'341'600'000;
constexpr std::size_t kMostLines = 60;

// 'm' is 0; the ends of the alphabet are absurd.
base::WallMs Minutes(char c) { return (c - 'm') * kMinute; }

struct Word {
  Alert alert;
  bool late = false;
};

Word ReadWord(const std::string& text, base::WallMs now) {
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : 'm'; };
  Word word{.late = text[0] == 'F' || text[0] == 'R'};
  Alert& alert = word.alert;
  alert.firing = text[0] == 'f' || text[0] == 'F';
  alert.fingerprint = std::string(1, static_cast<char>('a' + (at(1) & 7)));
  alert.labels = {{"alertname", "A"}, {"severity", "critical"}};
  alert.starts_at_ms = at(2) == '!' ? -1 : now + Minutes(at(2));
  if (!alert.firing && at(3) != '-') alert.ends_at_ms = now + Minutes(at(3));
  return word;
}

void Feed(const Database& database, const Policy& policy, std::string_view line,
          base::WallMs* now) {
  const sidecar::cgroup::CpuEvidence evidence;
  while (!line.empty()) {
    const std::string text = fuzz::CutFirst(&line, ' ');
    if (text.empty()) continue;
    if (text.size() == 1) {
      if (text[0] >= '0' && text[0] <= '9') *now += (text[0] - '0') * kMinute;
      if (text[0] >= 'A' && text[0] <= 'Z') *now += (text[0] - 'A') * (60 * kMinute);
      continue;
    }
    const Word word = ReadWord(text, *now);
    const auto webhook = sidecar::store::AddWebhook(database, "pair", "{}", *now);
    PROMISE(webhook.ok());
    sidecar::webhook::Origin origin{
        .source = "pair", .now = *now, .evidence = evidence, .late = word.late};
    if (!word.late) origin.webhook_id = *webhook;
    Recorder recorder(&database, "i", &policy, origin);
    PROMISE(recorder.Apply(word.alert).ok());
    PROMISE(recorder.Announce().ok());
  }
  PROMISE(sidecar::webhook::ReleaseHeld({.database = database,
                                         .instance = "i",
                                         .policy = policy,
                                         .evidence = evidence,
                                         .now = *now})
              .ok());
}

}  // namespace

FUZZ_TEXT(text) {
  const Policy policy{.notify_severities = {"critical"},
                      .targets = {{"email", "a@example.org"}},
                      .pair_source = "pair"};
  const Database& database = fuzz::History();
  const sidecar::store::Transaction rolled_back(database);
  PROMISE(rolled_back.begun().ok());
  base::WallMs now = kStart;
  for (std::size_t lines = 0; !text.empty() && lines < kMostLines; ++lines) {
    const std::string line = fuzz::CutFirst(&text, '\n');
    Feed(database, policy, line.substr(0, 400), &now);
  }
  const std::string broken = support::BrokenInvariant(database);
  if (!broken.empty()) std::fprintf(stderr, "%s\n", broken.c_str());
  PROMISE(broken.empty());
}
