#include <algorithm>

#include "notifier/telegram/classify.h"
#include "tests/fuzz/fuzz.h"

// Whatever a server answers: nothing is called delivered without a success, and what is kept of the
// answer is safe to store and show.
FUZZ_TEXT(text) {
  // "STATUS\nRETRY-AFTER\nBODY"
  const int status = std::atoi(fuzz::CutFirst(&text, '\n').c_str());
  base::HttpReply reply{.status = status};
  reply.headers["retry-after"] = fuzz::CutFirst(&text, '\n');
  reply.body = text;
  const auto verdict = notifier::Classify({.reply = reply, .sent = true});
  const notifier::SendResult& result = verdict.result;

  PROMISE(result.code == status);
  PROMISE(!result.detail.empty() && result.detail.size() <= 300);
  PROMISE(std::all_of(result.detail.begin(), result.detail.end(),
                      [](char c) { return c >= ' ' && c <= '~'; }));
  PROMISE(result.outcome != notifier::Outcome::kDelivered || status / 100 == 2);
  PROMISE(result.provider_id.find_first_not_of("0123456789") == std::string::npos);
  PROMISE(result.provider_id.empty() || result.outcome == notifier::Outcome::kDelivered);
  PROMISE(result.retry_after.has_value() == (status == 429));
  if (result.retry_after) {
    PROMISE(*result.retry_after >= base::Millis(1000));
    PROMISE(*result.retry_after <= base::Millis(3'600'000));
  }
  PROMISE(!verdict.migrate_to || (status == 400 && *verdict.migrate_to != 0));
  PROMISE(!verdict.drop_topic || status == 400);
  PROMISE(status != 400 || result.outcome != notifier::Outcome::kAmbiguous);
}
