#include "notifier/telegram/text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "notifier/telegram/utf16.h"

namespace notifier {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Characters without a shape: spaces, joiners, direction marks, fillers, selectors, tags; 30A, 333
// and 33F are marks that Telegram takes out.
constexpr std::array<std::pair<char32_t, char32_t>, 21> kShapeless = {{
    {0x00, 0x20},       {0x7F, 0xA0},     {0xAD, 0xAD},     {0x30A, 0x30A},   {0x333, 0x333},
    {0x33F, 0x33F},     {0x34F, 0x34F},   {0x61C, 0x61C},   {0x115F, 0x1160}, {0x1680, 0x1680},
    {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},
    {0x2800, 0x2800},   {0x3000, 0x3000}, {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
    {0xE0000, 0xE0FFF},
}};

bool IsShapeless(char32_t code) {
  return std::any_of(kShapeless.begin(), kShapeless.end(), [code](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

bool IsTrimmed(char c) { return c == ' ' || c == '\n'; }

std::string_view Cleaned(std::string_view bytes, const Character& character) {
  if (!character.valid) return kReplacement;
  if (character.code == '\r') return "";
  if (character.code < ' ' && character.code != '\n') return " ";
  return bytes;
}

// Spans in the new text: none empty, each behind the one before.
void Add(Span span, std::vector<Span>* bold) {
  if (!bold->empty()) span.begin = std::max(span.begin, bold->back().end);
  if (span.begin < span.end) bold->push_back(span);
}

}  // namespace

Text CleanText(std::string_view text, const std::vector<Span>& bold) {
  Text clean;
  clean.bold.reserve(bold.size());
  // Where each byte's character begins in the new text, and where it ends.
  std::vector<Span> places;
  places.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character character = FirstCharacter(text.substr(at));
    const std::size_t begin = clean.text.size();
    clean.text += Cleaned(text.substr(at, character.bytes), character);
    places.insert(places.end(), character.bytes, Span{begin, clean.text.size()});
    at += character.bytes;
  }
  for (const Span& span : bold) {
    const std::size_t end = std::min(span.end, text.size());
    if (span.begin < end) Add({places[span.begin].begin, places[end - 1].end}, &clean.bold);
  }
  return clean;
}

Text Cut(const Text& whole, std::size_t begin, std::size_t end) {
  while (begin < end && IsTrimmed(whole.text[begin])) ++begin;
  while (begin < end && IsTrimmed(whole.text[end - 1])) --end;
  Text part{.text = whole.text.substr(begin, end - begin)};
  for (const Span& span : whole.bold) {
    if (span.end <= begin || span.begin >= end) continue;
    Add({std::max(span.begin, begin) - begin, std::min(span.end, end) - begin}, &part.bold);
  }
  return part;
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (!character.valid || !IsShapeless(character.code)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

}  // namespace notifier
