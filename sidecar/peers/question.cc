#include "sidecar/peers/question.h"

#include <nlohmann/json.hpp>

#include "base/json_reader.h"

namespace sidecar::peers {
namespace {

using base::Error;
using base::ErrorCode;
using nlohmann::json;
using store::Subject;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kIdentityVersion = 1;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

constexpr std::int64_t kFar = std::int64_t{1} << 53;  // ms: far from overflow in sums

base::WallMs Time(const char* name, base::JsonReader* reader) {
  return reader->Number(name, -kFar, kFar);
}

std::optional<base::WallMs> TimeOrNull(const char* name, base::JsonReader* reader) {
  if (reader->IsNull(name)) return std::nullopt;
  return Time(name, reader);
}

json SubjectObject(const Subject& subject) {
  return {{"source", subject.source},
          {"fingerprint", subject.fingerprint},
          {"kind", subject.kind},
          {"starts_at", subject.starts_at_ms},
          {"ended_at", subject.ended_at_ms ? json(*subject.ended_at_ms) : json()},
          {"at", subject.at_ms},
          {"channel", subject.channel},
          {"target", subject.target},
          {"part", subject.part},
          {"since", subject.since_ms ? json(*subject.since_ms) : json()},
          {"title", subject.title}};
}

Subject ReadSubject(base::JsonReader* reader) {
  constexpr std::size_t kMaxText = 4 << 10;
  return {.source = reader->Text("source", kMaxText),
          .fingerprint = reader->Text("fingerprint", kMaxText),
          .kind = reader->Text("kind", kMaxText),
          .starts_at_ms = Time("starts_at", reader),
          .ended_at_ms = TimeOrNull("ended_at", reader),
          .at_ms = Time("at", reader),
          .channel = reader->Text("channel", kMaxText),
          .target = reader->Text("target", kMaxText),
          .part = static_cast<int>(reader->Number("part", 1, 100'000)),
          .since_ms = TimeOrNull("since", reader),
          .title = reader->Text("title", kMaxText)};
}

json IdentityObject(const Identity& identity) {
  json sources = json::array();
  if (identity.sources.size() <= kMaxSources) {
    for (const std::string& name : identity.sources) sources.push_back({{"name", name}});
  }
  return {{"version", kIdentityVersion},
          {"run", identity.run},
          {"position", identity.position},
          {"name", identity.name},
          {"sources", std::move(sources)}};
}

// Fields may be added without another version.
Told ReadIdentity(base::JsonReader* answer) {
  if (!answer->Has("identity")) return {};
  base::JsonReader reader = answer->Inner("identity");
  const auto version = reader.Number("version", 1, kFar);
  if (reader.status() && version != kIdentityVersion) return {};
  Identity identity{.run = reader.Word("run", kMaxWord),
                    .position = static_cast<int>(reader.Number("position", 0, kMaxPosition)),
                    .name = reader.Word("name", kMaxWord)};
  auto sources = reader.Items("sources", kMaxSources);
  identity.sources.reserve(sources.size());
  for (base::JsonReader& source : sources) {
    identity.sources.push_back(source.Word("name", kMaxWord));
    if (!source.status()) return {.problem = "sources: " + source.status().error().message};
  }
  if (!reader.status()) return {.problem = reader.status().error().message};
  return {.identity = std::move(identity)};
}

}  // namespace

std::string QuestionJson(const Subject& subject) { return Dump(SubjectObject(subject)); }

base::Result<Subject> ParseQuestion(const std::string& text) {
  base::JsonReader reader(text);
  Subject subject = ReadSubject(&reader);
  if (!reader.status()) return reader.status().error();
  return subject;
}

std::string AnswerJson(const Answer& answer) {
  json object = {{"name", answer.name},
                 {"state", answer.state ? notifier::StateName(*answer.state) : "unknown"},
                 {"lease_ends_in_ms", answer.lease_ends_in.count()},
                 {"provider_id", answer.provider_id}};
  if (answer.who.identity) object["identity"] = IdentityObject(*answer.who.identity);
  return Dump(object);
}

base::Result<Answer> ParseAnswer(const std::string& text) {
  base::JsonReader reader(text);
  Answer answer{.name = reader.Word("name", kMaxWord)};
  const std::string state = reader.Word("state", kMaxWord);
  answer.lease_ends_in = base::Millis(reader.Number("lease_ends_in_ms", 0, kDayMs));
  answer.provider_id = reader.Word("provider_id", kMaxWord);
  if (!reader.status()) return reader.status().error();
  answer.state = notifier::ParseState(state);
  if (!answer.state && state != "unknown") {
    return Error{ErrorCode::kInvalid, "state: none that there is"};
  }
  answer.who = ReadIdentity(&reader);
  return answer;
}

std::string IdentityJson(const Identity& identity) {
  return Dump({{"identity", IdentityObject(identity)}});
}

base::Result<Told> ParseIdentity(const std::string& text) {
  base::JsonReader reader(text);
  if (!reader.status()) return reader.status().error();
  return ReadIdentity(&reader);
}

std::string NewsJson(const News& news) {
  json items = json::array();
  for (const News::Item& item : news.delivered) {
    json object = SubjectObject(item.subject);
    object["provider_id"] = item.provider_id;
    items.push_back(std::move(object));
  }
  return Dump({{"name", news.name}, {"delivered", std::move(items)}});
}

base::Result<News> ParseNews(const std::string& text) {
  base::JsonReader reader(text);
  News news{.name = reader.Word("name", kMaxWord)};
  std::vector<base::JsonReader> items = reader.Items("delivered", kMaxNews);
  if (!reader.status()) return reader.status().error();
  news.delivered.reserve(items.size());
  for (base::JsonReader& item : items) {
    News::Item read{.subject = ReadSubject(&item),
                    .provider_id = item.Word("provider_id", kMaxWord)};
    if (!item.status()) return item.status().error().Wrap("delivered");
    news.delivered.push_back(std::move(read));
  }
  return news;
}

}  // namespace sidecar::peers
