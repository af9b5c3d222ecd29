#include "base/curl_kept.h"

#include <utility>

namespace base {
namespace {

// libcurl counts whole seconds, so a connection is used again below four: longer than the pace of a
// Telegram group, one message in three seconds, and shorter than servers and address translators on
// the way are known to wait (Apache: five).
constexpr std::chrono::seconds kMostIdle{3};
// A certificate authority or an address that was changed counts after this at the latest.
constexpr std::chrono::seconds kLongestLife{60};

}  // namespace

KeptHandle::~KeptHandle() { curl_easy_cleanup(handle_); }

CURL* KeptHandle::Exchange(CURL* handle, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  used_ = now;
  return std::exchange(handle_, handle);
}

CURL* KeptHandle::Take() {
  CURL* kept = Exchange(nullptr, {});
  return kept != nullptr ? kept : curl_easy_init();
}

void KeptHandle::Put(CURL* handle, SteadyTime now) { curl_easy_cleanup(Exchange(handle, now)); }

void KeptHandle::CloseIdle(SteadyTime now) {
  CURL* idle = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (now - used_ > kMostIdle) idle = std::exchange(handle_, nullptr);
  }
  curl_easy_cleanup(idle);
}

void SetKept(Easy* easy) {
  easy->Set(CURLOPT_FORBID_REUSE, 0L);
  easy->Set(CURLOPT_MAXAGE_CONN, static_cast<long>(kMostIdle.count()));
  easy->Set(CURLOPT_MAXLIFETIME_CONN, static_cast<long>(kLongestLife.count()));
  easy->Set(CURLOPT_CA_CACHE_TIMEOUT, static_cast<long>(kLongestLife.count()));
  // One request at a time: what ended without an answer is this request, and no other.
  easy->Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

}  // namespace base
