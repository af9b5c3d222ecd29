// What a line looks like; log.cc writes it.
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/log.h"

namespace base::log {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the UTF-8 sequence that starts `text` and its code point; 0 when it is not one.
std::size_t Decode(std::string_view text, std::uint32_t* code_point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    *code_point = first;
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t value = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
  *code_point = value;
  return length;
}

// C0, DEL and C1 controls, and the two separators that some readers take as a line's end.
bool IsControl(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

void AppendControl(std::uint32_t c, std::string* out) {
  switch (c) {
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default: {
      char escape[16];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c & 0xFFFF));
      *out += escape;
    }
  }
}

// `text` in double quotes, escaped so that it is a valid JSON string whatever bytes it holds.
void AppendQuoted(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    std::uint32_t c = 0;
    const std::size_t length = Decode(text, &c);
    if (length == 0) {
      *out += kReplacement;
    } else if (IsControl(c)) {
      AppendControl(c, out);
    } else {
      if (c == '"' || c == '\\') *out += '\\';
      *out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  *out += '"';
}

// logfmt: a value of plain characters stands bare, any other is quoted.
void AppendLogfmt(std::string_view text, std::string* out) {
  bool bare = !text.empty();
  for (const char c : text) bare = bare && c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\';
  if (bare) {
    *out += text;
  } else {
    AppendQuoted(text, out);
  }
}

// to_string gives "nan" and "inf", which are no JSON numbers.
bool IsBareJson(const Field& field) {
  return !field.quoted && (field.value == "true" || field.value == "false" ||
                           field.value.find_first_not_of("-.0123456789") == std::string::npos);
}

std::string Logfmt(std::string_view level, std::string_view utc, std::string_view event,
                   Fields fields) {
  std::string line;
  line.append(utc).append(" ").append(level).append(" ");
  AppendLogfmt(event, &line);
  for (const Field& field : fields) {
    line.append(" ").append(field.key).append("=");
    AppendLogfmt(field.value, &line);
  }
  return line;
}

void AppendMember(std::string_view key, std::string_view value, std::string* out) {
  AppendQuoted(key, out);
  *out += ':';
  AppendQuoted(value, out);
}

std::string Json(std::string_view level, std::string_view utc, std::string_view event,
                 Fields fields) {
  std::string line = "{";
  AppendMember("time", utc, &line);
  line += ',';
  AppendMember("level", level, &line);
  line += ',';
  AppendMember("event", event, &line);
  for (const Field& field : fields) {
    line += ',';
    if (!IsBareJson(field)) {
      AppendMember(field.key, field.value, &line);
      continue;
    }
    AppendQuoted(field.key, &line);
    line.append(":").append(field.value);
  }
  line += '}';
  return line;
}

}  // namespace

std::string FormatLine(Format format, std::string_view level, std::string_view utc,
                       std::string_view event, Fields fields) {
  switch (format) {
    case Format::kLogfmt:
      return Logfmt(level, utc, event, fields);
    case Format::kJson:
      return Json(level, utc, event, fields);
  }
  return {};
}

}  // namespace base::log
