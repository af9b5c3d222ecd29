#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "sidecar/store/store.h"

namespace sidecar {

// What the history says of itself: open episodes, messages by state, the age of the oldest that
// waits. Absent when it cannot be read.
void CollectStore(const store::Store& store, const base::Clock& clock, base::Sample& out);

}  // namespace sidecar
