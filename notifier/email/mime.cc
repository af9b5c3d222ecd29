#include "notifier/email/mime.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "notifier/email/encoding.h"

namespace notifier {
namespace {

constexpr std::string_view kEnd = "\r\n";
// Quoted-printable never holds "=_", so no body can hold the boundary (RFC 2045 6.7).
constexpr std::string_view kBoundary = "=_fraud_alternative";
constexpr std::string_view kRepeatPrefix = "[possible repeat] ";
constexpr std::string_view kRepeatSentence =
    "This message may have reached you before: an earlier try got no clear answer.";

constexpr std::size_t kMaxHeaderLine = 78;
constexpr std::size_t kMaxSubjectBytes = 500;
constexpr std::size_t kMaxIdBytes = 200;
// 42 bytes are 56 base64 characters: with "=?UTF-8?B?", "?=" and "Subject: " 77.
constexpr std::size_t kEncodedWordBytes = 42;
constexpr std::size_t kMaxWordBytes = 60;

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, WholeCharacters(text, kMaxSubjectBytes)));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }, ' ');
  return line;
}

// Whether a header may hold the text as it is: ASCII, nothing that reads as an encoded word, single
// spaces between words that all fit on a line, so that every space is a place to fold.
bool IsPlainHeader(std::string_view text) {
  std::size_t word = 0;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 126 || (c == ' ' && word == 0)) return false;
    word = c == ' ' ? 0 : word + 1;
    if (word > kMaxWordBytes) return false;
  }
  return text.find("=?") == std::string_view::npos && !text.ends_with(' ');
}

// Breaks before a space: unfolding gives the same text back.
std::string Folded(const std::string& header) {
  std::string result;
  std::size_t start = 0;
  while (header.size() - start > kMaxHeaderLine) {
    const std::size_t cut = header.rfind(' ', start + kMaxHeaderLine);
    result += header.substr(start, cut - start) + std::string(kEnd);
    start = cut;
  }
  return result + header.substr(start);
}

std::uint64_t Fnv1a(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// An atom (RFC 5322 3.2.3), without a dot. One that is too long keeps its beginning and gets a hash
// of all.
std::string IdPart(std::string_view key) {
  std::string id;
  for (const char c : key) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    id += plain ? std::string(1, c) : HexByte(c);
  }
  if (id.size() <= kMaxIdBytes) return id;
  return id.substr(0, kMaxIdBytes) + "=" + std::to_string(Fnv1a(key));
}

std::string Id(const std::string& part, std::string_view from) {
  return "<" + part + "@" + OneLine(from.substr(from.find('@') + 1)) + ">";
}

std::string Part(std::string_view type, std::string_view body) {
  return "Content-Type: " + std::string(type) + "; charset=utf-8" + std::string(kEnd) +
         "Content-Transfer-Encoding: quoted-printable" + std::string(kEnd) + std::string(kEnd) +
         QuotedPrintable(body);
}

std::string RepeatMarkedHtml(const std::string& html) {
  const std::string sentence = "<p><strong>" + std::string(kRepeatSentence) + "</strong></p>\n";
  const std::size_t body = html.find("<body");
  const std::size_t inside = body == std::string::npos ? body : html.find('>', body);
  if (inside == std::string::npos) return sentence + html;
  return html.substr(0, inside + 1) + sentence + html.substr(inside + 1);
}

void AddLine(const std::string& name, const std::string& value, std::string* headers) {
  *headers += name + ": " + value + std::string(kEnd);
}

std::string Headers(const Message& message, const std::string& from, bool repeat) {
  std::string headers;
  AddLine("Date", MailDate(message.created_at_ms), &headers);
  AddLine("From", OneLine(from), &headers);
  AddLine("To", OneLine(message.target), &headers);
  headers += SubjectHeader((repeat ? std::string(kRepeatPrefix) : "") + message.subject);
  AddLine("Message-Id", MessageId(message.key, from), &headers);
  if (!message.thread.empty()) {
    // The root is no mail that was ever sent: it is the name that all mails of an episode refer to.
    const std::string root = Id(IdPart(message.thread) + ".thread", from);
    AddLine("In-Reply-To", root, &headers);
    AddLine("References", root, &headers);
  }
  AddLine("Auto-Submitted", "auto-generated", &headers);
  if (message.urgent) {
    AddLine("X-Priority", "1", &headers);
    AddLine("Importance", "high", &headers);
  }
  AddLine("MIME-Version", "1.0", &headers);
  return headers;
}

}  // namespace

std::string RenderMail(const Message& message, const std::string& from, const Attempt& attempt) {
  const bool repeat = attempt.possible_repeat;
  const std::string text = (repeat ? std::string(kRepeatSentence) + "\n\n" : "") + message.text;
  std::string mail = Headers(message, from, repeat);
  if (message.html.empty()) return mail + Part("text/plain", text);

  const std::string delimiter = "--" + std::string(kBoundary);
  mail += "Content-Type: multipart/alternative;" + std::string(kEnd) + " boundary=\"" +
          std::string(kBoundary) + "\"" + std::string(kEnd) + std::string(kEnd);
  mail += delimiter + std::string(kEnd) + Part("text/plain", text);
  mail += delimiter + std::string(kEnd) +
          Part("text/html", repeat ? RepeatMarkedHtml(message.html) : message.html);
  return mail + delimiter + "--" + std::string(kEnd);
}

std::string SubjectHeader(std::string_view subject) {
  const std::string line = OneLine(subject);
  if (IsPlainHeader(line)) return Folded("Subject: " + line) + std::string(kEnd);
  std::string result = "Subject:";
  for (std::string_view rest = line; !rest.empty();) {
    const std::size_t size = WholeCharacters(rest, kEncodedWordBytes);
    if (rest.size() < line.size()) result += kEnd;
    result += " =?UTF-8?B?" + Base64(rest.substr(0, size)) + "?=";
    rest.remove_prefix(size);
  }
  return result + std::string(kEnd);
}

std::string MessageId(std::string_view key, std::string_view from) { return Id(IdPart(key), from); }

std::string MailDate(base::WallMs at) {
  using namespace std::chrono;
  const sys_time<milliseconds> when{milliseconds(at)};
  const auto day = floor<days>(when);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(when) - day);
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace notifier
