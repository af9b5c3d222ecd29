#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "sidecar/store/store.h"

namespace sidecar {

// What the history says of itself: open episodes, messages by state, the age of the oldest that
// waits. Absent when it cannot be read. And how its file is: whether it can be written, how many
// damaged ones were set aside and still lie there, what this start could read of one.
void CollectStore(const store::Store& store, const base::Clock& clock, base::Sample& out);

}  // namespace sidecar
