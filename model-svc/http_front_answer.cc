#include "model-svc/http_front_answer.h"

#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>

namespace model::http_front {

bool Queue(MHD_Connection* to, base::HttpResponse response, bool close, Connection* connection) {
  std::string& body = connection->answer;
  body = std::move(response.body);
  const std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)> answer(
      MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_PERSISTENT),
      MHD_destroy_response);
  if (answer == nullptr) return false;
  if (!body.empty()) {
    MHD_add_response_header(answer.get(), "Content-Type", response.content_type.c_str());
  }
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(answer.get(), name.c_str(), value.c_str());
  }
  if (close) MHD_add_response_header(answer.get(), "Connection", "close");
  return MHD_queue_response(to, static_cast<unsigned>(response.status), answer.get()) == MHD_YES;
}

void SendNow(const base::HttpResponse& response, const Connection& connection) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     MHD_get_reason_phrase_for(static_cast<unsigned>(response.status)) + "\r\n";
  text += "Content-Type: " + response.content_type + "\r\n";
  for (const auto& [name, value] : response.headers) text += name + ": " + value + "\r\n";
  text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  text += "Connection: close\r\n\r\n" + response.body;
  send(connection.fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace model::http_front
