#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "model-svc/http_front.h"

namespace support {

// A body as HttpFront hands it over: with readable bytes behind its end, filled with the bytes that
// would do most harm if they were taken for a part of it.
inline std::string Padded(std::string_view text, char behind = '}') {
  std::string body(text.size() + model::HttpFront::kBodyPadding, behind);
  std::memcpy(body.data(), text.data(), text.size());
  body.resize(text.size());  // the memory stays, only the byte at the end becomes '\0'
  return body;
}

}  // namespace support
