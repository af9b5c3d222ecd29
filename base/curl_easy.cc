#include "base/curl_easy.h"

#include <cerrno>

namespace base {
namespace {

int OnProgress(void* watch_pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& watch = *static_cast<const Watch*>(watch_pointer);
  const bool overdue =
      watch.talk != nullptr && watch.talk->Overdue(std::chrono::steady_clock::now());
  return watch.stop.stop_requested() || overdue ? 1 : 0;
}

}  // namespace

void SetCommon(Easy* easy, const std::string& ca_file, Watch* watch) {
  easy->Set(CURLOPT_NOSIGNAL, 1L);
  easy->Set(CURLOPT_QUICK_EXIT, 1L);    // a name server that hangs must not hold the caller
  easy->Set(CURLOPT_FORBID_REUSE, 1L);  // the goodbye happens inside the call (but see SetKept)
  easy->Set(CURLOPT_TCP_KEEPALIVE, 1L);
  easy->Set(CURLOPT_FOLLOWLOCATION, 0L);
  easy->Set(CURLOPT_SSL_VERIFYPEER, 1L);
  easy->Set(CURLOPT_SSL_VERIFYHOST, 2L);
  easy->Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {  // this one and no other
    easy->Set(CURLOPT_CAINFO, ca_file.c_str());
    easy->Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  easy->Set(CURLOPT_NOPROGRESS, 0L);
  easy->Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  easy->Set(CURLOPT_XFERINFODATA, watch);
}

ErrorCode CodeOf(CURLcode code) {
  switch (static_cast<int>(code)) {
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorCode::kTimeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
      return ErrorCode::kDenied;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return ErrorCode::kInvalid;
  }
  return ErrorCode::kUnavailable;
}

bool Unreached(const Easy& easy, CURLcode code) {
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) return true;
  const long error = easy.Info<long>(CURLINFO_OS_ERRNO);
  return code == CURLE_COULDNT_CONNECT &&
         (error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN);
}

}  // namespace base
