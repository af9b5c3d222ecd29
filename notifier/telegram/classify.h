#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/curl_client.h"
#include "notifier/channel.h"

namespace notifier {

// What an answer to sendMessage means, and what would be worth one more call at once.
struct Verdict {
  SendResult result;
  std::optional<std::int64_t> migrate_to;  // the group has become this supergroup
  bool drop_topic = false;                 // the topic is the fault, so far as words can tell
};

// Without a hint `result` stands; so it does when the hint cannot be followed.
//   answer                                   outcome
//   2xx, ok:true with a message_id           delivered, provider_id is that id
//   2xx else                                 ambiguous
//   429                                      temporary, retry_after: 1 s (also when none is told or
//                                            it is nonsense) to an hour
//   400 with migrate_to_chat_id              temporary, migrate_to
//   400 about topic or thread                permanent, drop_topic
//   400 else, 403                            permanent
//   413                                      permanent, whoever says it: the next try is as long
//   401, 404 (token, URL), any other ok:false  temporary: a person mends it, or the token file is
//                                            being rotated; that must not lose a page
//   3xx, 4xx of somebody else (a proxy)      temporary
//   else of somebody else (a gateway's page) ambiguous: it may have been passed on
//   none                                     temporary when nothing was sent, else ambiguous
// Dead, in the Bot API's own words alone: 401, 403, 404, and a 400 about the chat (not found,
// deactivated, no right to write there).
// "ok:false" is the Bot API's own JSON. `detail` is one printable line of at most 300 bytes without
// anything that looks like a bot token; a page of somebody else is never quoted. Pure.
Verdict Classify(const base::HttpOutcome& outcome);

// One printable ASCII line of at most 300 bytes, tokens hidden.
std::string TelegramDetail(std::string_view text);

}  // namespace notifier
