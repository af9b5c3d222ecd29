#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"
#include "bench/micro/peer.h"
#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"

// forest_bench MODEL.json LIBXGBOOST.so: our walker against libxgboost on one thread, in turns of a
// few milliseconds within one run, so that a busy machine slows both. Prints one JSON object;
// exit 1 when a score differs by a bit, 2 when it cannot run.
namespace {

using model::xgboost::Forest;

constexpr std::size_t kRows = 1'000;
constexpr int kTurns = 40;

// Rows with a tenth of the values missing, always the same.
std::vector<float> MakeRows(std::size_t columns) {
  std::mt19937 random(7);
  std::normal_distribution<float> value(0, 1);
  std::vector<float> rows(kRows * columns);
  for (float& cell : rows) {
    cell = random() % 10 == 0 ? std::numeric_limits<float>::quiet_NaN() : value(random);
  }
  return rows;
}

std::size_t Differences(const float* ours, const float* theirs) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const bool same =
        std::bit_cast<std::uint32_t>(ours[i]) == std::bit_cast<std::uint32_t>(theirs[i]);
    count += same ? 0 : 1;
  }
  return count;
}

// Both of our ways and both of theirs give the same bits; how many do not.
std::size_t Compare(const Forest& forest, bench::Peer* peer, const std::vector<float>& rows) {
  std::vector<float> batch(kRows);
  std::vector<float> single(kRows);
  std::vector<float> theirs(kRows);
  forest.Score(rows.data(), kRows, batch.data());
  for (std::size_t i = 0; i < kRows; ++i) {
    single[i] = forest.Score(&rows[i * forest.columns()]);
    const float* score = peer->Score(&rows[i * forest.columns()], 1, forest.columns());
    theirs[i] = score == nullptr ? -1 : *score;
  }
  const float* scores = peer->Score(rows.data(), kRows, forest.columns());
  if (scores == nullptr) return kRows;
  return Differences(batch.data(), scores) + Differences(single.data(), theirs.data());
}

// Nanoseconds of one call, as the mean of `calls`.
template <typename Call>
double Time(std::size_t calls, Call call) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < calls; ++i) call(i);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / static_cast<double>(calls);
}

struct Times {
  std::vector<double> ours_ns;
  std::vector<double> peer_ns;
};

void Print(const char* name, const Times& times) {
  std::printf("\"%s\": {", name);
  for (const auto& [side, values] :
       {std::pair("ours_ns", &times.ours_ns), std::pair("peer_ns", &times.peer_ns)}) {
    std::printf("%s\"%s\": [", values == &times.ours_ns ? "" : ", ", side);
    for (std::size_t i = 0; i < values->size(); ++i) {
      std::printf("%s%.1f", i == 0 ? "" : ", ", (*values)[i]);
    }
    std::printf("]");
  }
  std::printf("}, ");
}

int Run(const Forest& forest, bench::Peer* peer) {
  const std::size_t columns = forest.columns();
  const std::vector<float> rows = MakeRows(columns);
  const std::size_t different = Compare(forest, peer, rows);
  std::vector<float> scores(kRows);
  Times one;
  Times thousand;
  for (int turn = 0; turn < kTurns; ++turn) {
    one.ours_ns.push_back(
        Time(kRows, [&](std::size_t i) { scores[i] = forest.Score(&rows[i * columns]); }));
    one.peer_ns.push_back(
        Time(kRows / 4, [&](std::size_t i) { peer->Score(&rows[i * columns], 1, columns); }));
    thousand.ours_ns.push_back(
        Time(2, [&](std::size_t) { forest.Score(rows.data(), kRows, scores.data()); }));
    thousand.peer_ns.push_back(
        Time(2, [&](std::size_t) { peer->Score(rows.data(), kRows, columns); }));
  }
  std::printf("{");
  Print("one_row", one);
  Print("thousand_rows", thousand);
  std::printf("\"rows_compared\": %zu, \"different\": %zu}\n", 2 * kRows, different);
  return different == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: forest_bench MODEL.json LIBXGBOOST.so\n"), 2;
  const base::Result<std::string> bytes = base::ReadFile(argv[1], 32 << 20);
  if (!bytes) return std::fprintf(stderr, "%s\n", bytes.error().message.c_str()), 2;
  const auto ensemble = model::xgboost::Load(*bytes);
  if (!ensemble) return std::fprintf(stderr, "%s\n", ensemble.error().message.c_str()), 2;
  const std::unique_ptr<bench::Peer> peer = bench::Peer::Open(argv[2], argv[1]);
  return peer == nullptr ? 2 : Run(Forest(*ensemble), peer.get());
}
