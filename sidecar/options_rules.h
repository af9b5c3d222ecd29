#pragma once

#include <string>
#include <vector>

// Rules on single values of the settings: a sentence that names the flag, or "". Pure.
namespace sidecar {

bool IsWebUrl(const std::string& url);  // http:// or https://

// Cuts the slashes at its end.
std::string CheckPublicUrl(std::string* url);
// One that no alert can have would tell nobody of anything.
std::string CheckSeverities(const std::string& flag, const std::vector<std::string>& severities);
// The same person given twice would be told twice.
std::string CheckTwice(const std::string& flag, const std::vector<std::string>& targets);

}  // namespace sidecar
