#pragma once

#include <string>
#include <string_view>

// Text as part of another language. Pure.
namespace base {

// For the path or the query of a URL: every byte but letters, digits, '-', '.', '_' and '~' as %XX
// (RFC 3986, 2.3).
std::string PercentEncoded(std::string_view text);

// For HTML, between tags and inside of quoted attributes.
std::string HtmlEscaped(std::string_view text);

}  // namespace base
