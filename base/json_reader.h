#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace base {

// Reads the fields of a JSON object that came from outside. The first that is missing or wrong is
// kept as status(), and all reads after it are empty. Fields that nobody asks for are passed over.
// Not thread-safe.
class JsonReader {
 public:
  // status() is kInvalid when `text` is no JSON, or no object.
  explicit JsonReader(const std::string& text);

  // kInvalid, "FIELD: what is wrong with it".
  [[nodiscard]] const Status& status() const { return status_; }

  [[nodiscard]] bool Has(const char* name) const;  // there, and not null
  [[nodiscard]] bool IsNull(const char* name) const;

  // At most so many bytes.
  std::string Text(const char* name, std::size_t most = std::string::npos);
  // The same, of printable ASCII: what ends in a history or a log line.
  std::string Word(const char* name, std::size_t most);
  // A whole number within both; `least` when it is none.
  std::int64_t Number(const char* name, std::int64_t least, std::int64_t most);
  bool Flag(const char* name);
  WallMs Utc(const char* name);          // as ParseUtc reads it
  std::string Object(const char* name);  // as text; "{}" when it is none
  JsonReader Inner(const char* name);    // an object, with a status of its own
  std::vector<JsonReader> Items(const char* name, std::size_t most);  // an array's, likewise

 private:
  explicit JsonReader(std::shared_ptr<const void> node);
  const void* Find(const char* name);
  void Note(const std::string& problem);

  std::shared_ptr<const void> node_;  // nlohmann::json, part of a tree that it keeps alive
  Status status_;
};

}  // namespace base
