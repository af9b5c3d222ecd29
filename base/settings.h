#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

// Settings of a program: flags, environment and a file, with --help as a manual page. The one file
// that knows CLI11 is settings.cc.
namespace base {

// What a program declares, then Parse fills. Order of strength: flag, environment (FRAUD_ and the
// flag in capitals, '-' as '_'), the file of --config (lines `flag = value`; lists as ["a", "b"]),
// the default. A list's values may have commas between wherever they are given.
//
//   Settings settings("fraud-sidecar", "watches a model and tells a person", about, "0.1.0");
//   settings.Section("HTTP");
//   settings.Add("listen", &options.listen, "ADDRESS:PORT", "where webhook and API are served");
//   auto outcome = settings.Parse(argc, argv);
class Settings {
 public:
  enum class Action { kRun, kExit };  // kExit: --help or --version was printed

  // `description` is the DESCRIPTION of the manual page: paragraphs parted by blank lines.
  Settings(std::string program, std::string summary, std::string description, std::string version);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  void Section(std::string title);  // the heading of the flags that follow
  // The value in *target before Parse is the default, and is shown in --help ("none" when empty).
  void Add(const std::string& flag, std::string* target, const std::string& value_name,
           const std::string& help);
  void Add(const std::string& flag, std::vector<std::string>* target, const std::string& value_name,
           const std::string& help);
  void Add(const std::string& flag, int* target, int minimum, int maximum, const std::string& help);
  void Add(const std::string& flag, std::optional<int>* target, int minimum, int maximum,
           const std::string& help);
  void Add(const std::string& flag, std::optional<double>* target, double above, double maximum,
           const std::string& help);
  void Add(const std::string& flag, Millis* target, Millis minimum, Millis maximum,
           const std::string& help);  // "250ms", "15s", "5m", "24h"
  void Add(const std::string& flag, bool* target, const std::string& help);
  // One of `words`; anything else names them all.
  void AddChoice(const std::string& flag, std::string* target,
                 const std::vector<std::string>& words, const std::string& help);
  void Required(const std::string& flag);
  // A word that must follow, beside the flags; several are taken in the order of this.
  void Argument(const std::string& name, std::string* target, const std::string& help);
  // A rule over several values, run when all of them were read without a mistake: a sentence that
  // names the flag, or "".
  void Check(std::function<std::string()> rule);
  void Example(std::string command, std::string meaning);

  // Collects every mistake into one kInvalid error, each as one line:
  //   --listen-port: "abc" is not a whole number from 0 to 65535 (from FRAUD_LISTEN_PORT)
  Result<Action> Parse(int argc, const char* const* argv);
  [[nodiscard]] std::string Help() const;
  // Names of all flags without dashes, in the order of Add. For tests that compare docs with the
  // program.
  [[nodiscard]] std::vector<std::string> Flags() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "1h30m" is not taken: one number, one unit of ms, s, m, h; 0 needs none. nullopt on anything
// else.
std::optional<Millis> ParseDuration(const std::string& text);
std::string FormatDuration(Millis duration);

}  // namespace base
