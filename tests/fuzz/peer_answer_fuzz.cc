#include <algorithm>

#include "sidecar/peers/courier.h"
#include "sidecar/peers/decide.h"
#include "sidecar/peers/question.h"
#include "sidecar/query/listing.h"
#include "sidecar/query/merge.h"
#include "tests/fuzz/fuzz.h"

namespace peers = sidecar::peers;
namespace query = sidecar::query;

namespace {

bool IsWord(const std::string& text) {
  return text.size() <= peers::kMaxWord &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// What a peer says of a message stops it only by the one word.
void Answers(const std::string& text) {
  const auto answer = peers::ParseAnswer(text);
  std::vector<peers::Heard> heard = {{.name = "peer"}};
  if (answer) {
    PROMISE(IsWord(answer->name) && IsWord(answer->provider_id));
    PROMISE(answer->lease_ends_in.count() >= 0);
    const auto again = peers::ParseAnswer(peers::AnswerJson(*answer));
    PROMISE(again.ok() && again->state == answer->state);
    heard[0].answer = *answer;
  }
  const base::WallMs ours = 1'000'000;
  const base::Millis hold(20'000);
  const auto passage = peers::Decide(heard, {.now = ours, .ours_ms = ours, .hold = hold});
  using Word = notifier::Passage::Word;
  const bool delivered = answer && answer->state == notifier::State::kDelivered;
  PROMISE((passage.word == Word::kElsewhere) == delivered);
  PROMISE(passage.word != Word::kWait || passage.until_ms <= ours + hold.count());
  PROMISE(answer.ok() || passage.word == Word::kSendMarked);
}

// Pages of a listing come to an end, and no row is shown twice.
void Listings(const std::string& text) {
  auto listing = query::ParseListing(text, 100);
  if (!listing) return;
  PROMISE(listing->episodes.size() <= 100);
  const std::size_t rows = listing->episodes.size();
  const query::Source source{.name = listing->name, .episodes = std::move(listing->episodes)};
  const auto merged = query::Merge({source, source}, std::vector<query::Place>(2), 200);
  std::size_t receipts = 0;
  for (const auto& entry : merged.entries) receipts += entry.receipts.size();
  PROMISE(receipts == 2 * rows && !merged.more);
}

}  // namespace

FUZZ_TEXT(text) {
  const std::string whole(text);
  Answers(whole);
  Listings(whole);
  if (const auto question = peers::ParseQuestion(whole)) {
    PROMISE(peers::ParseQuestion(peers::QuestionJson(*question)).ok());
  }
  if (const auto news = peers::ParseNews(whole)) {
    PROMISE(news->delivered.size() <= peers::kMaxNews);
  }
  PROMISE(!peers::EvidenceOfPeers({{.name = "peer"}}, {whole}).empty());
  if (const auto places = query::ParsePlaces(whole, 2)) {
    const auto again = query::ParsePlaces(query::PlacesText(*places), 2);
    PROMISE(again.ok() && query::PlacesText(*again) == query::PlacesText(*places));
  }
}
