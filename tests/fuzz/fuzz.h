#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// What the fuzzers share. A fuzzer defines FUZZ_TEXT(text) { ... } and states with PROMISE what
// must hold for every text; a promise that is broken ends the run and libFuzzer keeps the input.
namespace fuzz {

[[noreturn]] inline void Broken(const char* promise, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
  std::abort();
}

// The text up to and without the first `mark`, which is cut off as well: several arguments in one.
inline std::string CutFirst(std::string_view* text, char mark) {
  const std::size_t end = text->find(mark);
  const std::string first(text->substr(0, end));
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return first;
}

}  // namespace fuzz

#define PROMISE(condition)                                          \
  do {                                                              \
    if (!(condition)) fuzz::Broken(#condition, __FILE__, __LINE__); \
  } while (false)

#define FUZZ_TEXT(name)                                                               \
  static void Fuzz(std::string_view name);                                            \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    Fuzz({reinterpret_cast<const char*>(data), size});                                \
    return 0;                                                                         \
  }                                                                                   \
  static void Fuzz(std::string_view name)
