#pragma once

namespace sidecar {

// `fraud-sidecar backup [--database FILE] TO`, with argv[0] the word "backup". Says on standard
// output how much was copied, or on standard error, in a sentence, why nothing was. Returns the
// exit code.
int RunBackup(int argc, const char* const* argv);

}  // namespace sidecar
