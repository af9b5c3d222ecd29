#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "base/curl_client.h"
#include "base/mail_talk.h"

// For curl_client.cc, curl_kept.cc and curl_mail.cc alone: the one file that includes libcurl.
namespace base {

// A handle for one call. An option that libcurl refuses fails the whole call: none of them may be
// lost unseen.
class Easy {
 public:
  Easy() : Easy(curl_easy_init()) {}
  explicit Easy(CURL* handle) : handle_(handle) { Set(CURLOPT_ERRORBUFFER, text_.data()); }
  ~Easy() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(list_);
  }
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  // Gives away the handle as new, but for the connections in it; the last thing to be asked.
  [[nodiscard]] CURL* Release() {
    if (handle_ != nullptr) curl_easy_reset(handle_);
    return std::exchange(handle_, nullptr);
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    static_assert(std::is_pointer_v<T> || std::is_same_v<T, long> || std::is_same_v<T, curl_off_t>);
    if (handle_ == nullptr) return;
    const CURLcode code = curl_easy_setopt(handle_, option, value);
    if (setup_ == CURLE_OK) setup_ = code;
  }
  void Append(const std::string& line) {  // to the one list: headers, or recipients
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) setup_ = CURLE_OUT_OF_MEMORY;
    if (longer != nullptr) list_ = longer;
  }
  [[nodiscard]] curl_slist* list() const { return list_; }

  CURLcode Perform() {
    if (handle_ == nullptr) return CURLE_FAILED_INIT;
    return setup_ == CURLE_OK ? curl_easy_perform(handle_) : setup_;
  }
  template <typename T>
  T Info(CURLINFO info) const {
    T value = 0;
    curl_easy_getinfo(handle_, info, &value);
    return value;
  }

  // libcurl's own sentence only where it is made of hosts, ports and certificate names; else the
  // plain meaning of the code.
  [[nodiscard]] std::string Describe(CURLcode code) const {
    switch (static_cast<int>(code)) {
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_CONNECT:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        if (text_[0] != '\0') return text_.data();
        break;
    }
    return curl_easy_strerror(code);
  }

 private:
  CURL* handle_;
  curl_slist* list_ = nullptr;
  CURLcode setup_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> text_ = {};
};

// What the progress callback looks at; libcurl asks it at least once a second.
struct Watch {
  const std::stop_token& stop;
  const MailTalk* talk = nullptr;  // nullptr: HTTP, where the total timeout is enough
};

// What every call has in common. All that is handed over by pointer outlives the call.
void SetCommon(Easy* easy, const std::string& ca_file, Watch* watch);

ErrorCode CodeOf(CURLcode code);

// HttpOutcome::unreached, after Perform gave `code`.
bool Unreached(const Easy& easy, CURLcode code);

}  // namespace base
