#include "bench/load/follow.h"

#include <gtest/gtest.h>

#include "base/http_server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace load {
namespace {

constexpr base::WallMs kStart = 1'700'000'000'000;

std::string Began() { return base::FormatUtc(kStart + 500); }

// Prometheus, Alertmanager and the history on one port; each answers as the test says.
class FollowTest : public testing::Test {
 protected:
  FollowTest() {
    const auto route = [](const char* path, std::string* body) {
      return base::Route{.method = "GET", .path = path, .handler = [body](const auto&) {
                           return base::HttpResponse{.status = body->empty() ? 500 : 200,
                                                     .body = *body};
                         }};
    };
    base::Route history = route("/h/api/v1/alerts", &episodes_);
    history.handler = [this](const base::HttpRequest& request) {
      const auto header = request.headers.find("authorization");
      const bool known = header != request.headers.end() && header->second == "Bearer sesame";
      asked_for_ = request.query.find("name")->second;
      return base::HttpResponse{.status = known ? 200 : 401, .body = episodes_};
    };
    server_ = base::HttpServer::Bind({}, {route("/p/api/v1/alerts", &prometheus_),
                                          route("/a/api/v2/alerts", &alertmanager_), history,
                                          route("/h/api/v1/alerts/8", &episode_)})
                  .value();
    server_->Start();
    dir_.Write("token", "sesame\n");
    const std::string url = "http://127.0.0.1:" + std::to_string(server_->port());
    follow_ = std::make_unique<Follow>(FollowOptions{.prometheus = url + "/p",
                                                     .alertmanager = url + "/a/",
                                                     .history = url + "/h",
                                                     .history_token_file = dir_.File("token"),
                                                     .alert = "Hot & high"},
                                       kStart, &clock_);
  }
  std::string Poll() {
    clock_.Advance(base::Millis(1000));
    follow_->Poll({});
    return follow_->Text();
  }

  const support::TempDir dir_;
  support::ManualClock clock_{kStart};
  std::string prometheus_ = R"({"data":{"alerts":[]}})";
  std::string alertmanager_ = "[]";
  std::string episodes_ = R"({"alerts":[]})";
  std::string episode_ = R"({"notifications":[]})";
  std::string asked_for_;
  std::unique_ptr<base::HttpServer> server_;
  std::unique_ptr<Follow> follow_;
};

TEST_F(FollowTest, AWrongTokenIsToldBeforeTheAttack) {
  EXPECT_TRUE(follow_->CheckHistory().ok());
  dir_.Write("token", "guessed\n");
  EXPECT_EQ(follow_->CheckHistory().error().code, base::ErrorCode::kDenied);
  dir_.Write("token", "me sesame\n");
  EXPECT_EQ(follow_->CheckHistory().error().code, base::ErrorCode::kInvalid);
  dir_.Write("token", "sesame\n");
  server_->Stop();
  EXPECT_TRUE(follow_->CheckHistory().ok()) << "one that is away may come";
}

TEST_F(FollowTest, TellsHowFarTheAlertHasCome) {
  EXPECT_EQ(Poll(), "none");
  EXPECT_EQ(asked_for_, "Hot & high");
  const std::string labels = R"("labels":{"alertname":"Hot & high"},)";
  prometheus_ = R"({"data":{"alerts":[{)" + labels + R"("state":"pending","activeAt":")" + Began() +
                R"("}]}})";
  EXPECT_EQ(Poll(), "pending");
  prometheus_.replace(prometheus_.find("pending"), 7, "firing");
  EXPECT_EQ(Poll(), "firing");
  alertmanager_ = R"([{)" + labels + R"("startsAt":")" + Began() + R"("}])";
  EXPECT_EQ(Poll(), "at Alertmanager");
  episodes_ = R"({"alerts":[{"id":8,"name":"Hot & high","starts_at":")" + Began() + R"("}]})";
  EXPECT_EQ(Poll(), "in the history");
  episode_ = R"({"notifications":[{"state":"delivered","subject":"[FIRING] hot"}]})";
  EXPECT_EQ(Poll(), "told");
  const AlertTimes times = follow_->Times();
  EXPECT_EQ(times.prometheus_pending_at, kStart + 2000);
  EXPECT_EQ(times.prometheus_firing_at, kStart + 3000);
  EXPECT_EQ(times.alertmanager_at, kStart + 4000);
  EXPECT_EQ(times.history_at, kStart + 5000);
  EXPECT_EQ(times.told_at, kStart + 6000);
}

TEST_F(FollowTest, WhoDoesNotAnswerIsUnknownUntilHeDoes) {
  prometheus_ = "";
  alertmanager_ = "nonsense";
  dir_.Write("token", "wrong\n");
  EXPECT_EQ(Poll(), "none (unknown: prometheus, alertmanager, history)");
  dir_.Write("token", "sesame\n");
  EXPECT_EQ(Poll(), "none (unknown: prometheus, alertmanager)");
  server_->Stop();
  EXPECT_EQ(Poll(), "none (unknown: prometheus, alertmanager, history)");
}

TEST(Follow, WithNobodyToAskThereIsNothingToSay) {
  const support::ManualClock clock;
  Follow follow({}, 0, &clock);
  follow.Poll({});
  EXPECT_EQ(follow.Text(), "");
}

}  // namespace
}  // namespace load
