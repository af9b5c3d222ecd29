#include "base/settings_source.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/settings_file.h"

namespace base::settings {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxShownBytes = 100;

// Levenshtein's: how many letters to add, drop or change.
std::size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// "; did you mean PREFIXname?" for the nearest of `options`, "" when none is near.
std::string Suggestion(const std::vector<Option>& options, const std::string& unknown,
                       const std::string& prefix) {
  constexpr std::size_t kLongestFlag = 64;
  if (unknown.size() > kLongestFlag) return "";
  std::size_t nearest = std::max<std::size_t>(2, unknown.size() / 3) + 1;
  std::string found;
  for (const Option& option : options) {
    const std::size_t distance = Distance(unknown, option.flag);
    if (distance >= nearest) continue;
    nearest = distance;
    found = "; did you mean " + prefix + option.flag + "?";
  }
  return found;
}

}  // namespace

std::string Quoted(const std::string& value) {
  std::string shown = "\"" + value.substr(0, kMaxShownBytes);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  }
  return shown + (value.size() > kMaxShownBytes ? "...\"" : "\"");
}

std::vector<std::string> TellExtras(const std::vector<Option>& options,
                                    const std::vector<std::string>& extras,
                                    std::vector<std::string>* mistakes) {
  std::vector<std::string> words;
  bool after_flag = false;
  for (const std::string& extra : extras) {
    const std::string flag = extra.substr(0, extra.find('='));
    if (flag.starts_with("-") && flag != "--") {
      const std::string name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
      mistakes->push_back(flag + ": is not a flag" + Suggestion(options, name, "--"));
      after_flag = flag == extra;
    } else if (!std::exchange(after_flag, false)) {
      words.push_back(extra);
    }
  }
  return words;
}

void AddFile(const std::vector<Option>& options, GivenValues* given,
             std::vector<std::string>* mistakes) {
  const auto config = given->find(kConfigFlag);
  if (config == given->end()) return;
  const auto& [paths, config_origin] = config->second;
  const std::string from = " (from " + config_origin + ")";
  if (paths.size() != 1) {
    mistakes->push_back("--config: takes one file" + from);
    return;
  }
  const std::string& path = paths.front();
  auto text = ReadFile(path, kMaxFileBytes);
  if (!text) {
    mistakes->push_back("--config: " + text.error().message + from);
    return;
  }
  std::vector<std::string> malformed;
  GivenValues from_file;
  for (const FileLine& line : ParseFile(*text, &malformed)) {
    const std::string origin = path + " line " + std::to_string(line.number);
    const auto same = [&](const Option& option) { return option.flag == line.key; };
    if (std::none_of(options.begin(), options.end(), same)) {
      mistakes->push_back(origin + ": " + Quoted(line.key) + " is not a setting" +
                          Suggestion(options, line.key, ""));
    } else if (!from_file.emplace(line.key, Given{line.values, origin}).second) {
      mistakes->push_back(origin + ": " + Quoted(line.key) + " is given twice");
    }
  }
  const std::string prefix = path + " ";
  for (const std::string& mistake : malformed) mistakes->push_back(prefix + mistake);
  given->merge(from_file);
}

std::string Store(const Option& option, const GivenValues& given) {
  const std::string flag = "--" + option.flag + ": ";
  const auto found = given.find(option.flag);
  if (found == given.end()) {
    if (!option.required) return "";
    return flag + "is required (or set " + EnvironmentName(option.flag) + ")";
  }
  const auto& [values, origin] = found->second;
  const std::string from = " (from " + origin + ")";
  if (!option.is_list && values.size() != 1) {
    return flag + "takes one value, not " + std::to_string(values.size()) + from;
  }
  const std::string expected = option.store(values);
  if (expected.empty()) return "";
  return flag + Quoted(values.front()) + " is not " + expected + from;
}

}  // namespace base::settings
