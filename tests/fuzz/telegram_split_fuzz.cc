#include <algorithm>
#include <nlohmann/json.hpp>

#include "notifier/telegram/call.h"
#include "notifier/telegram/split.h"
#include "notifier/telegram/text.h"
#include "notifier/telegram/utf16.h"
#include "tests/fuzz/fuzz.h"

namespace {

// Spans anywhere, as a broken store might give them: each byte is a length, bold and plain in turn.
std::vector<notifier::Span> Spans(const std::string& lengths) {
  std::vector<notifier::Span> spans;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < lengths.size(); i += 2) {
    at += static_cast<unsigned char>(lengths[i]);
    spans.push_back({at, at + static_cast<unsigned char>(lengths[i + 1])});
    at += static_cast<unsigned char>(lengths[i + 1]) / 2;  // some of them overlap
  }
  return spans;
}

void PromiseUtf8(std::string_view text) {
  while (!text.empty()) {
    const notifier::Character character = notifier::FirstCharacter(text);
    PROMISE(character.valid);
    text.remove_prefix(character.bytes);
  }
}

void PromiseSpans(const notifier::Message& part) {
  std::size_t at = 0;
  for (const notifier::Span& span : part.bold) {
    PROMISE(span.begin >= at && span.end > span.begin && span.end <= part.text.size());
    PromiseUtf8(part.text.substr(at, span.begin - at));
    PromiseUtf8(part.text.substr(span.begin, span.end - span.begin));
    at = span.end;
  }
}

// What of a text does not depend on where it was cut.
std::string Solid(std::string_view text) {
  std::string solid;
  std::copy_if(text.begin(), text.end(), std::back_inserter(solid),
               [](char c) { return c != ' ' && c != '\n'; });
  return solid;
}

void PromiseComplete(const std::vector<notifier::Message>& parts, const std::string& text) {
  const std::string whole = Solid(notifier::CleanText(text, {}).text);
  const std::string count = std::to_string(parts.size());
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string mark = "\n(" + std::to_string(i + 1) + "/" + count + ")";
    std::string_view part = parts[i].text;
    if (parts.size() > 1) {
      PROMISE(part.ends_with(mark));
      part.remove_suffix(mark.size());
    }
    joined += Solid(part);
  }
  const std::string rest = Solid(notifier::kRestSentence);
  const bool cut = parts.size() == notifier::kMaxParts && joined.ends_with(rest);
  if (cut && joined != whole) {
    joined.resize(joined.size() - rest.size());
    PROMISE(whole.starts_with(joined));
  } else {
    PROMISE(joined == whole);
  }
}

// What the server is given: a text that it takes, formatting within it.
void PromiseBody(const notifier::Message& part, bool repeat) {
  const auto body = nlohmann::json::parse(notifier::SendMessageBody(
      part, {.id = "-5"}, {.number = 2, .possible_repeat = repeat, .reply_to = part.key}, false));
  const auto text = body["text"].get<std::string>();
  const std::size_t units = notifier::Utf16Length(text);
  PROMISE(units <= notifier::kMaxMessageUnits);
  PROMISE(!notifier::IsBlank(text));
  PROMISE(text.find_first_of(" \n") != 0 && text.find_last_of(" \n") != text.size() - 1);
  PROMISE(text.ends_with(notifier::kRepeatMark) || !repeat);
  PROMISE(!body.contains("parse_mode"));
  if (!body.contains("entities")) return;
  PROMISE(!body["entities"].empty() && body["entities"].size() <= notifier::kMaxEntities);
  std::size_t at = 0;
  for (const auto& entity : body["entities"]) {
    const auto offset = entity["offset"].get<std::size_t>();
    const auto length = entity["length"].get<std::size_t>();
    PROMISE(offset >= at && length > 0 && offset + length <= units);
    at = offset + length;
  }
}

}  // namespace

FUZZ_TEXT(text) {
  // "TIMES|LENGTHS|TEXT": the text TIMES times over, so that a small input is a long message
  const int times = std::clamp(std::atoi(fuzz::CutFirst(&text, '|').c_str()), 1, 2000);
  notifier::Message message{.key = "7", .thread = "t", .html = "<p>"};
  message.bold = Spans(fuzz::CutFirst(&text, '|'));
  for (int i = 0; i < times && message.text.size() < 50'000; ++i) message.text += text;

  const auto parts = notifier::Split(message);
  PROMISE(!parts.empty() && parts.size() <= notifier::kMaxParts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    PROMISE(parts[i].key == (i == 0 ? "7" : "7-p" + std::to_string(i + 1)));
    PROMISE(parts[i].thread == "t" && parts[i].html.empty());
    PromiseUtf8(parts[i].text);
    PromiseSpans(parts[i]);
  }
  for (const bool repeat : {false, true}) PromiseBody(repeat ? parts.back() : parts[0], repeat);
  PromiseComplete(parts, message.text);
}
