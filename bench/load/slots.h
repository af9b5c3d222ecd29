#pragma once

#include <cstddef>
#include <vector>

// Doubly linked lists of indices whose links stand in one vector: no allocation per move, and a
// slot leaves from the middle at once. A slot is in one list at most.
namespace load {

constexpr std::size_t kNoSlot = ~std::size_t{0};

struct SlotLink {
  std::size_t before = kNoSlot;
  std::size_t behind = kNoSlot;
};

class SlotList {
 public:
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::size_t last() const { return last_; }
  [[nodiscard]] bool empty() const { return first_ == kNoSlot; }

  // `place` kNoSlot: at the front.
  void InsertBehind(std::size_t place, std::size_t slot, std::vector<SlotLink>* links) {
    const std::size_t behind = place == kNoSlot ? first_ : (*links)[place].behind;
    (*links)[slot] = {.before = place, .behind = behind};
    (place == kNoSlot ? first_ : (*links)[place].behind) = slot;
    (behind == kNoSlot ? last_ : (*links)[behind].before) = slot;
  }

  void Remove(std::size_t slot, std::vector<SlotLink>* links) {
    const SlotLink link = (*links)[slot];
    (link.before == kNoSlot ? first_ : (*links)[link.before].behind) = link.behind;
    (link.behind == kNoSlot ? last_ : (*links)[link.behind].before) = link.before;
    (*links)[slot] = SlotLink();
  }

 private:
  std::size_t first_ = kNoSlot;
  std::size_t last_ = kNoSlot;
};

}  // namespace load
