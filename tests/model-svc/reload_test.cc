#include "model-svc/reload.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/model-svc/small_folder.h"

namespace model {
namespace {

using support::SmallFolder;

struct ChampionTest : testing::Test {
  [[nodiscard]] bool Exports(const std::string& line) const {
    return metrics.Text().find(line + "\n") != std::string::npos;
  }

  SmallFolder folder;
  base::Metrics metrics;
  Champion champion{folder.path(), &metrics};
};

TEST_F(ChampionTest, HasNoModelBeforeTheFirstReload) {
  EXPECT_EQ(champion.Current(), nullptr);
  EXPECT_EQ(metrics.Text().find("ml_model_info"), std::string::npos);
  EXPECT_EQ(metrics.Text().find("ml_model_last_reload_ok"), std::string::npos);
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"refused\"} 0"));
}

TEST_F(ChampionTest, ReloadSwapsWhatIsGood) {
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  const auto first = champion.Current();
  EXPECT_EQ(first->version, "small-1");
  EXPECT_TRUE(
      Exports("ml_model_info{run_id=\"\",sha256=\"" + first->sha256 + "\",version=\"small-1\"} 1"));
  const SmallFolder second(5, "small-2");
  folder.meta = second.meta;
  folder.model = second.model;
  folder.golden = second.golden;
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  EXPECT_EQ(champion.Current()->version, "small-2");
  EXPECT_EQ(first->version, "small-1");  // whoever still uses it keeps it
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"loaded\"} 2"));
  EXPECT_EQ(metrics.Text().find("version=\"small-1\""), std::string::npos);
}

TEST_F(ChampionTest, TheSameFolderChangesNothing) {
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  const auto first = champion.Current();
  ASSERT_TRUE(champion.Reload().ok());
  EXPECT_EQ(champion.Current(), first);
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"unchanged\"} 1"));
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"loaded\"} 1"));
}

TEST_F(ChampionTest, ARefusedFolderLeavesTheOldModel) {
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  const auto first = champion.Current();
  folder.meta = "{}";
  folder.Write();
  const auto refused = champion.Reload();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("meta.json"), std::string::npos);
  EXPECT_EQ(champion.Current(), first);
  EXPECT_TRUE(Exports("ml_model_last_reload_ok 0"));
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"refused\"} 1"));
  folder.directory.Remove("SHA256SUMS");  // nor is a folder good that lost a file
  EXPECT_FALSE(champion.Reload().ok());
  folder.meta = SmallFolder().meta;
  folder.Write();
  EXPECT_TRUE(champion.Reload().ok());
  EXPECT_TRUE(Exports("ml_model_last_reload_ok 1"));
}

TEST_F(ChampionTest, ReloadsWhileItIsReadAndScraped) {
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 50; ++n) EXPECT_TRUE(champion.Reload().ok());
      });
      threads.emplace_back([&] {
        for (int n = 0; n < 50; ++n) EXPECT_EQ(champion.Current()->version, "small-1");
      });
    }
    for (int n = 0; n < 20; ++n) EXPECT_TRUE(Exports("ml_model_last_reload_ok 1"));
  }
  EXPECT_TRUE(Exports("ml_model_reloads_total{result=\"unchanged\"} 100"));
}

}  // namespace
}  // namespace model
