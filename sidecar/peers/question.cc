#include "sidecar/peers/question.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace sidecar::peers {
namespace {

using base::Error;
using base::ErrorCode;
using nlohmann::json;
using store::Subject;

constexpr std::int64_t kDayMs = 86'400'000;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// Reads the fields of one object; the first that is missing or wrong sticks.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {
    if (!object.is_object()) Note("not an object");
  }
  [[nodiscard]] const base::Status& status() const { return status_; }

  std::string Text(const char* name, std::size_t most) {
    const json* value = Find(name);
    if (value == nullptr) return {};
    if (!value->is_string() || value->get_ref<const std::string&>().size() > most) {
      Note(std::string(name) + ": not a text of at most " + std::to_string(most) + " bytes");
      return {};
    }
    return value->get<std::string>();
  }
  // What ends in a history or a log line.
  std::string Word(const char* name) {
    std::string text = Text(name, kMaxWord);
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable) Note(std::string(name) + ": not printable");
    return printable ? text : "";
  }
  std::int64_t Number(const char* name, std::int64_t least, std::int64_t most) {
    const json* value = Find(name);
    if (value == nullptr) return least;
    // An unsigned one beyond 2^63 would read back negative.
    const bool fits = value->is_number_integer() &&
                      (!value->is_number_unsigned() ||
                       value->get<std::uint64_t>() <=
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    const std::int64_t number = fits ? value->get<std::int64_t>() : 0;
    if (fits && number >= least && number <= most) return number;
    Note(std::string(name) + ": not a whole number from " + std::to_string(least) + " to " +
         std::to_string(most));
    return least;
  }
  base::WallMs Time(const char* name) { return Number(name, -kFar, kFar); }
  std::optional<base::WallMs> MaybeTime(const char* name) {
    const json* value = Find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return Time(name);
  }

 private:
  static constexpr std::int64_t kFar = std::int64_t{1} << 53;  // far from overflow in sums

  const json* Find(const char* name) {
    if (!status_) return nullptr;
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    Note(std::string(name) + ": missing");
    return nullptr;
  }
  void Note(const std::string& problem) {
    if (status_) status_ = Error{ErrorCode::kInvalid, problem};
  }

  const json& object_;
  base::Status status_;
};

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

Subject ReadSubject(Reader* reader) {
  constexpr std::size_t kMaxText = 4 << 10;
  return {.source = reader->Text("source", kMaxText),
          .fingerprint = reader->Text("fingerprint", kMaxText),
          .kind = reader->Text("kind", kMaxText),
          .starts_at_ms = reader->Time("starts_at"),
          .ended_at_ms = reader->MaybeTime("ended_at"),
          .at_ms = reader->Time("at"),
          .channel = reader->Text("channel", kMaxText),
          .target = reader->Text("target", kMaxText),
          .part = static_cast<int>(reader->Number("part", 1, 100'000)),
          .since_ms = reader->MaybeTime("since"),
          .title = reader->Text("title", kMaxText)};
}

base::Result<json> Parse(const std::string& text) {
  json whole = json::parse(text, nullptr, false);
  if (whole.is_discarded()) return Error{ErrorCode::kInvalid, "not JSON"};
  return whole;
}

}  // namespace

std::string QuestionJson(const Subject& subject) { return Dump(SubjectObject(subject)); }

base::Result<Subject> ParseQuestion(const std::string& text) {
  const auto whole = Parse(text);
  if (!whole) return whole.error();
  Reader reader(*whole);
  Subject subject = ReadSubject(&reader);
  if (!reader.status()) return reader.status().error();
  return subject;
}

std::string AnswerJson(const Answer& answer) {
  return Dump({{"name", answer.name},
               {"state", answer.state ? notifier::StateName(*answer.state) : "unknown"},
               {"lease_ends_in_ms", answer.lease_ends_in.count()},
               {"provider_id", answer.provider_id}});
}

base::Result<Answer> ParseAnswer(const std::string& text) {
  const auto whole = Parse(text);
  if (!whole) return whole.error();
  Reader reader(*whole);
  Answer answer{.name = reader.Word("name")};
  const std::string state = reader.Word("state");
  answer.lease_ends_in = base::Millis(reader.Number("lease_ends_in_ms", 0, kDayMs));
  answer.provider_id = reader.Word("provider_id");
  if (!reader.status()) return reader.status().error();
  answer.state = notifier::ParseState(state);
  if (!answer.state && state != "unknown") {
    return Error{ErrorCode::kInvalid, "state: none that there is"};
  }
  return answer;
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
  const auto whole = Parse(text);
  if (!whole) return whole.error();
  Reader reader(*whole);
  News news{.name = reader.Word("name")};
  if (!reader.status()) return reader.status().error();
  const auto items = whole->find("delivered");
  if (items == whole->end() || !items->is_array() || items->size() > kMaxNews) {
    return Error{ErrorCode::kInvalid,
                 "delivered: not an array of at most " + std::to_string(kMaxNews)};
  }
  news.delivered.reserve(items->size());
  for (const json& item : *items) {
    Reader each(item);
    News::Item read{.subject = ReadSubject(&each), .provider_id = each.Word("provider_id")};
    if (!each.status()) return each.status().error().Wrap("delivered");
    news.delivered.push_back(std::move(read));
  }
  return news;
}

}  // namespace sidecar::peers
