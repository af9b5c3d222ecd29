#include "sidecar/options_target.h"

#include <limits>
#include <utility>

namespace sidecar {

void DeclareTarget(base::Settings* settings, Options* options, TargetWords* words) {
  settings->Section("Target");
  settings->Add("target-pid", &options->target.pid, 1, std::numeric_limits<int>::max(),
                "the process to measure");
  settings->Add("target-cgroup", &options->target.cgroup, "PATH",
                "the control group to measure, as /proc/PID/cgroup shows it");
  settings->Add("target-command", &words->command, "REGEX",
                "without the two above, as in a pod that shares its processes: the model is the "
                "container with such a command line; without this flag too, the only container "
                "beside the sidecar and the pause container");
  settings->AddChoice("isolation", &words->isolation, {"shared", "strict"},
                      "strict, for a model image that is not trusted: of the model only "
                      "/proc/PID/stat and /proc/PID/cgroup are opened, so its oldest process alone "
                      "is measured, without throttling, and --cpu-limit-cores is needed");
  settings->AddChoice("cpu-source", &words->cpu_source, {"auto", "cgroup", "proc"},
                      "where CPU figures come from: auto takes the control group, and "
                      "/proc/PID/stat for a process that has none of its own");
  settings->Add(
      "cpu-limit-cores", &options->cpu_limit_cores, 0, 100'000,
      "the model's CPU limit, where the control group tells none: without any limit there "
      "is no share of it to judge, and no CPU alert can fire");
  settings->Add("sample-interval", &options->sample_interval, base::Millis(100),
                std::chrono::seconds(10), "time between two measurements");
  settings->Add("replicas-max", &options->replicas_max, 1, 100'000,
                "the autoscaler's maximum, exported as fraud_model_replicas_max");
}

std::string CheckTarget(const TargetWords& words, Options* options) {
  cgroup::TargetSpec& target = options->target;
  if (words.cpu_source == "cgroup") target.choice = cgroup::Choice::kCgroup;
  if (words.cpu_source == "proc") target.choice = cgroup::Choice::kProc;
  target.strict = words.isolation == "strict";
  if (!words.command.empty()) {
    auto pattern = cgroup::CommandPattern::Parse(words.command);
    if (!pattern) return "--target-command: " + pattern.error().message;
    target.command = std::move(*pattern);
  }
  if (target.strict && !options->cpu_limit_cores) {
    return "--cpu-limit-cores: needed with --isolation strict";
  }
  return Mistake(target);
}

}  // namespace sidecar
