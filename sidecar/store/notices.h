#pragma once

#include <cstdint>

#include "base/result.h"
#include "notifier/outbox.h"
#include "sidecar/store/database.h"

// What other rows say to a row. Inside the caller's Work.
namespace sidecar::store {

// The rows of a notice that row `lost` was settled with, of the same transition.
base::Status AddNotice(const Database& database, std::int64_t lost, const notifier::Notice& notice,
                       base::WallMs now);

// Marks a message about the end of an episode whose alert fires again, when its target has, or may
// have, the message of that newer firing.
base::Status MarkIfOvertaken(const Database& database, notifier::Claimed* claimed);

}  // namespace sidecar::store
