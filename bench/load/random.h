#pragma once

#include <cstdint>
#include <random>

namespace load {

// Seeded randomness whose numbers are the same with every compiler: the generator is fixed by the
// standard, its distributions are not, so they are ours.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  // Uniform in [0, count); count > 0 and far below 2^53.
  std::uint64_t Below(std::uint64_t count) {
    return static_cast<std::uint64_t>(Unit() * static_cast<double>(count));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace load
