#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Private to the loader: the text or bytes of a model file as a tree of plain values.
namespace model::xgboost {

// One value. Arrays of numbers, which are nearly all of a model, are kept apart from other arrays:
// a node of a tree then costs bytes, not objects. No array of the format mixes the two.
struct Value {
  enum class Kind { kNull, kNumber, kText, kArray, kObject };
  Kind kind = Kind::kNull;
  double number = 0;                    // false and true are 0 and 1
  std::string text = {};                // not checked for UTF-8 in a binary file
  std::vector<double> numbers = {};     // of an array of numbers
  std::vector<Value> items = {};        // of any other array, or the members of an object,
  std::vector<std::string> names = {};  // whose names these are, in the same order
};

struct DocumentLimits {
  std::size_t values = 0;   // texts, arrays, objects and lone numbers
  std::size_t numbers = 0;  // in arrays
  int depth = 16;           // the format needs 7
};

// Reads JSON, or UBJSON as XGBoost writes it (draft 12 with typed arrays, big-endian). Numbers with
// a fraction or an exponent are rounded once, to float: as XGBoost reads them. kInvalid with the
// place for anything malformed, a name twice in an object, or more values than the file has bytes
// (UBJSON can announce an array of nothings of any length); kFull beyond the limits. Memory is
// bounded by the limits whatever the bytes say.
base::Result<Value> ParseDocument(std::string_view bytes, const DocumentLimits& limits);

}  // namespace model::xgboost
