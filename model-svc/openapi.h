#pragma once

namespace model {

// The text of model-svc/openapi.yaml, which CMake puts into the program (openapi.cc.in).
extern const char* const kOpenapi;

}  // namespace model
