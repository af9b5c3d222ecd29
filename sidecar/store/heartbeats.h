#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/database.h"

// When alerts that must be heard again and again were last heard. Inside the caller's Work.
namespace sidecar::store {

// The source's newest, in the place of the one before.
base::Status NoteHeartbeat(const Database& database, const std::string& source,
                           const std::string& fingerprint, const std::string& name,
                           base::WallMs now);

// When, by source.
base::Result<std::map<std::string, base::WallMs>> LastHeartbeats(const Database& database);

// As if none had ever been heard.
base::Status ForgetHeartbeats(const Database& database);

}  // namespace sidecar::store
