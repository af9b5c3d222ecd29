#pragma once

#include <string>
#include <string_view>

#include "notifier/channel.h"
#include "notifier/message.h"

namespace notifier {

// The mail as it crosses the wire: RFC 5322 with CRLF line ends, 7-bit, no line over 78 characters
// unless a single word is longer, none ever over 998. `from` and message.target are mail addresses
// (base::IsMailAddress). The same message gives the same bytes at every try, except for the mark of
// a possible repeat: the Message-Id stays, so a mailbox can tell. Nothing in subject, key or thread
// can begin another header. Pure.
std::string RenderMail(const Message& message, const std::string& from, const Attempt& attempt);

// The parts, exposed for their tests.

// "Subject: ..." and the line end: folded, RFC 2047 words when it is not plain ASCII, cut at 500
// bytes, control characters become spaces.
std::string SubjectHeader(std::string_view subject);
// "<KEY@DOMAIN>" with what a message id may not hold written as "=XX"; keys differ, ids differ.
std::string MessageId(std::string_view key, std::string_view from);
// "Sun, 22 Nov 2026 15:37:23 +0000".
std::string MailDate(base::WallMs at);

}  // namespace notifier
