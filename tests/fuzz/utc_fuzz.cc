#include "base/clock.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  constexpr base::WallMs kUntouched = 42;
  base::WallMs at = kUntouched;
  if (!base::ParseUtc(std::string(text), &at)) {
    PROMISE(at == kUntouched);
    return;
  }
  // What it accepts are the years 0 to 9999, shifted by less than a day of zone.
  constexpr base::WallMs kDay = 86'400'000;
  PROMISE(at >= -62'167'219'200'000 - kDay && at < 253'402'300'800'000 + kDay);
  if (at < -62'135'596'800'000 || at >= 253'402'300'800'000) return;  // no four-digit year in UTC
  base::WallMs again = kUntouched;
  PROMISE(base::ParseUtc(base::FormatUtc(at), &again));
  PROMISE(again == at);
}
