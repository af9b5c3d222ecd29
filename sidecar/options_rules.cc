#include "sidecar/options_rules.h"

#include <set>

#include "base/settings.h"

namespace sidecar {

using base::FormatDuration;

bool IsWebUrl(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

std::string CheckSeverities(const std::string& flag, const std::vector<std::string>& severities) {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  for (const std::string& severity : severities) {
    if (severity.empty() || severity.find_first_not_of(kLetters) != std::string::npos) {
      return "--" + flag + ": \"" + severity + "\" is not the name of a severity";
    }
  }
  return "";
}

std::string CheckTwice(const std::string& flag, const std::vector<std::string>& targets) {
  std::set<std::string> seen;
  for (const std::string& target : targets) {
    if (!seen.insert(target).second) return "--" + flag + ": " + target + " is given twice";
  }
  return "";
}

std::string CheckOffOrLong(const std::string& flag, base::Millis value, base::Millis least) {
  if (value.count() == 0 || value >= least) return "";
  return "--" + flag + ": " + FormatDuration(value) + " is shorter than " + FormatDuration(least) +
         "; 0 is never";
}

std::string CheckRetry(const notifier::RetryPolicy& policy) {
  const std::string first = "--retry-first: " + FormatDuration(policy.first) + " is longer than ";
  if (policy.first > policy.longest) {
    return first + "--retry-longest, " + FormatDuration(policy.longest);
  }
  if (policy.first > policy.give_up) {
    return first + "--retry-for, " + FormatDuration(policy.give_up) + ": there would be one try";
  }
  return "";
}

std::string CheckPublicUrl(std::string* url) {
  while (url->ends_with('/')) url->pop_back();
  return url->empty() || IsWebUrl(*url)
             ? ""
             : "--public-url: \"" + *url + "\" begins with neither http:// nor https://";
}

}  // namespace sidecar
