#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {

// Below 2 * 2^kSubBits a value is its own index. Above, `shift` throws away the low bits, so that
// kSubBits + 1 stay, and each further shift takes the next 2^kSubBits indices.
std::size_t Histogram::IndexOf(std::uint64_t value) {
  value = std::min(value, (std::uint64_t{1} << kMaxBits) - 1);
  const int bits = static_cast<int>(std::bit_width(value));
  if (bits <= kSubBits + 1) return value;
  const int shift = bits - kSubBits - 1;
  return (static_cast<std::size_t>(shift) << kSubBits) + (value >> shift);
}

std::uint64_t Histogram::MiddleOf(std::size_t index) {
  if (index < std::size_t{2} << kSubBits) return index;
  const std::size_t shift = (index >> kSubBits) - 1;
  const std::uint64_t low = (index - (shift << kSubBits)) << shift;
  return low + (std::uint64_t{1} << shift) / 2;
}

void Histogram::Record(Nanos value) {
  value = std::max(value, Nanos(0));
  ++buckets_.at(IndexOf(static_cast<std::uint64_t>(value.count())));
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::Clear() {
  if (count_ != 0) *this = Histogram();
}

std::optional<Nanos> Histogram::Percentile(double part) const {
  if (count_ == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kSize; ++i) {
    seen += buckets_.at(i);
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    return std::min(Nanos(static_cast<Nanos::rep>(MiddleOf(i))), max_);
  }
  return max_;
}

std::optional<Nanos> Histogram::Max() const {
  return count_ == 0 ? std::nullopt : std::optional(max_);
}

}  // namespace load
