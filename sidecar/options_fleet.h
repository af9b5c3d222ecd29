#pragma once

#include "base/settings.h"
#include "sidecar/options.h"

// The flags of what stands around this sidecar: Alertmanagers and other sidecars.
namespace sidecar {

// Adds flags and checks. Both pointers live until after Parse.
void DeclareFleet(base::Settings* settings, Options* options);

}  // namespace sidecar
