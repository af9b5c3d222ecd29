#include "notifier/channel.h"

namespace notifier {

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
      return "delivered";
    case Outcome::kTemporary:
      return "temporary";
    case Outcome::kPermanent:
      return "permanent";
    case Outcome::kAmbiguous:
      return "ambiguous";
    case Outcome::kElsewhere:
      return "elsewhere";
    case Outcome::kOffline:
      return "offline";
    case Outcome::kWaiting:
      return "waiting";
  }
  return "temporary";
}

}  // namespace notifier
