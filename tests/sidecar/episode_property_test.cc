#include <map>
#include <set>

#include "tests/sidecar/history_fixture.h"
#include "tests/sidecar/twins.h"
#include "tests/support/episode_invariants.h"

namespace sidecar::webhook {
namespace {

using twins::Random;
using twins::Sent;
using twins::Truth;

std::string Name(std::size_t number) { return "a" + std::to_string(number); }

class EpisodeProperty : public History {
 protected:
  EpisodeProperty() { policy_.pair_source = "prod"; }

  // All of it tick by tick, and then until every hold is over, inside the caller's Work.
  base::Status Feed(const store::Database& database, std::vector<Sent> sent) {
    std::stable_sort(sent.begin(), sent.end(),
                     [](const Sent& a, const Sent& b) { return a.arrives < b.arrives; });
    std::map<base::WallMs, std::vector<const Sent*>> ticks;
    for (const Sent& each : sent) ticks[each.arrives].push_back(&each);
    const base::WallMs last = sent.empty() ? 0 : sent.back().arrives + kLongestHold.count();
    for (base::WallMs now = 0; now <= last; now += twins::kTick) {
      const auto tick = ticks.find(now);
      if (tick != ticks.end()) {
        if (auto taken = Take(database, now, tick->second); !taken) return taken;
      }
      const std::string& instance = store_->instance();
      auto released = ReleaseHeld({.database = database,
                                   .instance = instance,
                                   .policy = policy_,
                                   .evidence = evidence_,
                                   .now = At(0) + now});
      if (!released) return released;
    }
    return {};
  }

  // Times of `sent` are since At(0).
  base::Status Take(const store::Database& database, base::WallMs now,
                    const std::vector<const Sent*>& sent) {
    const auto webhook = store::AddWebhook(database, "prod", "{}", At(0) + now);
    if (!webhook) return webhook.error();
    Recorder recorder(&database, store_->instance(), &policy_,
                      {.source = "prod", .webhook_id = *webhook, .now = At(0) + now});
    for (const Sent* each : sent) {
      Alert alert = each->alert;
      alert.starts_at_ms += At(0);
      if (alert.ends_at_ms) *alert.ends_at_ms += At(0);
      if (auto applied = recorder.Apply(alert); !applied) return applied;
    }
    return recorder.Announce();
  }

  // What became of one alert, in order.
  std::vector<twins::Expected> Found(const store::Database& database, const std::string& name) {
    std::vector<twins::Expected> found;
    auto rows = database.Prepare(
        "SELECT starts_at_ms, ended_at_ms, flaps FROM episodes WHERE fingerprint = ? ORDER BY id");
    rows.Bind(name);
    while (rows.Next()) {
      found.push_back({.starts = rows.Int(0) - At(0),
                       .ends = rows.Int(1) - At(0),
                       .intervals = static_cast<std::size_t>(rows.Int(2)) + 1});
    }
    return found;
  }

  static std::string Text(const std::vector<twins::Expected>& episodes) {
    std::string text;
    for (const auto& [starts, ends, intervals] : episodes) {
      text += std::to_string(starts / 1000) + ".." + std::to_string(ends / 1000) + " of " +
              std::to_string(intervals) + "; ";
    }
    return text;
  }

  const cgroup::CpuEvidence evidence_;
};

// Each seed is 400 alerts, so in all 2,400 interleavings.
class TwinsOfAPair : public EpisodeProperty, public testing::WithParamInterface<unsigned> {};

TEST_P(TwinsOfAPair, MakeTheEpisodesThatHappened) {
  constexpr std::size_t kAlerts = 400;
  Random random(GetParam());
  std::map<std::string, std::vector<twins::Expected>> expected;
  std::vector<Sent> all;
  for (std::size_t i = 0; i < kAlerts; ++i) {
    const Truth truth = twins::Happen(random.Ticks(0, 20 * twins::kMinute), &random);
    auto sent = twins::Send(truth, true, Name(i), &random);
    const auto other = twins::Send(truth, false, Name(i), &random);
    sent.insert(sent.end(), other.begin(), other.end());
    expected[Name(i)] = twins::Model(truth, sent);
    all.insert(all.end(), sent.begin(), sent.end());
  }
  const auto fed = store_->Write([&](const store::Database& database) -> base::Status {
    if (auto done = Feed(database, std::move(all)); !done) return done;
    EXPECT_EQ(support::BrokenInvariant(database), "");
    int wrong = 0;
    for (const auto& [name, episodes] : expected) {
      const std::string found = Text(Found(database, name));
      if (found == Text(episodes) || ++wrong > 3) continue;
      ADD_FAILURE() << name << ": " << found << "\nexpected: " << Text(episodes);
    }
    return {};
  });
  ASSERT_TRUE(fed.ok()) << fed.error().message;
}

INSTANTIATE_TEST_SUITE_P(Seeds, TwinsOfAPair, testing::Range(1u, 7u));

// Whatever comes, in whatever order, as from twins that lose, delay and repeat without a bound.
class AnyAlerts : public EpisodeProperty, public testing::WithParamInterface<unsigned> {};

TEST_P(AnyAlerts, KeepTheInvariants) {
  Random random(GetParam());
  if (random.Once(2)) policy_.pair_source = "";
  std::vector<Sent> all;
  for (std::size_t i = 0; i < 200; ++i) {
    for (auto left = random.Pick(1, 20); left > 0; --left) {
      const base::WallMs starts = random.Ticks(0, 180 * twins::kMinute);
      const twins::Interval interval{starts, starts + random.Ticks(0, 60 * twins::kMinute)};
      all.push_back(
          {random.Ticks(0, 200 * twins::kMinute), twins::Word(random.Once(2), Name(i), interval)});
    }
  }
  const auto fed = store_->Write([&](const store::Database& database) -> base::Status {
    auto done = Feed(database, std::move(all));
    EXPECT_EQ(support::BrokenInvariant(database), "");
    return done;
  });
  ASSERT_TRUE(fed.ok()) << fed.error().message;
  EXPECT_EQ(Count("transitions WHERE tell <> 'told'"), 0) << "every hold ends";
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyAlerts, testing::Range(1u, 6u));

}  // namespace
}  // namespace sidecar::webhook
