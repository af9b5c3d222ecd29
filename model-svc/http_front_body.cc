#include "model-svc/http_front_body.h"

#include <algorithm>

namespace model::http_front {

// false: the budget is used up, nothing was taken.
bool BodyBudget::Reserve(Connection* connection, std::size_t bytes) {
  if (bytes > kKeptBytes && bytes > connection->reserved) {
    const std::size_t more = bytes - connection->reserved;
    if (used_.fetch_add(more, std::memory_order_relaxed) + more > most_) {
      used_.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    connection->reserved = bytes;
  }
  connection->request.body.reserve(bytes + HttpFront::kBodyPadding);
  return true;
}

bool BodyBudget::Append(Connection* connection, std::string_view part, std::size_t most_bytes) {
  std::string& body = connection->request.body;
  const std::size_t size = body.size() + part.size();
  if (size + HttpFront::kBodyPadding > body.capacity()) {
    // Doubled, so that a long body is copied a few times only.
    if (!Reserve(connection, std::min(std::max(size, 2 * body.size()), most_bytes))) return false;
  }
  body.append(part);
  return true;
}

void BodyBudget::Release(Connection* connection) {
  if (connection->reserved > 0) {
    used_.fetch_sub(connection->reserved, std::memory_order_relaxed);
    connection->reserved = 0;
  }
  if (connection->request.body.capacity() > kKeptBytes) connection->request.body = {};
  connection->request.body.clear();
  if (connection->answer.capacity() > kKeptBytes) connection->answer = {};
}

}  // namespace model::http_front
