#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/load/random.h"

// What is sent: rows of a file as requests that only lack their number.
namespace load {

enum class Kind { kNormal, kAmountFlood, kCompromisedTerminal, kReplay, kMalformed };
constexpr std::size_t kKinds = 5;
std::string_view KindName(Kind kind);  // "normal", "amount_flood", ...

// A request from the digits of its Content-Length to its end. The id has always ten digits, so
// that neither the length nor a body is ever printed anew.
struct Row {
  Kind kind = Kind::kNormal;
  std::string tail;                  // "213\r\n\r\n{\"transaction_id\":0000000000,..."
  std::optional<std::size_t> id_at;  // where the ten digits stand; absent: sent as it is
};
constexpr std::uint64_t kFirstId = 1'000'000'000;  // JSON knows no leading zeros
constexpr std::uint64_t kIds = 9'000'000'000;      // ids repeat only after so many requests

// One JSON object a line:
//   {"kind": "normal"|"amount_flood"|"compromised_terminal"|"replay",
//    "transaction": {...}, "features": {...}}
//   {"kind": "malformed", "body": "what is sent as it is"}
// The body is the transaction, with `features` inside when `with_features`. transaction_id becomes
// a running number, so that a row sent again is no accidental replay; a replay keeps its own, and
// repeats itself from its second sending on.
// kInvalid names the line; a body has at most 1 MiB, blank lines are nothing.
base::Result<std::vector<Row>> ParseRows(std::string_view text, bool with_features);

// Appends the row as request `number`. Allocates nothing once *out is long enough.
void AppendRow(const Row& row, std::uint64_t number, std::string* out);

// Weights by kind, as numbers above 0; 0 for a kind that was not named.
using Mix = std::array<double, kKinds>;
// "normal=70,amount_flood=15". kInvalid: which part is wrong.
base::Result<Mix> ParseMix(const std::string& text);

// Chooses rows: the kind by weight, then any row of that kind. Not thread-safe.
class RowPicker {
 public:
  // Without a mix every row is as likely as every other. kInvalid: the mix names a kind of which
  // there is no row, or there is no row at all.
  static base::Result<RowPicker> Create(const std::vector<Row>& rows, const std::optional<Mix>& mix,
                                        Random random);
  std::size_t Pick();  // an index into the rows

 private:
  explicit RowPicker(Random random) : random_(random) {}

  Random random_;
  std::array<std::vector<std::uint32_t>, kKinds> by_kind_;
  Mix up_to_{};  // running sum of the weights, 1 at the end
};

}  // namespace load
