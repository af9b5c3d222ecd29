#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace model::predict {

// Where a model's columns come from: three are computed from the transaction itself (tx_amount,
// tx_during_weekend: Saturday or Sunday, tx_during_night: hour 0 to 6), every other by its name
// from the request's `features`. Immutable.
class Columns {
 public:
  explicit Columns(const std::vector<std::string>& features);

  static constexpr int kNone = -1;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] int amount() const { return amount_; }
  [[nodiscard]] int weekend() const { return weekend_; }
  [[nodiscard]] int night() const { return night_; }
  // The column of a name in `features`; kNone for one that the model does not know or that is
  // computed. *hint, 0 at first, is where the last name was found: names that come in the model's
  // order cost one comparison each.
  [[nodiscard]] int Find(std::string_view name, std::size_t* hint) const;

 private:
  struct Given {
    std::string name;
    int column;
  };
  std::size_t size_;
  int amount_ = kNone, weekend_ = kNone, night_ = kNone;
  std::vector<Given> given_;          // in the model's order
  std::vector<std::size_t> by_name_;  // of given_, sorted by name
};

}  // namespace model::predict
