#include "sidecar/peers/identity.h"

#include <algorithm>

namespace sidecar::peers {
namespace {

// Whether `names` has one that `others` has not.
bool HasMore(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(others.begin(), others.end(), name) == others.end();
  });
}

}  // namespace

std::string_view MistakeName(Mistake mistake) {
  switch (mistake) {
    case Mistake::kItself:
      return "itself";
    case Mistake::kPosition:
      return "position";
    case Mistake::kOrder:
      return "order";
    case Mistake::kName:
      return "name";
    case Mistake::kSource:
      return "source";
    case Mistake::kToken:
      return "token";
  }
  return "unknown";
}

std::string_view WhatToMend(Mistake mistake) {
  switch (mistake) {
    case Mistake::kItself:
      return "--position or the order of --peer: this URL leads to this sidecar itself";
    case Mistake::kPosition:
      return "--position: two sidecars have the same";
    case Mistake::kOrder:
      return "--peer: the same order at every sidecar, by --position";
    case Mistake::kName:
      return "--name: two sidecars have the same";
    case Mistake::kSource:
      return "--webhook-token-file: the tokens need the same NAME at every sidecar";
    case Mistake::kToken:
      return "--peer-token-file: the peer refuses the first token in it";
  }
  return "";
}

std::set<Mistake> Compare(const Identity& own, int listed, const Identity& peer) {
  if (peer.run == own.run) return {Mistake::kItself};
  std::set<Mistake> mistakes;
  if (peer.position == own.position) {
    mistakes.insert(Mistake::kPosition);
  } else if (peer.position != listed) {
    mistakes.insert(Mistake::kOrder);
  }
  if (peer.name == own.name) mistakes.insert(Mistake::kName);
  // One that has all of the other's and more gets alerts from elsewhere, too.
  if (HasMore(own.sources, peer.sources) && HasMore(peer.sources, own.sources)) {
    mistakes.insert(Mistake::kSource);
  }
  return mistakes;
}

}  // namespace sidecar::peers
