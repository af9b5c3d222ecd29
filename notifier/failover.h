#pragma once

#include <string>
#include <vector>

#include "notifier/outbox.h"

namespace notifier {

// What begins the key of each notice: one that fails makes no other.
inline constexpr std::string_view kNoticeKey = "notice-";
bool IsNotice(const Message& message);

// Who else is told when a message cannot go its own way (the way is dead, or the row failed or
// expired), and what: one notice for each target of the other channels, none for a notice. The
// reason names channel and target and holds the redacted detail of the try, never a secret. Pure.
std::vector<Notice> Notices(const Claimed& claimed, const Settlement& settlement,
                            const std::vector<Recipient>& everybody, base::WallMs now);

}  // namespace notifier
