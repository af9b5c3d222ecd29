#include <algorithm>
#include <charconv>

#include "sidecar/query/merge.h"

// "17.12.9_-_x": one sidecar's list was read to 17, and 12 and 9 beyond; another's not yet; the
// third did not answer.
namespace sidecar::query {
namespace {

// The text up to the next `mark`, which is cut off as well.
std::string_view CutFirst(std::string_view* text, char mark) {
  const std::size_t end = std::min(text->find(mark), text->size());
  const std::string_view first = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return first;
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<Place> ParsePlace(std::string_view text) {
  Place place;
  const std::string_view first = CutFirst(&text, '.');
  if (first == "x") {
    place.dropped = true;
    return text.empty() ? std::optional(place) : std::nullopt;
  }
  if (first != "-") {
    place.before_id = Number(first);
    if (!place.before_id) return std::nullopt;
  }
  while (!text.empty()) {
    const auto id = Number(CutFirst(&text, '.'));
    if (!id || place.taken.size() == kMaxTaken) return std::nullopt;
    place.taken.insert(*id);
  }
  return place;
}

}  // namespace

std::string PlacesText(const std::vector<Place>& places) {
  std::string text;
  for (const Place& place : places) {
    if (!text.empty()) text += '_';
    if (place.dropped) {
      text += 'x';
      continue;
    }
    text += place.before_id ? std::to_string(*place.before_id) : "-";
    std::size_t left = kMaxTaken;
    for (auto id = place.taken.rbegin(); id != place.taken.rend() && left > 0; ++id, --left) {
      text += "." + std::to_string(*id);
    }
  }
  return text;
}

base::Result<std::vector<Place>> ParsePlaces(const std::string& text, std::size_t count) {
  std::vector<Place> places;
  places.reserve(count);
  std::string_view rest = text;
  bool good = count == 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '_'));
  while (good && places.size() < count) {
    const auto place = ParsePlace(CutFirst(&rest, '_'));
    good = place.has_value();
    if (good) places.push_back(*place);
  }
  if (!good) {
    return base::Error{base::ErrorCode::kInvalid, "cursor: not one that next_cursor gave"};
  }
  return places;
}

}  // namespace sidecar::query
