#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "sidecar/store/outbox.h"
#include "sidecar/webhook/announce.h"

namespace sidecar {

// POST /api/v1/test-notification: one message to each target through the same outbox as a page,
// then waits up to kLongestWait for the first try. Thread-safe.
//   200  every target's server accepted it
//   202  not (yet): the states say which, with the server's words; it stays in the outbox
//   409  there is nobody to tell; 503 the history cannot be written
class TestNotification {
 public:
  static constexpr base::Millis kLongestWait{10'000};

  TestNotification(store::Store* store, store::SqliteOutbox* outbox, const base::Clock* clock,
                   std::vector<notifier::Recipient> targets, std::string sidecar_name,
                   std::function<void()> wake);

  base::HttpResponse Handle();

 private:
  base::Result<std::vector<std::int64_t>> Store() const;

  store::Store* store_;
  store::SqliteOutbox* outbox_;
  const base::Clock* clock_;
  const std::vector<notifier::Recipient> targets_;
  const std::string sidecar_name_;
  const std::function<void()> wake_;
};

}  // namespace sidecar
