#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Numbers as SQLite's files have them: the most significant byte first. The caller keeps within the
// bytes.
namespace sidecar::store {

inline std::uint32_t GetNumber(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

inline void PutNumber(std::string* bytes, std::size_t at, std::size_t size, std::uint32_t number) {
  for (std::size_t i = size; i > 0; --i, number >>= 8) {
    (*bytes)[at + i - 1] = static_cast<char>(number & 0xff);
  }
}

}  // namespace sidecar::store
