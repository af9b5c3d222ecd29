#include "sidecar/cgroup/files.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace sidecar::cgroup {
namespace {

constexpr std::string_view kSpace = " \t\n";

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

template <typename N>
std::optional<N> WholeNumber(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Cuts the part before `separator` from *rest; the whole rest when there is none.
std::string_view Cut(std::string_view* rest, char separator) {
  const auto at = rest->find(separator);
  const auto part = rest->substr(0, at);
  rest->remove_prefix(at == std::string_view::npos ? rest->size() : at + 1);
  return part;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) parts.push_back(Cut(&text, separator));
  return parts;
}

Limit FromQuota(std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return {};
  return {.kind = Limit::Kind::kCores,
          .cores = static_cast<double>(*quota) / static_cast<double>(*period)};
}

// mountinfo writes space, tab, newline and backslash as \040 and so on.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      int code = 0;
      const auto [end, error] = std::from_chars(&text[i + 1], &text[i + 1] + 3, code, 8);
      if (error == std::errc() && end == &text[i + 1] + 3 && code < 256) {
        plain += static_cast<char>(code);
        i += 3;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

std::optional<CgroupMount> ParseMount(std::string_view line) {
  const auto fields = Split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (fields.size() < 6 || fields.end() - dash < 4) return std::nullopt;
  const std::string_view type = dash[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  if (!fields[4].starts_with('/')) return std::nullopt;
  CgroupMount mount{.root = Unescape(fields[3]),
                    .mount_point = Unescape(fields[4]),
                    .v2 = type == "cgroup2",
                    .controllers = {}};
  if (!mount.v2) {
    for (const auto option : Split(dash[3], ',')) mount.controllers.emplace_back(option);
  }
  return mount;
}

}  // namespace

std::string_view SourceName(Source source) {
  switch (source) {
    case Source::kCgroupV1:
      return "cgroup_v1";
    case Source::kCgroupV2:
      return "cgroup_v2";
    case Source::kProc:
      return "proc";
  }
  return "proc";
}

std::optional<std::int64_t> ParseSigned(std::string_view text) {
  return WholeNumber<std::int64_t>(Trim(text));
}

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  const auto value = ParseSigned(text);
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<std::int64_t> FindKey(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto line = Cut(&text, '\n');
    if (Cut(&line, ' ') == key) return ParseNumber(line);
  }
  return std::nullopt;
}

Limit ParseCpuMax(std::string_view text) {
  auto rest = Trim(text);
  const auto quota = Cut(&rest, ' ');
  if (quota == "max") return {.kind = Limit::Kind::kUnlimited};
  return FromQuota(ParseNumber(quota), ParseNumber(rest));
}

Limit ParseCfs(std::string_view quota, std::string_view period) {
  const auto value = ParseSigned(quota);
  if (value && *value == -1) return {.kind = Limit::Kind::kUnlimited};
  return FromQuota(value, ParseNumber(period));
}

std::optional<std::int64_t> ParsePressureTotal(std::string_view text) {
  while (!text.empty()) {
    auto line = Cut(&text, '\n');
    if (Cut(&line, ' ') != "some") continue;
    for (auto field : Split(line, ' ')) {
      if (Cut(&field, '=') == "total") return ParseNumber(field);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> ParseMemoryLimit(std::string_view text) {
  const auto value = ParseNumber(text);
  // v1 says "unlimited" as 2^63 rounded down to a page.
  constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max() - (1 << 20);
  return value && *value < kUnlimited ? value : std::nullopt;
}

std::optional<ProcStat> ParseProcStat(std::string_view text) {
  const auto name_begin = text.find('(');
  const auto name_end = text.rfind(") ");
  if (name_end == std::string_view::npos || name_begin > name_end) return std::nullopt;
  const auto fields = Split(Trim(text.substr(name_end + 2)), ' ');
  if (fields.size() < 20 || fields[0].size() != 1) return std::nullopt;
  if (std::isalpha(static_cast<unsigned char>(fields[0][0])) == 0) return std::nullopt;
  // proc(5): state is field 3, utime 14, stime 15, starttime 22.
  const auto user = WholeNumber<std::uint64_t>(fields[11]);
  const auto system = WholeNumber<std::uint64_t>(fields[12]);
  const auto start = WholeNumber<std::uint64_t>(fields[19]);
  if (!user || !system || !start) return std::nullopt;
  if (*user + *system < *user) return std::nullopt;  // more than fits
  return ProcStat{.cpu_ticks = *user + *system,
                  .start_time = *start,
                  .state = fields[0][0],
                  .name = std::string(text.substr(name_begin + 1, name_end - name_begin - 1))};
}

GroupPaths ParseProcCgroup(std::string_view text) {
  GroupPaths paths;
  while (!text.empty()) {
    auto line = Cut(&text, '\n');
    Cut(&line, ':');  // hierarchy number
    const auto controllers = Cut(&line, ':');
    if (line.empty() || line[0] != '/') continue;
    if (controllers.empty()) paths.emplace("", line);
    for (const auto controller : Split(controllers, ',')) paths.emplace(controller, line);
  }
  return paths;
}

std::string CpuGroup(const GroupPaths& paths) {
  const auto v1 = paths.find("cpu");
  if (v1 != paths.end()) return v1->second;
  const auto v2 = paths.find("");
  return v2 == paths.end() ? "" : v2->second;
}

std::vector<CgroupMount> ParseMountInfo(std::string_view text) {
  std::vector<CgroupMount> mounts;
  while (!text.empty()) {
    if (auto mount = ParseMount(Cut(&text, '\n'))) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

std::optional<std::string> BelowMount(const CgroupMount& mount, const std::string& path) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  if (!path.starts_with(root)) return std::nullopt;
  std::string below = path.substr(root.size());
  if (!below.empty() && below[0] != '/') return std::nullopt;
  if ((below + "/").find("/../") != std::string::npos) return std::nullopt;
  return below == "/" ? "" : below;
}

}  // namespace sidecar::cgroup
