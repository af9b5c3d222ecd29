#include "base/metrics.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace base {
namespace {

int Occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool Has(const std::string& text, const std::string& part) { return Occurrences(text, part) > 0; }

TEST(Metrics, ANewCounterIsExportedAsZero) {
  Metrics metrics;
  metrics.AddCounter("fraud_things_total", "Things seen.", {{"result", "accepted"}});
  EXPECT_EQ(metrics.Text(),
            "# HELP fraud_things_total Things seen.\n"
            "# TYPE fraud_things_total counter\n"
            "fraud_things_total{result=\"accepted\"} 0\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  Metrics metrics;
  Counter& counter = metrics.AddCounter("fraud_things_total", "h", {{"r", "a"}});
  metrics.AddCounter("fraud_things_total", "h", {{"r", "b"}}).Increment(3);
  EXPECT_EQ(&counter, &metrics.AddCounter("fraud_things_total", "h", {{"r", "a"}}));
  counter.Increment();
  counter.Increment();
  const std::string text = metrics.Text();
  EXPECT_EQ(Occurrences(text, "# TYPE fraud_things_total counter"), 1) << text;
  EXPECT_TRUE(Has(text, "fraud_things_total{r=\"a\"} 2\n")) << text;
  EXPECT_TRUE(Has(text, "fraud_things_total{r=\"b\"} 3\n")) << text;
}

TEST(Metrics, HistogramsCountIntoTheirBuckets) {
  Metrics metrics;
  Histogram& delay =
      metrics.AddHistogram("fraud_delay_seconds", "h", {{"channel", "email"}}, {1, 5});
  EXPECT_EQ(&delay,
            &metrics.AddHistogram("fraud_delay_seconds", "h", {{"channel", "email"}}, {1, 5}));
  delay.Observe(0.5);
  delay.Observe(3);
  delay.Observe(9);
  const std::string text = metrics.Text();
  EXPECT_TRUE(Has(text, "fraud_delay_seconds_bucket{channel=\"email\",le=\"1\"} 1\n")) << text;
  EXPECT_TRUE(Has(text, "fraud_delay_seconds_bucket{channel=\"email\",le=\"5\"} 2\n")) << text;
  EXPECT_TRUE(Has(text, "fraud_delay_seconds_bucket{channel=\"email\",le=\"+Inf\"} 3\n")) << text;
  EXPECT_TRUE(Has(text, "fraud_delay_seconds_sum{channel=\"email\"} 12.5\n")) << text;
}

TEST(Metrics, ManyValuesCountAsEachOfThem) {
  Metrics one_by_one;
  Metrics at_once;
  const std::vector<float> values = {0.5F, 1, 1.5F, 5, 7, -2};
  Histogram& single = one_by_one.AddHistogram("fraud_score", "h", {}, {1, 5});
  for (const float value : values) single.Observe(value);
  at_once.AddHistogram("fraud_score", "h", {}, {1, 5}).Observe(values);
  EXPECT_EQ(at_once.Text(), one_by_one.Text());
}

TEST(Metrics, ACollectorIsAskedAtEachScrape) {
  Metrics metrics;
  int asked = 0;
  metrics.AddCollector([&](Sample& sample) { sample.Gauge("fraud_rows", "h", {}, ++asked); });
  EXPECT_TRUE(Has(metrics.Text(), "# TYPE fraud_rows gauge\nfraud_rows 1\n"));
  EXPECT_TRUE(Has(metrics.Text(), "\nfraud_rows 2\n"));
}

TEST(Metrics, WhatACollectorDoesNotKnowIsAbsent) {
  Metrics metrics;
  metrics.AddCollector([](Sample&) {});
  EXPECT_EQ(metrics.Text(), "");
}

TEST(Metrics, SeveralLabelSetsAreOneFamily) {
  Metrics metrics;
  metrics.AddCollector([](Sample& sample) {
    sample.Gauge("fraud_rows", "h", {{"state", "pending"}}, 1);
    sample.Count("fraud_seconds_total", "h", {}, 1.5);
    sample.Gauge("fraud_rows", "h", {{"state", "failed"}}, 2);
  });
  metrics.AddCollector([](Sample& sample) {
    sample.Gauge("fraud_rows", "h", {{"state", "sent"}}, 3);
  });
  EXPECT_EQ(metrics.Text(),
            "# HELP fraud_rows h\n# TYPE fraud_rows gauge\n"
            "fraud_rows{state=\"pending\"} 1\nfraud_rows{state=\"failed\"} 2\n"
            "fraud_rows{state=\"sent\"} 3\n"
            "# HELP fraud_seconds_total h\n# TYPE fraud_seconds_total counter\n"
            "fraud_seconds_total 1.5\n");
}

// Prometheus refuses a whole scrape that has a series twice, or a family of two types.
TEST(Metrics, ACollidingValueIsLeftOutAndNotTheScrape) {
  Metrics metrics;
  metrics.AddCounter("fraud_things_total", "h").Increment(5);
  metrics.AddCollector([](Sample& sample) {
    sample.Count("fraud_things_total", "h", {}, 6);
    sample.Gauge("fraud_things_total", "h", {{"a", "b"}}, 7);
    sample.Count("fraud_things_total", "h", {{"a", "c"}}, 8);
  });
  EXPECT_EQ(metrics.Text(),
            "# HELP fraud_things_total h\n# TYPE fraud_things_total counter\n"
            "fraud_things_total 5\nfraud_things_total{a=\"c\"} 8\n");
}

TEST(Metrics, ACollectorThatThrowsTakesOnlyItsOwnValues) {
  Metrics metrics;
  metrics.AddCollector([](Sample&) { throw std::runtime_error("broken"); });
  metrics.AddCollector([](Sample& sample) { sample.Gauge("fraud_rows", "h", {}, 1); });
  EXPECT_TRUE(Has(metrics.Text(), "fraud_rows 1\n"));
}

TEST(Metrics, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.AddCollector([](Sample& sample) {
    sample.Gauge("fraud_rows", "h", {{"a", "quote \" back \\ line \n end"}}, 1);
  });
  EXPECT_TRUE(Has(metrics.Text(), R"(fraud_rows{a="quote \" back \\ line \n end"} 1)"));
}

TEST(Metrics, CountsFromManyThreadsWhileItIsScraped) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 500; ++n) metrics.AddCounter("fraud_things_total", "h").Increment();
      });
    }
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(metrics.Text().size() < 1000);
  }
  EXPECT_TRUE(Has(metrics.Text(), "\nfraud_things_total 2000\n")) << metrics.Text();
}

}  // namespace
}  // namespace base
