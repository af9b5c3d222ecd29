#include "model-svc/predict/datetime.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace model::predict {
namespace {

TEST(Datetime, TheWeekdayIsThatOfTheCalendar) {
  using std::chrono::sys_days;
  const sys_days last = std::chrono::year(2400) / 12 / 31;
  for (sys_days day = std::chrono::year(1) / 1 / 1; day <= last; day += std::chrono::days(1)) {
    const std::chrono::year_month_day date(day);
    const auto want = std::chrono::weekday(day).iso_encoding() - 1;
    const int got = Weekday(static_cast<int>(date.year()),
                            static_cast<int>(static_cast<unsigned>(date.month())),
                            static_cast<int>(static_cast<unsigned>(date.day())));
    ASSERT_EQ(got, static_cast<int>(want)) << day.time_since_epoch().count();
  }
}

TEST(Datetime, OnlyWhatExistsIsRead) {
  for (const std::string good : {"2020-02-29 00:00:00", "2018-12-31T23:59:59.123456789Z",
                                 "1000-01-01 00:00:00", "2000-02-29 12:00:00"}) {
    EXPECT_TRUE(ReadDatetime(good)) << good;
  }
  for (const std::string bad : {"",
                                "2018-08-08",
                                "2018-08-08 13:45",
                                "2018-08-08 24:00:00",
                                "2018-08-08 13:60:00",
                                "2018-08-08 13:45:60",
                                "2018-13-01 00:00:00",
                                "2018-00-01 00:00:00",
                                "2018-04-31 00:00:00",
                                "1900-02-29 00:00:00",
                                "2018-08-00 00:00:00",
                                "0999-01-01 00:00:00",
                                "2018-08-08_13:45:00",
                                "2018-8-08 13:45:000",
                                "2018-08-08 13:45:00.",
                                "2018-08-08 13:45:00+02:00",
                                "2018-08-08 13:45:00.1234567890",
                                "2018-08-08 13:45:00 ",
                                "2018-08-08 1a:45:00",
                                "2018-08-08 13:45:00.1ZZ",
                                "-018-08-08 13:45:00"}) {
    EXPECT_FALSE(ReadDatetime(bad)) << bad;
  }
}

}  // namespace
}  // namespace model::predict
