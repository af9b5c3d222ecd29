#pragma once

#include <string>
#include <utility>
#include <vector>

#include "notifier/message.h"

// The two forms of a message, plain text and HTML, from the same parts. Pure.
namespace sidecar::message {

using Rows = std::vector<std::pair<std::string, std::string>>;  // name and value, of UTF-8

// Subject (one line, at most kMaxSubject bytes), text with its bold spans, and html, in which
// nothing of the parts is taken for markup. `links` are shown in HTML only; `color` is the
// headline's there.
notifier::Message Compose(const std::string& subject, const std::string& headline,
                          const std::vector<std::string>& paragraphs, const Rows& rows,
                          const Rows& links, const char* color);

}  // namespace sidecar::message
