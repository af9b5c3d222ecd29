#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

// The files that tests/model-svc/golden/make.py wrote with the wheels of several XGBoost versions.
namespace golden {

inline const char* const kVersions[] = {"1.7.6", "2.1.4", "3.0.5", "3.2.0"};
inline const char* const kModels[] = {"plain", "parallel", "pruned"};

// The bytes of, say, "3.2.0/plain.json".
inline std::string Bytes(const std::string& name) {
  const std::filesystem::path here(__FILE__);
  const auto path = here.parent_path().parent_path() / "golden" / name;
  const base::Result<std::string> bytes = base::ReadFile(path.string());
  EXPECT_TRUE(bytes.ok()) << name;
  return bytes ? *bytes : std::string();
}

struct Rows {
  std::size_t count = 0;
  std::vector<float> values;  // row after row
  std::vector<float> scores;  // of XGBoost, one for each row
};

// "3.2.0/plain": each line is a row and its score, as the bits of float32 in hex.
inline Rows ReadRows(const std::string& name) {
  Rows rows;
  std::istringstream lines(Bytes(name + ".rows"));
  for (std::string line; std::getline(lines, line); ++rows.count) {
    std::istringstream words(line);
    std::vector<float> floats;
    for (std::uint32_t bits = 0; words >> std::hex >> bits;) {
      floats.push_back(std::bit_cast<float>(bits));
    }
    rows.scores.push_back(floats.back());
    rows.values.insert(rows.values.end(), floats.begin(), floats.end() - 1);
  }
  return rows;
}

// Floats that are equal only when every bit is: 0 is not -0.
inline std::vector<std::uint32_t> Bits(const std::vector<float>& floats) {
  std::vector<std::uint32_t> bits;
  bits.reserve(floats.size());
  for (const float number : floats) bits.push_back(std::bit_cast<std::uint32_t>(number));
  return bits;
}

}  // namespace golden
