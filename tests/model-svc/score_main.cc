#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "base/file.h"
#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"

// Scores rows for tests/model/oracle.py: the model file is the argument, rows come as raw floats on
// the standard input, scores go as raw floats to the standard output. "single" as second argument
// scores row by row.
int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const base::Result<std::string> bytes = base::ReadFile(argv[1], 32 << 20);
  if (!bytes) return std::fprintf(stderr, "%s\n", bytes.error().message.c_str()), 1;
  const base::Result<model::xgboost::Ensemble> ensemble = model::xgboost::Load(*bytes);
  if (!ensemble) return std::fprintf(stderr, "%s\n", ensemble.error().message.c_str()), 1;
  const model::xgboost::Forest forest(*ensemble);

  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  std::vector<float> values(input.size() / sizeof(float));
  input.copy(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
  std::vector<float> scores(values.size() / forest.columns());
  if (argc > 2) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = forest.Score(&values[i * forest.columns()]);
    }
  } else {
    forest.Score(values.data(), scores.size(), scores.data());
  }
  std::cout.write(reinterpret_cast<const char*>(scores.data()),
                  static_cast<std::streamsize>(scores.size() * sizeof(float)));
  return 0;
}
