#include "tests/sidecar/emergency_fixture.h"
#include "tests/sidecar/history_fixture.h"
#include "tests/support/log_pipe.h"

// What the log says of what a person will ask about.
namespace sidecar::webhook {
namespace {

// Begins the log; End gives its lines.
class Log {
 public:
  Log() { base::log::Start(base::log::Level::kInfo, base::log::Format::kLogfmt); }
  std::string End() { return pipe_.StopAndRead(); }

 private:
  support::LogPipe pipe_;
};

std::size_t Times(const std::string& text, const std::string& words) {
  std::size_t times = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++times;
  return times;
}

class StormLog : public History {
 protected:
  StormLog() {
    policy_.storm_above = 5;
    Wire();
  }
};

TEST_F(StormLog, TheStormsBeginningAndItsEndAreToldOnceEach) {
  Log log;
  std::vector<Alert> alerts;
  alerts.reserve(40);
  for (int i = 0; i < 40; ++i) alerts.push_back(Warm(i));
  Record(0, alerts);
  for (const double minute : {0.02, 0.06, 0.08, 0.5, 1.02, 1.5, 2.5, 2.6}) Tell(minute);
  Record(10, {Warm(3, false)});  // told in a summary, which is no storm
  for (const double minute : {10.02, 10.06, 10.1, 12.0}) Tell(minute);
  const std::string text = log.End();
  EXPECT_EQ(Times(text, "warning storm_began episode=41 storm_above=5\n"), 1U) << text;
  EXPECT_EQ(Times(text, "info storm_over episode=41 storm_above=5\n"), 1U) << text;
  EXPECT_EQ(Times(text, " storm_"), 2U + 2U) << "no other line of storms: " << text;
}

using PagesLog = EmergencyFixture;

TEST_F(PagesLog, WhatGoesWithTheProcessIsNamed) {
  Break();
  Post({{.status = "firing"},
        {.status = "firing", .fingerprint = "f2", .name = "Warm"},
        {.status = "firing", .fingerprint = "f3", .name = "Warm"}});
  Settle(*Claim(), State::kDelivered);
  Log log;
  emergency_->LogUnrecorded();
  const std::string text = log.End();
  EXPECT_EQ(Times(text,
                  "warning pages_not_recorded sent=1 sent_alerts=Hot unsent=2 "
                  "unsent_alerts=Warm\n"),
            1U)
      << text;
}

TEST_F(PagesLog, WhereEverythingIsStoredNothingIsSaid) {
  Break();
  Post({AlertBody{"firing"}});
  Settle(*Claim(), State::kDelivered);
  Mend();
  Post({AlertBody{"firing"}});
  Log log;
  emergency_->LogUnrecorded();
  EXPECT_EQ(log.End(), "");
}

TEST_F(PagesLog, ARejectedWebhookIsLoggedWithItsSenderAndTheReason) {
  Log log;
  ingest_->NoteRejected({.remote = "192.0.2.7"}, base::JsonError(401, "no token"));
  const std::string text = log.End();
  EXPECT_EQ(Times(text, "webhook_rejected status=401 remote=192.0.2.7 reason=\"no token\"\n"), 1U)
      << text;
}

}  // namespace
}  // namespace sidecar::webhook
