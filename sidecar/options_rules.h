#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "notifier/backoff.h"

// Rules on values of the settings: a sentence that names the flag and its bound, or "". Pure.
namespace sidecar {

bool IsWebUrl(const std::string& url);  // http:// or https://

// Cuts the slashes at its end.
std::string CheckPublicUrl(std::string* url);
// One that no alert can have would tell nobody of anything.
std::string CheckSeverities(const std::string& flag, const std::vector<std::string>& severities);
// The same person given twice would be told twice.
std::string CheckTwice(const std::string& flag, const std::vector<std::string>& targets);
// 0, which is "never", or `least` at least.
std::string CheckOffOrLong(const std::string& flag, base::Millis value, base::Millis least);
std::string CheckRetry(const notifier::RetryPolicy& policy);

}  // namespace sidecar
