#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace load {

using Nanos = std::chrono::nanoseconds;

// How often which duration came, in bounded memory: 128 buckets for each power of two of
// nanoseconds, so a percentile is at most 0.4 % off; values below 256 ns are exact. A negative
// duration counts as zero, one above 9 h as 9 h in the percentiles; Max is always exact.
class Histogram {
 public:
  void Record(Nanos value);
  void Clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The smallest recorded value (its bucket's middle) that is not below the share `part`, in
  // (0, 1], of all. nullopt without a sample: unknown is never 0.
  [[nodiscard]] std::optional<Nanos> Percentile(double part) const;
  [[nodiscard]] std::optional<Nanos> Max() const;

 private:
  static constexpr int kSubBits = 7;
  static constexpr int kMaxBits = 45;  // 2^45 ns, 9 h 46 min
  static constexpr std::size_t kSize = std::size_t{kMaxBits - kSubBits + 1} << kSubBits;

  static std::size_t IndexOf(std::uint64_t value);
  static std::uint64_t MiddleOf(std::size_t index);

  std::array<std::uint64_t, kSize> buckets_{};
  std::uint64_t count_ = 0;
  Nanos max_{0};
};

}  // namespace load
