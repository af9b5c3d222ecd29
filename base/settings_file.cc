#include "base/settings_file.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace base::settings {
namespace {

constexpr std::string_view kBlank = " \t\r";

void SkipBlank(std::string_view* text) {
  text->remove_prefix(std::min(text->find_first_not_of(kBlank), text->size()));
}

// Whether nothing but blanks or a comment is left.
bool AtEnd(std::string_view text) {
  SkipBlank(&text);
  return text.empty() || text.front() == '#';
}

// A text in double quotes at the start of *text, which then begins behind it; nullopt without its
// closing quote.
std::optional<std::string> TakeQuoted(std::string_view* text) {
  std::string value;
  for (std::size_t i = 1; i < text->size(); ++i) {
    char c = (*text)[i];
    if (c == '"') {
      text->remove_prefix(i + 1);
      return value;
    }
    if (c == '\\' && i + 1 < text->size()) c = (*text)[++i];
    value += c;
  }
  return std::nullopt;
}

// Up to the end of the line or a comment, which needs a blank before its #.
std::string TakeBare(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && kBlank.find(text[i - 1]) != std::string_view::npos) {
      text = text.substr(0, i);
    }
  }
  return std::string(text.substr(0, text.find_last_not_of(kBlank) + 1));
}

// ["a", "b"] with nothing but a comment behind it.
std::optional<std::vector<std::string>> ParseList(std::string_view text) {
  std::vector<std::string> values;
  text.remove_prefix(1);
  SkipBlank(&text);
  while (!text.empty() && text.front() == '"') {
    auto value = TakeQuoted(&text);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
    SkipBlank(&text);
    if (text.empty() || text.front() != ',') break;
    text.remove_prefix(1);
    SkipBlank(&text);
  }
  if (text.empty() || text.front() != ']' || !AtEnd(text.substr(1))) return std::nullopt;
  return values;
}

std::optional<std::vector<std::string>> ParseValues(std::string_view text) {
  if (AtEnd(text)) return std::nullopt;
  if (text.front() == '[') return ParseList(text);
  if (text.front() != '"') return std::vector{TakeBare(text)};
  auto value = TakeQuoted(&text);
  if (!value || !AtEnd(text)) return std::nullopt;
  return std::vector{std::move(*value)};
}

}  // namespace

std::vector<FileLine> ParseFile(std::string_view text, std::vector<std::string>* mistakes) {
  std::vector<FileLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (AtEnd(line)) continue;

    SkipBlank(&line);
    const std::size_t equals = line.find('=');
    std::string_view key = line.substr(0, std::min(equals, line.size()));
    key = key.substr(0, key.find_last_not_of(kBlank) + 1);
    line.remove_prefix(std::min(equals, line.size() - 1) + 1);
    SkipBlank(&line);
    auto values = ParseValues(line);
    if (equals == std::string_view::npos || key.empty() || !values) {
      mistakes->push_back("line " + std::to_string(number) +
                          ": is not `flag = value` or `flag = [\"a\", \"b\"]`");
      continue;
    }
    lines.push_back({.number = number, .key = std::string(key), .values = std::move(*values)});
  }
  return lines;
}

}  // namespace base::settings
