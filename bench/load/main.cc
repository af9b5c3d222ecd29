#include <cstdio>

#include "base/clock.h"
#include "base/service.h"
#include "bench/load/app.h"

int main(int argc, char** argv) {
  auto options = load::ParseOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "fraud-attack: %s\n", options.error().message.c_str());
    return base::kExitWrongSettings;
  }
  if (!*options) return 0;
  const base::StopSignals signals;  // blocked here and in every thread; the loop reads them
  const base::RealClock clock;
  return load::App(std::move(**options), &clock).Run();
}
