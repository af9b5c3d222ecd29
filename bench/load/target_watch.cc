#include "bench/load/target_watch.h"

#include <utility>

#include "base/file.h"

namespace load {

base::Result<std::vector<Target>> TargetWatch::Read(std::string* text) const {
  auto read = base::ReadFile(path_);
  if (!read) return read.error();
  *text = std::move(*read);
  const auto names = ParseTargets(*text);
  if (!names) return names.error().Wrap(path_);
  return ResolveAll(*names);
}

base::Result<std::vector<Target>> TargetWatch::Begin() { return Read(&text_); }

void TargetWatch::Look() {
  std::string text;
  // Whoever writes the file in place is seen half done at times: such a text is read again.
  const auto read = base::ReadFile(path_);
  if (!read || *read == text_) return;
  auto targets = Read(&text);
  if (!targets) return;
  text_ = std::move(text);
  const std::lock_guard lock(mutex_);
  targets_ = std::move(*targets);
  changed_ = true;
}

std::optional<std::vector<Target>> TargetWatch::TakeChange() {
  if (!changed_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  changed_ = false;
  return std::exchange(targets_, {});
}

}  // namespace load
