#include "notifier/telegram/split.h"

#include <string>

#include "notifier/lead.h"
#include "notifier/telegram/call.h"
#include "notifier/telegram/text.h"
#include "notifier/telegram/utf16.h"

namespace notifier {
namespace {

// What may be added to a part: that it is about an earlier episode; two line ends and the mark of a
// repeat; a line end and "(10/10)".
constexpr std::size_t kRoom = kMaxMessageUnits - kOvertakenRoom - 2 - kRepeatMark.size();
constexpr std::size_t kPartRoom = kRoom - 8;
constexpr std::size_t kLastRoom = kPartRoom - 2 - kRestSentence.size();

// Where to end a part that may have `limit` bytes. The second half alone counts, so that a headline
// does not become a part by itself.
std::size_t BestCut(std::string_view text, std::size_t limit) {
  for (const std::string_view mark : {"\n\n", "\n", " "}) {
    const std::size_t at = text.substr(0, limit).rfind(mark);
    if (at != std::string_view::npos && at >= limit / 2) return at;
  }
  return limit;
}

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  const std::size_t next = text.find_first_not_of(" \n", at);
  return next == std::string_view::npos ? text.size() : next;
}

std::vector<Text> Pieces(const Text& whole) {
  std::vector<Text> pieces;
  const std::string_view text = whole.text;
  std::size_t at = 0;
  while (at < text.size() && pieces.size() < kMaxParts) {
    const std::string_view rest = text.substr(at);
    std::size_t size = BytesOfUnits(rest, kPartRoom);
    const bool all = size == rest.size();
    const bool last = pieces.size() + 1 == kMaxParts;
    if (last && !all) size = BytesOfUnits(rest, kLastRoom);
    if (!all) size = BestCut(rest, size);
    pieces.push_back(Cut(whole, at, at + size));
    if (last && !all) pieces.back().text += "\n\n" + std::string(kRestSentence);
    at = SkipBlanks(text, at + size);
  }
  return pieces;
}

}  // namespace

std::vector<Message> Split(const Message& message) {
  const Text clean = CleanText(message.text, message.bold);
  const Text whole = Cut(clean, 0, clean.text.size());
  const bool one = Utf16Length(whole.text) <= kRoom;
  const std::vector<Text> pieces = one ? std::vector{whole} : Pieces(whole);

  std::vector<Message> parts;
  parts.reserve(pieces.size());
  for (const Text& piece : pieces) {
    Message part = message;
    const std::string number = std::to_string(parts.size() + 1);
    part.text = piece.text;
    part.bold = piece.bold;
    part.html.clear();
    if (!one) part.text += "\n(" + number + "/" + std::to_string(pieces.size()) + ")";
    part.part = static_cast<int>(parts.size()) + 1;
    if (!parts.empty()) part.key += "-p" + number;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace notifier
