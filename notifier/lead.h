#pragma once

#include <string>

#include "notifier/message.h"

namespace notifier {

// Puts a sentence before the text, in bold, and before the body of the HTML. Pure.
void LeadWith(const std::string& sentence, Message* message);

// A message about the end of an episode whose alert fires again, and whose new firing the person
// may have: that it is about the earlier one has to be its first word. `since` is when the newer
// one began.
void MarkOvertaken(base::WallMs since, Message* message);

}  // namespace notifier
