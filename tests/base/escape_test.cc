#include "base/escape.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Escape, AUrlKeepsOnlyItsUnreservedBytes) {
  EXPECT_EQ(PercentEncoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncoded("a b+c/d?e&f=\xc3\xa4"), "a%20b%2Bc%2Fd%3Fe%26f%3D%C3%A4");
}

TEST(Escape, HtmlShowsWhatWouldBeMarkup) {
  EXPECT_EQ(HtmlEscaped("<a href=\"x\">&amp;</a>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;");
}

}  // namespace
}  // namespace base
