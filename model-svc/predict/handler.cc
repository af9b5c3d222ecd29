#include "model-svc/predict/handler.h"

#include <chrono>
#include <utility>
#include <vector>

#include "model-svc/predict/answer.h"

namespace model::predict {
namespace {

base::Counter& Errors(base::Metrics* metrics, const char* type) {
  return metrics->AddCounter("ml_model_errors_total", "Predictions that were not made, by reason.",
                             {{"type", type}});
}

base::Counter& Predictions(base::Metrics* metrics, const char* result, const std::string& version) {
  return metrics->AddCounter("ml_model_predictions_total", "Predictions, by result and model.",
                             {{"result", result}, {"version", version}});
}

base::HttpResponse NoModel() {
  base::HttpResponse response = base::JsonError(503, "no model is loaded");
  response.headers.emplace("Retry-After", "5");
  return response;
}

}  // namespace

struct Handler::Serving {
  Serving(std::shared_ptr<const Model> served, base::Metrics* metrics)
      : model(std::move(served)),
        columns(model->features),
        format(*model),
        shown(ModelText(*model)),
        fraud(Predictions(metrics, "fraud", model->version)),
        legit(Predictions(metrics, "legit", model->version)) {}

  const std::shared_ptr<const Model> model;
  const Columns columns;
  const AnswerFormat format;
  const std::string shown;  // GET /model
  base::Counter& fraud;
  base::Counter& legit;
};

Handler::Handler(Champion* champion, std::optional<std::int64_t> reset_terminal_id,
                 base::Clock* clock, base::Metrics* metrics)
    : champion_(champion),
      reset_terminal_id_(reset_terminal_id),
      clock_(clock),
      metrics_(metrics),
      invalid_(Errors(metrics, "invalid")),
      no_model_(Errors(metrics, "no_model")),
      duration_(metrics->AddHistogram(
          "ml_model_prediction_duration_seconds", "From a body to its answer, per request.", {},
          {2e-6, 5e-6, 1e-5, 2.5e-5, 1e-4, 2.5e-4, 1e-3, 5e-3, 2.5e-2, 0.1, 1})),
      score_(
          metrics->AddHistogram("ml_model_score", "Fraud probabilities that were given out.", {},
                                {0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9})) {
  if (!reset_terminal_id_) return;
  resets_ = &metrics->AddCounter("ml_model_alert_counter_resets_total",
                                 "Predictions for the terminal that resets alert_counter.");
  metrics->AddCollector([this](base::Sample& sample) {
    sample.Gauge("alert_counter", "Frauds since the last prediction for the reset terminal.", {},
                 static_cast<double>(alerts_));
  });
}

base::HttpResponse Handler::Predict(const base::HttpRequest& request) {
  return Answer(request, Form::kOne);
}

base::HttpResponse Handler::PredictBatch(const base::HttpRequest& request) {
  return Answer(request, Form::kBatch);
}

base::HttpResponse Handler::ShowModel() const {
  const auto serving = Present();
  return serving ? base::HttpResponse{.body = serving->shown} : NoModel();
}

std::shared_ptr<const Handler::Serving> Handler::Present() const {
  auto model = champion_->Current();
  const std::lock_guard lock(mutex_);
  if (model == nullptr) return nullptr;
  // Once per reload. A request that overlaps one may bring the old model back for a moment; the
  // next request puts that right.
  if (serving_ == nullptr || serving_->model != model) {
    serving_ = std::make_shared<const Serving>(std::move(model), metrics_);
  }
  return serving_;
}

base::HttpResponse Handler::Answer(const base::HttpRequest& request, Form form) {
  const base::SteadyTime started = clock_->Steady();
  const auto serving = Present();
  if (serving == nullptr) {
    no_model_.Increment();
    return NoModel();
  }
  thread_local Parsed parsed;  // both keep their memory for the next request
  thread_local std::vector<float> scores;
  if (form == Form::kOne) {
    ParseOne(request.body, serving->columns, &parsed);
  } else {
    ParseBatch(request.body, serving->columns, kMaxBatchRows, &parsed);
  }
  if (!parsed.mistakes.empty()) {
    invalid_.Increment();
    return Unprocessable(parsed.mistakes);
  }
  const std::size_t rows = parsed.transactions.size();
  scores.resize(rows);
  serving->model->forest.Score(parsed.rows.data(), rows, scores.data());
  base::HttpResponse response;
  response.body.reserve(rows * (serving->format.LongestBytes() + 1) + 2);
  for (std::size_t i = 0; i < rows; ++i) {
    if (form == Form::kBatch) response.body += i == 0 ? '[' : ',';
    serving->format.Append(parsed.transactions[i], scores[i], &response.body);
  }
  response.body += form == Form::kBatch ? "]\n" : "\n";
  Count(*serving, parsed, scores);
  duration_.Observe(std::chrono::duration<double>(clock_->Steady() - started).count());
  return response;
}

void Handler::Count(const Serving& serving, const Parsed& parsed,
                    const std::vector<float>& scores) {
  int frauds = 0;
  score_.Observe(scores);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool fraud = serving.format.IsFraud(scores[i]);
    frauds += fraud ? 1 : 0;
    if (reset_terminal_id_) WatchAlerts(parsed.transactions[i], fraud);
  }
  if (frauds > 0) serving.fraud.Increment(frauds);
  const int legit = static_cast<int>(scores.size()) - frauds;
  if (legit > 0) serving.legit.Increment(legit);
}

void Handler::WatchAlerts(const Transaction& transaction, bool fraud) {
  if (transaction.terminal_id == *reset_terminal_id_) {
    alerts_ = 0;
    resets_->Increment();
  } else if (fraud) {
    ++alerts_;
  }
}

}  // namespace model::predict
