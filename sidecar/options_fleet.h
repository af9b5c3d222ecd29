#pragma once

#include <string>
#include <vector>

#include "base/settings.h"
#include "sidecar/options.h"

// The flags of what stands around this sidecar: Alertmanagers and other sidecars.
namespace sidecar {

// Adds flags and checks. Both pointers live until after Parse.
void DeclareFleet(base::Settings* settings, Options* options);

// What may be meant, but is no use to most: sentences that name the flag, to be logged.
std::vector<std::string> Doubts(const Options& options);

}  // namespace sidecar
