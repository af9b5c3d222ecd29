#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// libxgboost as its own documentation says it is fast: inplace prediction from dense rows, one
// thread, one proxy matrix that is used again and again.
namespace bench {

class Peer {
 public:
  // Loads the library and the model; null and a sentence on stderr when it cannot.
  static std::unique_ptr<Peer> Open(const std::string& library, const std::string& model);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Scores of `count` rows of `columns` floats, or null. They belong to the library and are valid
  // until the next call.
  const float* Score(const float* rows, std::size_t count, std::size_t columns);

 private:
  struct Api;
  explicit Peer(std::unique_ptr<Api> api);
  std::unique_ptr<Api> api_;
};

}  // namespace bench
