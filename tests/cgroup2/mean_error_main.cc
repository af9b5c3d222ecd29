// Samples control groups once a second as the sidecar does, reads the kernel's counter beside each
// sample, and prints how far the 60 s mean was from that counter at worst:
//
//   mean_error SECONDS (GROUP USAGE_FILE)...
//   mean group=/load/steady samples=5 exact=0.493112 largest_error=0.000131
//
// GROUP as in --target-cgroup; USAGE_FILE is its cpu.stat (v2) or cpuacct.usage (v1). Both figures
// are shares of the group's limit. Exit code 1: a group could not be measured.
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "sidecar/cgroup/sampler.h"

namespace {

namespace cgroup = sidecar::cgroup;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kMinute = 60;  // samples

struct Look {
  base::SteadyTime at;
  double used_s = 0;
};

// By means of its own, so that a mistake in the sampler's is not made twice.
Look AskKernel(const std::string& file) {
  const auto before = std::chrono::steady_clock::now();
  std::ifstream in(file);
  std::string word;
  in >> word;
  double used_s = 0;
  if (word == "usage_usec") {
    in >> used_s;
    used_s /= 1e6;
  } else {
    used_s = std::strtod(word.c_str(), nullptr) / 1e9;
  }
  return {.at = before + (std::chrono::steady_clock::now() - before) / 2, .used_s = used_s};
}

class Watched {
 public:
  Watched(const char* group, const char* file)
      : group_(group), file_(file), sampler_(cgroup::Reader("", {.cgroup = group}, {}), &clock_) {}

  bool Tick() {
    const auto measured = sampler_.Measure();
    looks_.push_back(AskKernel(file_));
    if (!measured) std::fprintf(stderr, "%s: %s\n", group_, measured.error().message.c_str());
    if (!measured || looks_.size() <= kMinute) return measured.ok();
    const Look& from = looks_[looks_.size() - 1 - kMinute];
    const auto evidence = sampler_.Evidence();
    if (!evidence.utilization_60s) return false;
    exact_ = (looks_.back().used_s - from.used_s) / Seconds(looks_.back().at - from.at).count() /
             evidence.limit.cores;
    largest_error_ = std::max(largest_error_, std::abs(*evidence.utilization_60s - exact_));
    ++samples_;
    return true;
  }
  bool Print() const {
    std::printf("mean group=%s samples=%d exact=%.6f largest_error=%.6f\n", group_, samples_,
                exact_, largest_error_);
    return samples_ > 0;
  }

 private:
  const char* group_;
  std::string file_;
  base::RealClock clock_;
  cgroup::Sampler sampler_;
  std::vector<Look> looks_;
  int samples_ = 0;
  double exact_ = 0;
  double largest_error_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const int seconds = argc > 3 ? std::atoi(argv[1]) : 0;
  if (seconds <= 0 || argc % 2 != 0) return 2;
  std::vector<std::unique_ptr<Watched>> groups;
  for (int i = 2; i < argc; i += 2) {
    groups.push_back(std::make_unique<Watched>(argv[i], argv[i + 1]));
  }
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const itimerspec each_second{.it_interval = {.tv_sec = 1, .tv_nsec = 0},
                               .it_value = {.tv_sec = 1, .tv_nsec = 0}};
  if (timer < 0 || timerfd_settime(timer, 0, &each_second, nullptr) != 0) return 2;
  bool good = true;
  for (int second = 0; second <= seconds; ++second) {
    std::uint64_t expired = 0;
    if (read(timer, &expired, sizeof expired) != sizeof expired) return 2;
    for (const auto& group : groups) good = group->Tick() && good;
  }
  close(timer);
  for (const auto& group : groups) good = group->Print() && good;
  return good ? 0 : 1;
}
