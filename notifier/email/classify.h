#pragma once

#include "base/curl_client.h"
#include "notifier/channel.h"

namespace notifier {

// What a mail server's behaviour means for the message. 2yz is delivered and 4yz temporary. 5yz is
// permanent where the server speaks about this message: at the recipient and after it. Before that
// (greeting, EHLO, STARTTLS, login, sender), and whenever it asks for a login, it is a fault of
// server or settings that a person will mend: temporary, because a rotated password must not lose a
// page. A 5yz at login, sender or recipient is dead: a person has to mend it. No answer is
// temporary too, except after the final dot: then nobody knows. Pure.
SendResult Classify(const base::MailOutcome& outcome);

}  // namespace notifier
