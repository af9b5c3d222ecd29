#pragma once

#include <string>

#include "base/settings.h"
#include "sidecar/options.h"

namespace sidecar {

// What the flags of the target are read into where they are not yet what Options holds.
struct TargetWords {
  std::string cpu_source = "auto";
  std::string command;
  std::string isolation = "shared";
};

// Declares the section "Target". `options` and `words` outlive the settings.
void DeclareTarget(base::Settings* settings, Options* options, TargetWords* words);
// Completes options->target from the words: a sentence that names the flag, or "".
std::string CheckTarget(const TargetWords& words, Options* options);

}  // namespace sidecar
