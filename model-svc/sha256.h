#pragma once

#include <string>
#include <string_view>

namespace model {

// SHA-256 (FIPS 180-4) as 64 lower-case hex digits; "" when libcrypto refuses to compute it.
std::string Sha256Hex(std::string_view bytes);

}  // namespace model
