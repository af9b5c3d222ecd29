#pragma once

#include <string>

#include "base/clock.h"
#include "sidecar/message/compose.h"
#include "sidecar/message/render.h"

// The table of an alert's message: names, and values of at most kMaxValue bytes. Pure.
namespace sidecar::message {

Rows Table(const Facts& facts);

// A link of several hundred characters, which would fill a telephone: for HTML, where it can hide.
Rows Links(const Facts& facts);

// "1 h 2 min 5 s".
std::string Lasted(base::WallMs from, base::WallMs to);

std::string EpisodeUrl(const std::string& public_url, std::int64_t id);

}  // namespace sidecar::message
