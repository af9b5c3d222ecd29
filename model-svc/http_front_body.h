#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "model-svc/http_front_connections.h"

// Private to http_front: the memory of request bodies.
namespace model::http_front {

// What all bodies together may hold. Thread-safe; a connection is used by one thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t most) : most_(most) {}

  // Adds to a body that is at most `most_bytes` long in the end, with room made as it grows, and
  // kBodyPadding behind it. What was announced and has not come costs nothing, and a body that a
  // connection may keep anyway needs no budget: big ones cannot starve the small. false: the budget
  // is used up, nothing was added.
  bool Append(Connection* connection, std::string_view part, std::size_t most_bytes);
  // The request is over: gives everything back, and the memory of a big body too.
  void Release(Connection* connection);

 private:
  // A connection keeps so much for its next body, outside the budget.
  static constexpr std::size_t kKeptBytes = 16'384;

  bool Reserve(Connection* connection, std::size_t bytes);

  const std::size_t most_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace model::http_front
