#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sidecar/query/cpu.h"
#include "sidecar/query/fleet.h"
#include "sidecar/query/listing.h"
#include "tests/sidecar/peer_fixture.h"

namespace sidecar::query {
namespace {

using nlohmann::json;

class FleetTest : public peers::PeerTest {
 protected:
  FleetTest() {
    instead_ = [this](const base::HttpCall& call) { return Peer(call); };
  }
  // fraud-1, asked by fraud-0.
  base::HttpOutcome Peer(const base::HttpCall& call) {
    const std::string begin = "http://fraud-1/api/v1/alerts?";
    EXPECT_TRUE(call.url.starts_with(begin)) << call.url;
    const auto answer =
        ListAlerts(*side(1).store, {.query = Parameters(call.url.substr(begin.size()))}, "fraud-1");
    return Says(answer.status, answer.body);
  }
  static std::multimap<std::string, std::string> Parameters(const std::string& query) {
    std::multimap<std::string, std::string> parameters;
    std::istringstream pairs(query);
    for (std::string pair; std::getline(pairs, pair, '&');) {
      const std::size_t middle = pair.find('=');
      std::string value = pair.substr(middle + 1);
      for (std::size_t at = value.find('%'); at != std::string::npos;
           at = value.find('%', at + 1)) {
        value.replace(at, 3, 1, static_cast<char>(std::stoi(value.substr(at + 1, 2), nullptr, 16)));
      }
      parameters.emplace(pair.substr(0, middle), value);
    }
    return parameters;
  }
  json List(const std::multimap<std::string, std::string>& query = {}, int status = 200) {
    const auto answer = fleet_.List({.query = query});
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body);
  }
  void PostNamed(int position, const std::string& name) {
    const json alert{{"status", "firing"},
                     {"fingerprint", name},
                     {"labels", {{"alertname", name}, {"severity", "warning"}, {"pod", "a&b=c d"}}},
                     {"annotations", json::object()},
                     {"startsAt", peers::kStart},
                     {"endsAt", "0001-01-01T00:00:00Z"}};
    const json body{{"version", "4"}, {"alerts", {alert}}};
    ASSERT_EQ(side(position).ingest.Handle("prod", body.dump()).status, 200);
    clock_.Advance(base::Millis(1'000));
  }

  Fleet fleet_{side(0).store.get(),
               &side(0).asker,
               &side(0).roster,
               {"http://fraud-0", "http://fraud-1"},
               0,
               "fraud-0"};
};

TEST_F(FleetTest, OneAlertAtBothIsOneEntry) {
  PostNamed(0, "Hot");
  PostNamed(1, "Other");
  PostNamed(1, "Hot");
  const json answer = List();
  EXPECT_EQ(answer["incomplete"], json::array());
  EXPECT_EQ(answer["receiver"], "fraud-0");
  EXPECT_EQ(answer["next_cursor"], nullptr);
  ASSERT_EQ(answer["alerts"].size(), 2u);
  const json& hot = answer["alerts"][0];
  EXPECT_EQ(hot["name"], "Hot");
  EXPECT_EQ(hot["id"], 1);
  EXPECT_EQ(hot["seen_count"], 2);
  const json receivers = {
      {{"name", "fraud-0"}, {"id", 1}, {"url", "http://fraud-0/api/v1/alerts/1"}},
      {{"name", "fraud-1"}, {"id", 2}, {"url", "http://fraud-1/api/v1/alerts/2"}}};
  EXPECT_EQ(json::parse(hot["receivers"].dump()).size(), 2u);
  for (const json& receiver : receivers) {
    EXPECT_NE(std::find(hot["receivers"].begin(), hot["receivers"].end(), receiver),
              hot["receivers"].end())
        << receiver;
  }
  EXPECT_EQ(answer["alerts"][1]["name"], "Other");
  EXPECT_EQ(answer["alerts"][1]["id"], nullptr);
}

TEST_F(FleetTest, ThePeerIsAskedTheSameFilterAsItself) {
  PostNamed(1, "Hot");
  PostNamed(1, "Other");
  const json answer =
      List({{"name", "Hot"}, {"label.pod", "a&b=c d"}, {"state", "open"}, {"limit", "7"}});
  ASSERT_EQ(answer["alerts"].size(), 1u);
  EXPECT_EQ(answer["alerts"][0]["labels"]["pod"], "a&b=c d");
  ASSERT_EQ(calls_.size(), 1u);
  const auto asked = Parameters(calls_[0].url.substr(calls_[0].url.find('?') + 1));
  EXPECT_EQ(asked.find("scope")->second, "local");
  EXPECT_EQ(asked.find("limit")->second, "57");  // looks ahead
}

TEST_F(FleetTest, ScopeLocalAsksNobody) {
  PostNamed(0, "Hot");
  PostNamed(1, "Hot");
  const json answer = List({{"scope", "local"}, {"limit", "1"}});
  EXPECT_TRUE(calls_.empty());
  ASSERT_EQ(answer["alerts"].size(), 1u);
  EXPECT_EQ(answer["alerts"][0]["receivers"], json::parse(R"([{"name": "fraud-0", "id": 1}])"));
  EXPECT_FALSE(answer.contains("incomplete"));
}

TEST_F(FleetTest, OneThatDoesNotAnswerIsNamed) {
  PostNamed(0, "Hot");
  const std::vector<base::HttpOutcome> answers = {
      Dead(), Says(200, "{}"), Says(200, R"({"receiver": "x", "alerts": [{"id": 1}]})"),
      Says(401, ""), Says(200, std::string(1'000, '{'))};
  for (const auto& each : answers) {
    instead_ = [&](const base::HttpCall&) { return each; };
    const json answer = List();
    EXPECT_EQ(answer["incomplete"], json::array({"fraud-1"}));
    ASSERT_EQ(answer["alerts"].size(), 1u);
  }
}

TEST_F(FleetTest, APeerWhoseSettingsDoNotFitIsShown) {
  EXPECT_EQ(List()["misconfigured"], json::array());
  side(0).roster.Met(side(0).asker.others().at(0),
                     {.identity = peers::Identity{.run = "run-1", .name = "fraud-1"}});
  const json expected = {{{"peer", "fraud-1"},
                          {"reason", "position"},
                          {"mend", "--position: two sidecars have the same"}}};
  EXPECT_EQ(List()["misconfigured"], expected);
  EXPECT_FALSE(List({{"scope", "local"}}).contains("misconfigured"));
}

TEST_F(FleetTest, OneThatIsThisSidecarItselfIsNotCountedTwice) {
  PostNamed(0, "Hot");
  side(0).roster.Met(side(0).asker.others().at(0), {.identity = IdentityOf(0)});
  const json answer = List();
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(answer["incomplete"], json::array({"fraud-1"}));
  EXPECT_EQ(answer["alerts"][0]["seen_count"], 1);
}

TEST_F(FleetTest, PagesGoThroughBoth) {
  for (const char* name : {"A", "B", "C", "D", "E"}) {
    PostNamed(0, name);
    if (*name != 'B') PostNamed(1, name);
  }
  PostNamed(1, "F");
  std::string names;
  std::string cursor;
  do {
    std::multimap<std::string, std::string> query{{"limit", "2"}};
    if (!cursor.empty()) query.emplace("cursor", cursor);
    const json answer = List(query);
    EXPECT_LE(answer["alerts"].size(), 2u);
    for (const json& alert : answer["alerts"]) names += alert["name"].get<std::string>();
    cursor = answer["next_cursor"].is_null() ? "" : answer["next_cursor"].get<std::string>();
    ASSERT_LE(names.size(), 6u);
  } while (!cursor.empty());
  EXPECT_EQ(names, "FEDCBA");
}

TEST_F(FleetTest, NamesTheParameterAtFault) {
  EXPECT_EQ(List({{"scope", "global"}}, 400)["error"], "scope: not local");
  EXPECT_EQ(List({{"cursor", "17"}}, 400)["error"], "cursor: not one that next_cursor gave");
  EXPECT_EQ(List({{"scope", "local"}, {"cursor", "1_2"}}, 400)["field"], "cursor");
  EXPECT_EQ(List({{"limit", "0"}}, 400)["field"], "limit");
  EXPECT_EQ(List({{"cursor", "1_2"}, {"cursor", "1_3"}}, 400)["field"], "cursor");
  EXPECT_TRUE(calls_.empty());
}

TEST(ParseListing, TakesOnlyWhatListAlertsWrites) {
  const std::string episode =
      R"({"id": 2, "state": "open", "name": "n", "severity": "s", "source": "s", "fingerprint": "f",
          "starts_at": "2026-11-22T10:00:00.000Z", "ended_at": null, "end_reason": null,
          "first_seen": "2026-11-22T10:00:00.000Z", "last_seen": "2026-11-22T10:00:00.000Z",
          "seen_count": 1, "flaps": 0, "late": false, "labels": {}, "annotations": {},
          "generator_url": ""})";
  const auto whole = [](const std::string& alerts, const std::string& cursor = "null") {
    return R"({"receiver": "a", "next_cursor": )" + cursor + R"(, "alerts": [)" + alerts + "]}";
  };
  const auto good = ParseListing(whole(episode, "\"2\""), 1);
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(good->episodes.at(0).id, 2);
  EXPECT_TRUE(good->more);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = episode;
    return whole(text.replace(text.find(from), from.size(), to));
  };
  EXPECT_TRUE(ParseListing(with("\"id\": 2", "\"id\": 3"), 1).ok());
  for (const std::string& bad :
       {whole(episode + "," + episode), whole("", "\"1\""), whole("7"), std::string("[]"),
        with("\"id\": 2", "\"id\": -2"), with("\"id\": 2", "\"id\": 2.5"),
        with("\"labels\": {}", "\"labels\": []"), with("2026-11-22T10:00:00.000Z", "today"),
        with("\"late\": false", "\"late\": 0"), with("\"fingerprint\": \"f\",", "")}) {
    EXPECT_FALSE(ParseListing(bad, 9).ok()) << bad;
  }
  EXPECT_FALSE(ParseListing(whole(episode), 0).ok());
}

TEST(ShowCpu, TellsOfTheWindowThatWasAskedAndOfNothingUnknown) {
  const cgroup::CpuEvidence evidence{.at_ms = 0,
                                     .target_found = true,
                                     .source = cgroup::Source::kCgroupV2,
                                     .limit = {cgroup::Limit::Kind::kCores, 2},
                                     .utilization_15s = 0.5,
                                     .utilization_60s = 0.25,
                                     .covered_15s = {{.from_ms = 985'000, .to_ms = 1'000'000}},
                                     .covered_60s = {{.from_ms = 961'000, .to_ms = 1'000'000}}};
  const auto show = [&](const std::multimap<std::string, std::string>& query) {
    return json::parse(ShowCpu(evidence, "fraud-0", {.query = query}).body);
  };
  EXPECT_EQ(show({})["name"], "fraud-0");
  EXPECT_EQ(show({})["utilization_15s"], 0.5);
  EXPECT_EQ(show({})["utilization_60s"], 0.25);
  EXPECT_FALSE(show({}).contains("throttled_60s"));
  EXPECT_EQ(
      show({})["window_15s"],
      json::parse(R"({"from": "1970-01-01T00:16:25.000Z", "to": "1970-01-01T00:16:40.000Z"})"));
  EXPECT_EQ(show({})["window_60s"]["from"], "1970-01-01T00:16:01.000Z");
  EXPECT_FALSE(show({{"window", "15s"}}).contains("window_60s"));
  EXPECT_FALSE(show({{"window", "60s"}}).contains("window_15s"));
  EXPECT_FALSE(show({{"window", "15s"}}).contains("utilization_60s"));
  EXPECT_EQ(show({{"window", "60s"}})["cpu_limit_cores"], 2);
  EXPECT_EQ(show({{"window", "5m"}})["field"], "window");
  EXPECT_EQ(show({{"span", "60s"}})["field"], "span");
}

}  // namespace
}  // namespace sidecar::query
