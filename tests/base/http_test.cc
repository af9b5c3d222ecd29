#include "base/http.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(JsonError, IsASentenceInAnObject) {
  const HttpResponse response = JsonError(404, "no such alert");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\"error\":\"no such alert\"}\n");
}

TEST(JsonError, NamesTheFieldAtFault) {
  EXPECT_EQ(JsonError(400, "is no number", "limit").body,
            "{\"error\":\"is no number\",\"field\":\"limit\"}\n");
}

TEST(JsonError, TakesBytesThatAreNotUtf8) {
  EXPECT_EQ(JsonError(400, "bad \xFF \"x\"").body, "{\"error\":\"bad \xEF\xBF\xBD \\\"x\\\"\"}\n");
}

}  // namespace
}  // namespace base
