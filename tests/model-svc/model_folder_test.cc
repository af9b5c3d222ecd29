#include "model-svc/model_folder.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>

#include "tests/model-svc/small_folder.h"

namespace model {
namespace {

using base::ErrorCode;
using support::SmallFolder;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Writes the folder with right hashes; it must be refused with a message that holds all parts.
void ExpectInvalid(const SmallFolder& folder, const std::vector<std::string>& parts) {
  folder.Write();
  const auto loaded = LoadFolder(folder.path());
  ASSERT_FALSE(loaded.ok()) << parts[0];
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalid) << loaded.error().message;
  for (const std::string& part : parts) {
    EXPECT_NE(loaded.error().message.find(part), std::string::npos) << loaded.error().message;
  }
}

TEST(ModelFolder, LoadsWhatIsWhole) {
  const SmallFolder folder;
  folder.Write();
  folder.directory.Write("README", "any other file is ignored");
  const auto loaded = LoadFolder(folder.path());
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const Model& model = **loaded;
  EXPECT_EQ(model.version, "small-1");
  EXPECT_EQ(model.run_id, "");
  EXPECT_EQ(model.sha256, Sha256Hex(folder.model));
  EXPECT_EQ(model.threshold, 0.5F);
  EXPECT_EQ(model.features.size(), 5U);
  EXPECT_EQ(model.features[3], "a_mean");
  EXPECT_EQ(model.training, R"({"seed":7})");
  EXPECT_EQ(model.sums, folder.Sums());
  const std::vector<float> row = {500, 0, 0, 0, 0};
  EXPECT_NEAR(model.forest.Score(row.data()), 1 / (1 + std::exp(-1.8)), 1e-6);
}

TEST(ModelFolder, TheHashIsTheStandardOne) {  // FIPS 180-4, example "abc"
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ModelFolder, AFileThatIsNotThereIsNamed) {
  for (const std::string name :
       {"SHA256SUMS", "meta.json", "schema.json", "golden.json", "model.json"}) {
    const SmallFolder folder;
    folder.Write();
    folder.directory.Remove(name);
    const auto loaded = LoadFolder(folder.path());
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound) << name;
    EXPECT_NE(loaded.error().message.find(name), std::string::npos) << loaded.error().message;
  }
}

TEST(ModelFolder, TheListOfHashesHasOneForm) {
  const SmallFolder folder;
  folder.WriteParts();
  const std::string good = folder.Sums();
  const std::string first = good.substr(0, good.find('\n') + 1);
  for (const std::string& bad :
       {std::string(), good.substr(0, good.size() - 1), good + "\n", good + first,
        good.substr(first.size()), good.substr(first.size()) + first,
        Replaced(good, "  meta", " *meta"), Replaced(good, "model.json", "model.ubj")}) {
    folder.directory.Write("SHA256SUMS", bad);
    const auto loaded = LoadFolder(folder.path());
    ASSERT_FALSE(loaded.ok()) << bad;
    EXPECT_EQ(loaded.error().code, ErrorCode::kInvalid) << bad;
    EXPECT_NE(loaded.error().message.find("SHA256SUMS"), std::string::npos);
  }
}

TEST(ModelFolder, AHashThatDoesNotMatchIsCorrupt) {
  for (const std::string name : {"meta.json", "schema.json", "golden.json", "model.json"}) {
    const SmallFolder folder;
    folder.Write();
    folder.directory.Write(name, "{}");
    const auto loaded = LoadFolder(folder.path());
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorrupt) << name;
    EXPECT_NE(loaded.error().message.find(name), std::string::npos) << loaded.error().message;
  }
}

TEST(ModelFolder, TwoModelsAreRefused) {
  const SmallFolder folder;
  folder.directory.Write("model.ubj", "x");
  ExpectInvalid(folder, {"model.json and model.ubj are both there"});
}

TEST(ModelFolder, AFileOverItsBoundIsRefused) {
  SmallFolder folder;
  folder.meta.insert(1, std::string(1 << 20, ' '));
  ExpectInvalid(folder, {"meta.json", "over 1048576 bytes"});
}

TEST(ModelFolder, TheMembersOfMetaAreChecked) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("format": 1)", R"("format": 2)"},
      {R"("format": 1)", R"("format": "1")"},
      {R"("model_version": "small-1")", R"("model_version": "")"},
      {R"("model_version": "small-1")", R"("model_version": 1)"},
      {R"("model_version": "small-1")", R"("model_version": "a\nb")"},
      {R"("model_version": "small-1")", R"("model_version": ")" + std::string(129, 'v') + R"(")"},
      {R"("run_id": null)", R"("run_id": 5)"},
      {R"("threshold": 0.5)", R"("threshold": 1.01)"},
      {R"("threshold": 0.5)", R"("threshold": -0.01)"},
      {R"("threshold": 0.5)", R"("threshold": "0.5")"},
      {R"("training": {"seed": 7})", R"("training": [])"},
  };
  for (const auto& [from, to] : cases) {
    SmallFolder folder;
    folder.meta = Replaced(folder.meta, from, to);
    ExpectInvalid(folder, {"meta.json", from.substr(1, from.find('"', 1) - 1)});
  }
}

TEST(ModelFolder, TextThatIsNoJsonIsRefusedWithoutQuotingIt) {
  for (const std::string& text :
       {std::string("{"), std::string("[1]"), std::string(), "{\"a\": " + std::string(5000, '['),
        std::string("{\"format\": 1e400}"), std::string("{\"a\": \"\xff\"}")}) {
    SmallFolder folder;
    folder.meta = text;
    ExpectInvalid(folder, {"meta.json"});
    EXPECT_LT(LoadFolder(folder.path()).error().message.size(), 100U);
  }
}

TEST(ModelFolder, TheMembersOfTheSchemaAreChecked) {
  SmallFolder folder;
  folder.schema = Replaced(folder.schema, R"("a_mean")", R"("A_mean")");
  ExpectInvalid(folder, {"schema.json", "sha256"});
  folder.schema = Replaced(folder.schema, R"("A_mean")", R"("b_count")");
  ExpectInvalid(folder, {"schema.json", "twice"});
  folder.schema = R"({"features": []})";
  ExpectInvalid(folder, {"schema.json", "features"});
}

TEST(ModelFolder, TheModelHasTheFeaturesOfTheSchemaInTheirOrder) {
  SmallFolder folder;
  folder.model = Replaced(folder.model, R"("a_mean", "b_count")", R"("b_count", "a_mean")");
  ExpectInvalid(folder, {"model.json", "feature 3", "a_mean"});
}

TEST(ModelFolder, TheMembersOfTheGoldenRowsAreChecked) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[1, 0, 0, 0, 0]", "[1, 0, 0, 0]"},
      {"[1, 0, 0, 0, 0]", "[1, 0, 0, 0, 0, 0]"},
      {"[1, 0, 0, 0, 0]", "[1, 0, 0, 0, 1e39]"},
      {"[1, 0, 0, 0, 0]", "[1, 0, 0, 0, true]"},
      {"[1, 0, 0, 0, 0]", "5"},
      {"[1, 0, 0, 0, 0], ", ""},
      {R"("scores": [)", R"("scores": [1.5, )"},
  };
  for (const auto& [from, to] : cases) {
    SmallFolder folder;
    folder.golden = Replaced(folder.golden, from, to);
    ExpectInvalid(folder, {"golden.json"});
  }
  SmallFolder folder;
  folder.golden = R"({"rows": [], "scores": []})";
  ExpectInvalid(folder, {"golden.json", "rows"});
}

TEST(ModelFolder, AScoreThatIsOffByMoreThanAMillionthIsRefused) {
  SmallFolder folder;
  const xgboost::Forest forest(*xgboost::Load(folder.model));
  const std::vector<float> row = {500, 1, 1, 7.5, 2};
  const double score = forest.Score(row.data());
  const auto golden = [](double value) {
    return R"({"rows": [[500, 1, 1, 7.5, 2]], "scores": [)" + std::to_string(value) + "]}";
  };
  folder.golden = golden(score);  // six decimals
  folder.Write();
  EXPECT_TRUE(LoadFolder(folder.path()).ok());
  folder.golden = golden(score + 2e-6);
  ExpectInvalid(folder, {"golden.json", "row 0 scores"});
}

// What a folder promises to score, down to the last bit.
std::string Fingerprint(const Model& model) {
  const std::vector<float> rows = {1, 0, 0, 0, 0, 500, 1, 1, 7.5, 2};
  return model.version + "/" + std::to_string(std::bit_cast<std::uint32_t>(model.threshold)) + "/" +
         std::to_string(std::bit_cast<std::uint32_t>(model.forest.Score(rows.data()))) + "/" +
         std::to_string(std::bit_cast<std::uint32_t>(model.forest.Score(rows.data() + 5)));
}

void ExpectRefusedOrSame(const SmallFolder& folder, const std::string& want,
                         const std::string& what) {
  const auto loaded = LoadFolder(folder.path());
  EXPECT_TRUE(!loaded.ok() || Fingerprint(**loaded) == want) << what;
}

TEST(ModelFolder, EveryByteFlippedAndEveryCutIsRefusedOrTheSame) {
  const SmallFolder folder(30);  // a model of 15 KB
  folder.Write();
  ASSERT_GT(folder.model.size(), 10'000U);
  const std::string want = Fingerprint(**LoadFolder(folder.path()));
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"model.json", folder.model},
                                                        {"meta.json", folder.meta},
                                                        {"schema.json", folder.schema},
                                                        {"golden.json", folder.golden},
                                                        {"SHA256SUMS", folder.Sums()}}) {
    std::fstream file(folder.directory.File(name), std::ios::binary | std::ios::in | std::ios::out);
    const auto put = [&](std::size_t at, char byte) {
      file.seekp(static_cast<std::streamoff>(at)).put(byte).flush();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      put(i, static_cast<char>(~text[i]));
      ExpectRefusedOrSame(folder, want, name + " flipped at " + std::to_string(i));
      put(i, text[i]);
    }
    for (std::size_t size = 0; size < text.size(); size += 1000) {
      folder.directory.Write(name, text.substr(0, size));
      ExpectRefusedOrSame(folder, want, name + " cut at " + std::to_string(size));
    }
    folder.directory.Write(name, text);
  }
  EXPECT_TRUE(LoadFolder(folder.path()).ok());
}

}  // namespace
}  // namespace model
