#include "bench/micro/peer.h"

#include <dlfcn.h>

#include <cstdio>

namespace bench {

// The part of xgboost/c_api.h that is used, declared by hand: the wheel brings no header.
struct Peer::Api {
  using Handle = void*;
  using Length = std::uint64_t;  // bst_ulong

  void* library = nullptr;
  int (*create)(const Handle*, Length, Handle*) = nullptr;
  int (*load)(Handle, const char*) = nullptr;
  int (*set)(Handle, const char*, const char*) = nullptr;
  int (*create_proxy)(Handle*) = nullptr;
  int (*predict)(Handle, const char*, const char*, Handle, const Length**, Length*,
                 const float**) = nullptr;
  int (*free_booster)(Handle) = nullptr;
  int (*free_matrix)(Handle) = nullptr;
  const char* (*last_error)() = nullptr;
  Handle booster = nullptr;
  Handle proxy = nullptr;

  template <typename Function>
  bool Find(const char* name, Function* function) const {
    *function = reinterpret_cast<Function>(dlsym(library, name));
    return *function != nullptr;
  }
  bool FindAll() {
    return library != nullptr && Find("XGBoosterCreate", &create) &&
           Find("XGBoosterLoadModel", &load) && Find("XGBoosterSetParam", &set) &&
           Find("XGProxyDMatrixCreate", &create_proxy) &&
           Find("XGBoosterPredictFromDense", &predict) && Find("XGBoosterFree", &free_booster) &&
           Find("XGDMatrixFree", &free_matrix) && Find("XGBGetLastError", &last_error);
  }
};

std::unique_ptr<Peer> Peer::Open(const std::string& library, const std::string& model) {
  auto api = std::make_unique<Api>();
  api->library = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!api->FindAll()) {
    const char* why = dlerror();
    std::fprintf(stderr, "forest_bench: %s\n", why != nullptr ? why : library.c_str());
    return nullptr;
  }
  if (api->create(nullptr, 0, &api->booster) != 0 || api->load(api->booster, model.c_str()) != 0 ||
      api->set(api->booster, "nthread", "1") != 0 || api->create_proxy(&api->proxy) != 0) {
    std::fprintf(stderr, "forest_bench: %s\n", api->last_error());
    return nullptr;
  }
  return std::unique_ptr<Peer>(new Peer(std::move(api)));
}

Peer::Peer(std::unique_ptr<Api> api) : api_(std::move(api)) {}

Peer::~Peer() {
  api_->free_matrix(api_->proxy);
  api_->free_booster(api_->booster);
  // The library stays loaded: its thread pool does not survive dlclose.
}

const float* Peer::Score(const float* rows, std::size_t count, std::size_t columns) {
  static constexpr char kConfig[] =
      R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0,)"
      R"( "strict_shape": false, "cache_id": 0, "missing": NaN})";
  char array[160];  // numpy's array interface, as JSON
  std::snprintf(array, sizeof(array),
                R"({"data": [%llu, true], "shape": [%zu, %zu], "typestr": "<f4", "version": 3})",
                static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(rows)), count,
                columns);
  const Api::Length* shape = nullptr;
  Api::Length dimensions = 0;
  const float* scores = nullptr;
  if (api_->predict(api_->booster, array, kConfig, api_->proxy, &shape, &dimensions, &scores) !=
      0) {
    std::fprintf(stderr, "forest_bench: %s\n", api_->last_error());
    return nullptr;
  }
  return scores;
}

}  // namespace bench
