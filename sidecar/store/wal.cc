#include "sidecar/store/wal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/store/big_endian.h"
#include "sidecar/store/files.h"

namespace sidecar::store {
namespace {

constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kFrameHeadBytes = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // and one more: sums of big-endian words

// Runs over all of the log.
class Checksum {
 public:
  explicit Checksum(bool big_endian) : big_endian_(big_endian) {}
  void Add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += Word(bytes, at) + second_;
      second_ += Word(bytes, at + 4) + first_;
    }
  }
  [[nodiscard]] bool Is(std::string_view bytes, std::size_t at) const {
    return GetNumber(bytes, at, 4) == first_ && GetNumber(bytes, at + 4, 4) == second_;
  }

 private:
  [[nodiscard]] std::uint32_t Word(std::string_view bytes, std::size_t at) const {
    const std::uint32_t word = GetNumber(bytes, at, 4);
    return big_endian_ ? word : __builtin_bswap32(word);
  }
  bool big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

using Places = std::vector<std::pair<std::uint32_t, std::int64_t>>;

base::Status CopyPages(const base::Fd& from, const Places& places, std::uint32_t page_bytes,
                       const base::Fd& to) {
  std::string page(page_bytes, '\0');
  for (const auto& [number, at] : places) {
    if (!ReadAt(from, at, &page)) return base::Error{base::ErrorCode::kIo, "reading the log again"};
    auto written = WriteAt(to, std::int64_t{number - 1} * page_bytes, page);
    if (!written) return written;
  }
  return {};
}

}  // namespace

base::Result<std::uint32_t> ApplyWal(const std::string& wal, const base::Fd& to) {
  const base::Fd from(open(wal.c_str(), O_RDONLY | O_CLOEXEC));
  std::string head(kHeadBytes, '\0');
  if (!from.valid() || !ReadAt(from, 0, &head)) return 0;
  Checksum sum(GetNumber(head, 0, 4) == kMagic + 1);
  sum.Add(std::string_view(head).substr(0, 24));
  const std::uint32_t page_bytes = GetNumber(head, 8, 4);
  const bool known = GetNumber(head, 0, 4) >> 1 == kMagic >> 1;
  if (!known || !sum.Is(head, 24) || !IsPageSize(page_bytes)) return 0;
  std::string frame(kFrameHeadBytes + page_bytes, '\0');
  Places transaction;  // pages and their places here
  for (auto at = static_cast<std::int64_t>(kHeadBytes); ReadAt(from, at, &frame);
       at += static_cast<std::int64_t>(frame.size())) {
    const std::string_view page = std::string_view(frame).substr(kFrameHeadBytes);
    sum.Add(std::string_view(frame).substr(0, 8));
    sum.Add(page);
    const std::uint32_t number = GetNumber(frame, 0, 4);
    if (number == 0 || frame.compare(8, 8, head, 16, 8) != 0 || !sum.Is(frame, 16)) break;
    transaction.emplace_back(number, at + std::int64_t{kFrameHeadBytes});
    if (GetNumber(frame, 4, 4) == 0) continue;  // its end says how large the database is now
    if (auto copied = CopyPages(from, transaction, page_bytes, to); !copied) return copied.error();
    transaction.clear();
  }
  return page_bytes;
}

}  // namespace sidecar::store
