#pragma once

#include <optional>
#include <string>

#include "base/service.h"
#include "model-svc/http_front.h"

namespace model {

// Everything a run of fraud-model is told. `--help` describes each.
struct Options {
  HttpFrontOptions http;   // the public port
  HttpFrontOptions admin;  // health, metrics, reload
  std::string model_folder = "/usr/share/fraud-model/default";
  std::optional<int> reset_terminal_id;
  bool stress = false;  // POST /cpu is there
  base::LogOptions log;
};

// nullopt: --help or --version was printed. kInvalid: all mistakes, one a line, each naming its
// flag.
base::Result<std::optional<Options>> ParseOptions(int argc, const char* const* argv);

}  // namespace model
