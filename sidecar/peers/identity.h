#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Who a sidecar is to the others, and what of its settings does not fit theirs. Pure.
namespace sidecar::peers {

struct Identity {
  std::string run;  // made at the start of the process: who asks itself knows it by that
  int position = 0;
  std::string name;
  std::vector<std::string> sources;  // the names of its webhook tokens; empty: not told
};
inline constexpr std::size_t kMaxSources = 32;  // of more none are told
inline constexpr int kMaxPosition = 1'000;

// What one said of itself.
struct Told {
  // Absent: one that is older than identities are, or so new that its words mean something else, or
  // `problem`.
  std::optional<Identity> identity;
  std::string problem;  // why what it said cannot be read; "": nothing is wrong with it
};

enum class Mistake {
  kItself,    // the peer is this very process
  kPosition,  // it has our position
  kOrder,     // it has another position than our list gives it
  kName,      // it has our name
  kSource,    // both have a webhook token by a name that the other lacks
  kToken,     // it refuses our token
};
inline constexpr std::array kMistakes = {Mistake::kItself, Mistake::kPosition, Mistake::kOrder,
                                         Mistake::kName,   Mistake::kSource,   Mistake::kToken};
std::string_view MistakeName(Mistake mistake);  // a metric label
std::string_view WhatToMend(Mistake mistake);   // begins with the flag

// What does not fit between us and the one that our list has at `listed`; of what has one cause
// only the cause.
std::set<Mistake> Compare(const Identity& own, int listed, const Identity& peer);

}  // namespace sidecar::peers
