#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "sidecar/options.h"

// The flags of the two ways to a person.
namespace sidecar {

// What the flags are read into where they are not yet what Options holds.
struct RawChannels {
  std::string smtp_url;
  std::string smtp_tls = "scheme";
  std::string smtp_password_file;
  std::string smtp_ca_file;
  std::string mail_from;
  base::Millis smtp_timeout{30'000};
  base::Millis smtp_accept_timeout{600'000};
  notifier::TelegramOptions telegram;
  std::vector<std::string> silent_severities{"warning", "info"};
};

// Adds flags and checks. Both pointers live until after Parse.
void DeclareChannels(base::Settings* settings, Options* options, RawChannels* raw);
// After the checks: everything in `raw` is known to be good.
void FinishChannels(const RawChannels& raw, Options* options);

}  // namespace sidecar
