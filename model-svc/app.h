#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/periodic_worker.h"
#include "base/result.h"
#include "model-svc/http_front.h"
#include "model-svc/options.h"
#include "model-svc/predict/handler.h"
#include "model-svc/reload.h"

namespace model {

// Owns and wires everything, as members in the order in which they need each other. Create loads
// the model and binds both ports, Start begins to answer, Stop drains the public port first, so
// that the admin port tells "not ready" meanwhile.
class App {
 public:
  // The Error is one sentence for the person who starts the program: a folder that is refused, a
  // port that is taken.
  static base::Result<std::unique_ptr<App>> Create(const Options& options);
  ~App();  // Stop()
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  base::Status Start();
  void Stop();

 private:
  explicit App(const Options& options);
  base::Status LoadModel();
  base::Status BindPublic();
  base::Status BindAdmin();
  [[nodiscard]] std::vector<base::Route> PublicRoutes();
  [[nodiscard]] std::vector<base::Route> AdminRoutes();
  [[nodiscard]] base::HttpResponse Ready() const;
  base::HttpResponse Reload();

  const Options options_;
  base::RealClock clock_;
  base::Metrics metrics_;
  Champion champion_;
  predict::Handler handler_;
  std::atomic<bool> serving_ = false;
  std::atomic<bool> reloading_ = false;
  std::unique_ptr<HttpFront> public_;
  std::unique_ptr<HttpFront> admin_;
  base::PeriodicWorker memory_worker_;
};

}  // namespace model
