#include "base/settings_help.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace base::settings {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kBody = 7;  // the indents of a manual page
constexpr std::size_t kNested = 14;

constexpr std::string_view kConfigHelp =
    "A file of settings, see FILES. What a flag or the environment says is stronger.";

constexpr std::string_view kFiles =
    "The file of --config has one setting a line, named as the flag without its dashes: "
    "\"flag = value\", or \"flag = \\\"value\\\"\". A list is [\"a\", \"b\"], a switch is true or "
    "false. A # at the start of a line or after a space begins a comment. A name that no flag has "
    "is an error.";

constexpr std::string_view kEnvironment =
    "Every flag can also be given as FRAUD_ and its name in capitals, with _ for -. "
    "An empty variable counts as not set, other FRAUD_ variables are "
    "ignored. The order of strength: flag, environment, file, default.";

// One paragraph, filled to the width; a word that is longer than a line gets one of its own.
void Fill(std::string_view text, std::size_t indent, std::string* out) {
  std::istringstream words{std::string(text)};
  std::string word;
  std::size_t column = 0;
  while (words >> word) {
    if (column != 0 && column + 1 + word.size() > kColumns) {
      *out += '\n';
      column = 0;
    }
    out->append(column == 0 ? indent : 1, ' ').append(word);
    column += (column == 0 ? indent : 1) + word.size();
  }
  *out += '\n';
}

void Paragraphs(std::string_view text, std::size_t indent, std::string* out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    Fill(text.substr(0, end), indent, out);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!text.empty()) *out += '\n';
  }
}

void Title(std::string_view title, std::string* out) { out->append("\n").append(title) += '\n'; }

void Entry(const std::string& head, std::string_view text, std::string* out) {
  out->append(kBody, ' ').append(head) += '\n';
  Fill(text, kNested, out);
}

// "Is required." or "Default: 15s.", the range, and the name in the environment.
std::string Facts(const Option& option) {
  std::string facts = option.required ? "Required." : "Default: " + option.default_text + ".";
  if (!option.range.empty()) facts += " Range: " + option.range + ".";
  if (option.is_list) facts += " May be given several times, or with commas between.";
  return facts + " Environment: " + EnvironmentName(option.flag) + ".";
}

void Flag(const Option& option, std::string* out) {
  const std::string head = "--" + option.flag;
  Entry(option.is_switch ? head : head + " " + option.value_name, option.help, out);
  Fill(Facts(option), kNested, out);
  *out += '\n';
}

void Options(const Manual& manual, std::string* out) {
  Title("OPTIONS", out);
  for (std::size_t section = 0; section < manual.sections.size(); ++section) {
    if (!manual.sections[section].empty()) {
      out->append("   ").append(manual.sections[section]) += '\n';
    }
    for (const Option& option : manual.options) {
      if (option.section == section) Flag(option, out);
    }
  }
  *out += "   General\n";
  Entry("--config FILE", kConfigHelp, out);
  Fill("Default: none. Environment: FRAUD_CONFIG.", kNested, out);
  *out += '\n';
  Entry("-h, --help", "Print this page and exit.", out);
  *out += '\n';
  Entry("--version", "Print the version and exit.", out);
}

}  // namespace

std::string ManualPage(const Manual& manual) {
  std::string page = "NAME\n";
  Fill(manual.program + " - " + manual.summary, kBody, &page);
  Title("SYNOPSIS", &page);
  std::string synopsis = manual.program + " [--FLAG VALUE]...";
  for (const Argument& argument : manual.arguments) synopsis += " " + argument.name;
  Fill(synopsis, kBody, &page);
  Title("DESCRIPTION", &page);
  Paragraphs(manual.description, kBody, &page);
  if (!manual.arguments.empty()) Title("ARGUMENTS", &page);
  for (const Argument& argument : manual.arguments) Entry(argument.name, argument.help, &page);
  Options(manual, &page);
  Title("FILES", &page);
  Paragraphs(kFiles, kBody, &page);
  Title("ENVIRONMENT", &page);
  Paragraphs(kEnvironment, kBody, &page);
  Title("EXIT STATUS", &page);
  Fill("0  it ended as asked", kBody, &page);
  Fill("1  it could not start with these settings, or failed later", kBody, &page);
  Fill("2  the settings are wrong; each mistake is one line on standard error", kBody, &page);
  if (!manual.examples.empty()) Title("EXAMPLES", &page);
  for (const Example& example : manual.examples) {
    Entry(example.command, example.meaning, &page);
    if (&example != &manual.examples.back()) page += '\n';
  }
  return page;
}

}  // namespace base::settings
