#pragma once

#include <microhttpd.h>

#include <memory>
#include <string_view>
#include <vector>

#include "model-svc/http_front_body.h"
#include "model-svc/http_front_head.h"
#include "model-svc/http_front_keeper.h"
#include "model-svc/http_front_metrics.h"
#include "model-svc/http_front_routes.h"

// Private to http_front: from request to answer, in the callbacks of libmicrohttpd. Its threads
// call them; one connection is always served by the same thread.
namespace model::http_front {

class Exchange {
 public:
  Exchange(const HttpFrontOptions& options, std::vector<base::Route> routes, Keeper* keeper);

  // libmicrohttpd closed a new connection: its address has max_connections_per_ip.
  void TurnedAway();
  void Opened(MHD_Connection* from, void** context);
  void Closed(void** context);
  void* RequestLine(const char* target, MHD_Connection* from);
  // The access handler: once with the head, then with each part of the body, once at the end.
  MHD_Result Request(MHD_Connection* from, const char* method, const char* version,
                     std::string_view part, Connection* connection);
  void Completed(Connection* connection);

 private:
  void RefuseTarget(Connection* connection);
  MHD_Result Begin(MHD_Connection* from, const char* method, const char* version,
                   Connection* connection);
  // Within the limit, and an answer will find room in the connection's memory.
  [[nodiscard]] bool HasRoom(const Head& head) const;
  // Why the head alone is enough to say no; empty: go on.
  std::optional<base::HttpResponse> Refusal(const Head& head, const char* method,
                                            Connection* connection);
  MHD_Result Collect(std::string_view method, std::string_view part, Connection* connection);
  // Past libmicrohttpd, to the socket; the connection ends.
  MHD_Result RefuseNow(std::string_view method, const base::HttpResponse& refusal,
                       const Connection& connection);
  MHD_Result Finish(MHD_Connection* from, const char* method, Connection* connection);
  base::HttpResponse Handle(MHD_Connection* from, Connection* connection);
  MHD_Result Answer(MHD_Connection* from, const char* method, base::HttpResponse response,
                    Connection* connection);
  void Count(std::string_view method, int code, base::SteadyTime now, const Connection& connection);
  base::HttpResponse Shed(ShedReason reason);

  const HttpFrontOptions options_;
  const Routes routes_;
  Keeper* const keeper_;
  RequestMetrics metrics_;
  BodyBudget budget_;
  const base::HttpResponse busy_;  // made once: it is said when there is least time for it
};

}  // namespace model::http_front
