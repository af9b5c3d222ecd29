#include "notifier/outbox.h"

#include <array>

namespace notifier {
namespace {

constexpr std::array kStates = {State::kPending,  State::kSending, State::kDelivered,
                                State::kRetrying, State::kFailed,  State::kAmbiguous,
                                State::kExpired};

}  // namespace

std::string_view StateName(State state) {
  switch (state) {
    case State::kPending:
      return "pending";
    case State::kSending:
      return "sending";
    case State::kDelivered:
      return "delivered";
    case State::kRetrying:
      return "retrying";
    case State::kFailed:
      return "failed";
    case State::kAmbiguous:
      return "ambiguous";
    case State::kExpired:
      return "expired";
  }
  return "pending";
}

std::optional<State> ParseState(std::string_view name) {
  for (const State state : kStates) {
    if (StateName(state) == name) return state;
  }
  return std::nullopt;
}

bool IsLive(State state) {
  switch (state) {
    case State::kPending:
    case State::kSending:
    case State::kRetrying:
    case State::kAmbiguous:
      return true;
    case State::kDelivered:
    case State::kFailed:
    case State::kExpired:
      return false;
  }
  return false;
}

}  // namespace notifier
