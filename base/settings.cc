#include "base/settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/settings_help.h"
#include "base/settings_option.h"
#include "base/settings_source.h"

namespace base {
namespace {

using settings::GivenValues;
using settings::kConfigFlag;
using settings::Option;

struct CommandLine {
  GivenValues given;
  std::vector<std::string> extras;  // what belongs to no flag
  bool help = false;
  bool version = false;
};

bool IsValueFlag(const std::vector<Option>& options, const std::string& argument) {
  if (argument == std::string("--") + kConfigFlag) return true;
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    return !option.is_switch && argument == "--" + option.flag;
  });
}

// The arguments with `--flag=` as `--flag ""`, which CLI11 would take for a flag whose value is the
// next argument, and without a last flag that lacks its value, where it would stop at once.
std::vector<std::string> Prepare(const std::vector<Option>& options, int argc,
                                 const char* const* argv, std::vector<std::string>* mistakes) {
  std::vector<std::string> arguments;
  bool waiting = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const bool is_value = std::exchange(waiting, false);
    const std::string flag =
        argument.substr(0, argument.size() - (argument.ends_with('=') ? 1 : 0));
    if (is_value || !IsValueFlag(options, flag)) {
      arguments.push_back(std::move(argument));
      continue;
    }
    arguments.push_back(flag);
    waiting = flag == argument;
    if (!waiting) arguments.emplace_back();
  }
  if (waiting) {
    mistakes->push_back(arguments.back() + ": needs a value");
    arguments.pop_back();
  }
  return arguments;
}

// CLI11 only splits the arguments; each value stays a text, so that every mistake can be told and
// not just the first.
Result<CommandLine> ReadCommandLine(const std::vector<Option>& options,
                                    std::vector<std::string> arguments) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, CLI::Option*> known;
  const auto add = [&](const std::string& flag, bool is_switch) {
    CLI::Option* option = is_switch ? app.add_flag("--" + flag) : app.add_option("--" + flag);
    if (!is_switch) option->expected(1)->allow_extra_args(false);
    known[flag] = option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  for (const Option& option : options) add(option.flag, option.is_switch);
  add(kConfigFlag, false);
  const CLI::Option* help = app.add_flag("-h,--help");
  const CLI::Option* version = app.add_flag("--version");

  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Error& error) {
    return Error{ErrorCode::kInvalid, error.what()};
  }
  CommandLine line{
      .given = {}, .extras = app.remaining(), .help = !help->empty(), .version = !version->empty()};
  for (const auto& [flag, option] : known) {
    if (!option->empty()) line.given[flag] = {option->results(), "the command line"};
  }
  return line;
}

std::string Trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> values;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    values.push_back(Trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

void AddEnvironment(const std::string& flag, GivenValues* given) {
  const std::string name = settings::EnvironmentName(flag);
  const char* text = std::getenv(name.c_str());
  if (text == nullptr || *text == '\0') return;
  // emplace: what the command line gave is stronger.
  given->emplace(flag, settings::Given{{text}, name});
}

// "critical,warning" is two values of a list wherever it was given: no value of ours holds a comma,
// and one that is taken for a single severity would tell nobody.
void SplitLists(const std::vector<Option>& options, GivenValues* given) {
  for (const Option& option : options) {
    const auto found = given->find(option.flag);
    if (!option.is_list || found == given->end()) continue;
    std::vector<std::string> values;
    for (const std::string& text : found->second.values) {
      const std::vector<std::string> parts = SplitList(text);
      values.insert(values.end(), parts.begin(), parts.end());
    }
    found->second.values = std::move(values);
  }
}

Status AsStatus(const std::vector<std::string>& mistakes) {
  if (mistakes.empty()) return {};
  std::string lines = mistakes.front();
  for (std::size_t i = 1; i < mistakes.size(); ++i) lines += "\n" + mistakes[i];
  return Error{ErrorCode::kInvalid, lines};
}

}  // namespace

struct Settings::Impl {
  settings::Manual manual;
  std::vector<std::string*> arguments;  // where those of `manual` go
  std::string version;
  std::vector<std::function<std::string()>> rules;

  void Add(const std::string& flag, const std::string& help, Option option) {
    option.flag = flag;
    option.help = help;
    if (manual.sections.empty()) manual.sections.emplace_back();
    option.section = manual.sections.size() - 1;
    manual.options.push_back(std::move(option));
  }

  void TakeArguments(const std::vector<std::string>& words,
                     std::vector<std::string>* mistakes) const {
    for (std::size_t i = 0; i < std::max(words.size(), arguments.size()); ++i) {
      if (i >= arguments.size()) {
        mistakes->push_back(settings::Quoted(words[i]) + ": is an argument without a flag");
      } else if (i >= words.size() || words[i].empty()) {
        mistakes->push_back(manual.arguments[i].name + ": is missing");
      } else {
        *arguments[i] = words[i];
      }
    }
  }

  // Everything behind the command line. The rules run only on values that were all read: about a
  // default that stands in for a mistake they would say nonsense.
  Status Fill(GivenValues given, std::vector<std::string> mistakes) const {
    for (const Option& option : manual.options) AddEnvironment(option.flag, &given);
    AddEnvironment(kConfigFlag, &given);
    settings::AddFile(manual.options, &given, &mistakes);
    SplitLists(manual.options, &given);
    for (const Option& option : manual.options) {
      std::string mistake = settings::Store(option, given);
      if (!mistake.empty()) mistakes.push_back(std::move(mistake));
    }
    if (!mistakes.empty()) return AsStatus(mistakes);
    for (const auto& rule : rules) {
      std::string mistake = rule();
      if (!mistake.empty()) mistakes.push_back(std::move(mistake));
    }
    return AsStatus(mistakes);
  }
};

Settings::Settings(std::string program, std::string summary, std::string description,
                   std::string version)
    : impl_(std::make_unique<Impl>()) {
  impl_->manual.program = std::move(program);
  impl_->manual.summary = std::move(summary);
  impl_->manual.description = std::move(description);
  impl_->version = std::move(version);
}

Settings::~Settings() = default;

void Settings::Section(std::string title) { impl_->manual.sections.push_back(std::move(title)); }

void Settings::Add(const std::string& flag, std::string* target, const std::string& value_name,
                   const std::string& help) {
  impl_->Add(flag, help, settings::TextOption(target, value_name));
}

void Settings::Add(const std::string& flag, std::vector<std::string>* target,
                   const std::string& value_name, const std::string& help) {
  impl_->Add(flag, help, settings::ListOption(target, value_name));
}

void Settings::Add(const std::string& flag, int* target, int minimum, int maximum,
                   const std::string& help) {
  impl_->Add(flag, help, settings::IntOption(target, minimum, maximum));
}

void Settings::Add(const std::string& flag, std::optional<int>* target, int minimum, int maximum,
                   const std::string& help) {
  impl_->Add(flag, help, settings::OptionalIntOption(target, minimum, maximum));
}

void Settings::Add(const std::string& flag, std::optional<double>* target, double above,
                   double maximum, const std::string& help) {
  impl_->Add(flag, help, settings::OptionalNumberOption(target, above, maximum));
}

void Settings::Add(const std::string& flag, Millis* target, Millis minimum, Millis maximum,
                   const std::string& help) {
  impl_->Add(flag, help, settings::DurationOption(target, minimum, maximum));
}

void Settings::Add(const std::string& flag, bool* target, const std::string& help) {
  impl_->Add(flag, help, settings::SwitchOption(target));
}

void Settings::AddChoice(const std::string& flag, std::string* target,
                         const std::vector<std::string>& words, const std::string& help) {
  impl_->Add(flag, help, settings::ChoiceOption(target, words));
}

void Settings::Required(const std::string& flag) {
  for (Option& option : impl_->manual.options) option.required |= option.flag == flag;
}

void Settings::Argument(const std::string& name, std::string* target, const std::string& help) {
  impl_->manual.arguments.push_back({name, help});
  impl_->arguments.push_back(target);
}

void Settings::Check(std::function<std::string()> rule) { impl_->rules.push_back(std::move(rule)); }

void Settings::Example(std::string command, std::string meaning) {
  impl_->manual.examples.push_back({std::move(command), std::move(meaning)});
}

Result<Settings::Action> Settings::Parse(int argc, const char* const* argv) {
  const std::vector<Option>& options = impl_->manual.options;
  std::vector<std::string> mistakes;
  auto line = ReadCommandLine(options, Prepare(options, argc, argv, &mistakes));
  if (!line) return line.error();
  if (line->help || line->version) {
    const std::string text =
        line->help ? Help() : impl_->manual.program + " " + impl_->version + "\n";
    std::fputs(text.c_str(), stdout);
    return Action::kExit;
  }
  impl_->TakeArguments(settings::TellExtras(options, line->extras, &mistakes), &mistakes);
  const Status filled = impl_->Fill(std::move(line->given), std::move(mistakes));
  if (!filled) return filled.error();
  return Action::kRun;
}

std::string Settings::Help() const { return settings::ManualPage(impl_->manual); }

std::vector<std::string> Settings::Flags() const {
  std::vector<std::string> flags;
  for (const Option& option : impl_->manual.options) flags.push_back(option.flag);
  return flags;
}

}  // namespace base
