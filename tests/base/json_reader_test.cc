#include "base/json_reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace base {
namespace {

std::string ProblemOf(const std::string& text, const std::function<void(JsonReader*)>& read) {
  JsonReader reader(text);
  read(&reader);
  return reader.status() ? "" : reader.status().error().message;
}

TEST(JsonReader, ReadsEachKindOfField) {
  JsonReader reader(R"({"text": "aä", "word": "a b", "number": -7, "flag": true,
                        "at": "1970-01-01T00:00:01Z", "object": {"a": [1]}, "none": null,
                        "items": [{"n": 1}, {"n": 2}]})");
  EXPECT_EQ(reader.Text("text"), "aä");
  EXPECT_EQ(reader.Word("word", 3), "a b");
  EXPECT_EQ(reader.Number("number", -7, 7), -7);
  EXPECT_TRUE(reader.Flag("flag"));
  EXPECT_EQ(reader.Utc("at"), 1'000);
  EXPECT_EQ(reader.Object("object"), R"({"a":[1]})");
  EXPECT_TRUE(reader.IsNull("none") && !reader.Has("none"));
  EXPECT_TRUE(!reader.IsNull("other") && !reader.Has("other") && reader.Has("text"));
  auto items = reader.Items("items", 2);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[1].Number("n", 0, 9), 2);
  EXPECT_TRUE(reader.Inner("object").Has("a"));
  EXPECT_TRUE(reader.status().ok());
}

TEST(JsonReader, AnInnerObjectOutlivesItsReader) {
  auto inner = std::make_unique<JsonReader>(R"({"in": {"text": "kept"}})")->Inner("in");
  EXPECT_EQ(inner.Text("text"), "kept");
}

TEST(JsonReader, NamesWhatIsWrong) {
  struct Case {
    const char* text;
    std::function<void(JsonReader*)> read;
    const char* problem;
  };
  const std::vector<Case> cases = {
      {"", [](JsonReader*) {}, "not JSON"},
      {"[1]", [](JsonReader* r) { r->Text("a"); }, "not an object"},
      {"{}", [](JsonReader* r) { r->Text("a"); }, "a: missing"},
      {R"({"a": 1})", [](JsonReader* r) { r->Text("a"); }, "a: not a text"},
      {R"({"a": "xy"})", [](JsonReader* r) { r->Text("a", 1); },
       "a: not a text of at most 1 bytes"},
      {R"({"a": "x\n"})", [](JsonReader* r) { r->Word("a", 9); }, "a: not printable"},
      {R"({"a": 18446744073709551615})", [](JsonReader* r) { r->Number("a", -1, 5); },
       "a: not a whole number from -1 to 5"},
      {R"({"a": 2.0})", [](JsonReader* r) { r->Number("a", 0, 5); },
       "a: not a whole number from 0 to 5"},
      {R"({"a": 1})", [](JsonReader* r) { r->Flag("a"); }, "a: neither true nor false"},
      {R"({"a": "now"})", [](JsonReader* r) { r->Utc("a"); }, "a: not a time"},
      {R"({"a": 1})", [](JsonReader* r) { EXPECT_EQ(r->Object("a"), "{}"); }, "a: not an object"},
      {R"({"a": [1, 2]})", [](JsonReader* r) { EXPECT_TRUE(r->Items("a", 1).empty()); },
       "a: not an array of at most 1"},
  };
  for (const Case& each : cases) EXPECT_EQ(ProblemOf(each.text, each.read), each.problem);
}

TEST(JsonReader, TheFirstProblemStays) {
  EXPECT_EQ(ProblemOf(R"({"b": 1})",
                      [](JsonReader* reader) {
                        reader->Text("a");
                        EXPECT_EQ(reader->Number("b", 0, 5), 0);
                      }),
            "a: missing");
}

}  // namespace
}  // namespace base
