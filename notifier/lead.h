#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "notifier/message.h"

namespace notifier {

// Puts a sentence before the text, in bold, and before the body of the HTML. Pure.
void LeadWith(const std::string& sentence, Message* message);

// What MarkOvertaken puts before a text, and the most units that this takes: a time has 24.
inline constexpr std::string_view kOvertaken =
    "About an earlier episode: this alert fires again since ";
inline constexpr std::size_t kOvertakenRoom = kOvertaken.size() + 24 + 1 + 2;

// A message about the end of an episode whose alert fires again, and whose new firing the person
// may have: that it is about the earlier one has to be its first word. `since` is when the newer
// one began.
void MarkOvertaken(base::WallMs since, Message* message);

}  // namespace notifier
