#include "model-svc/predict/columns.h"

#include <algorithm>
#include <numeric>

namespace model::predict {

Columns::Columns(const std::vector<std::string>& features) : size_(features.size()) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    const int column = static_cast<int>(i);
    if (features[i] == "tx_amount") {
      amount_ = column;
    } else if (features[i] == "tx_during_weekend") {
      weekend_ = column;
    } else if (features[i] == "tx_during_night") {
      night_ = column;
    } else {
      given_.push_back({features[i], column});
    }
  }
  by_name_.resize(given_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [this](std::size_t a, std::size_t b) { return given_[a].name < given_[b].name; });
}

int Columns::Find(std::string_view name, std::size_t* hint) const {
  if (*hint >= given_.size() || given_[*hint].name != name) {
    const auto at =
        std::lower_bound(by_name_.begin(), by_name_.end(), name,
                         [this](std::size_t i, std::string_view n) { return given_[i].name < n; });
    if (at == by_name_.end() || given_[*at].name != name) return kNone;
    *hint = *at;
  }
  return given_[(*hint)++].column;
}

}  // namespace model::predict
