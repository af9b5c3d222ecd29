#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace support {

// A key and a certificate signed by itself, made by the openssl program, in a folder of its own.
class Certificate {
 public:
  // `name` as in subjectAltName: "IP:127.0.0.1" or "DNS:mx.example.org".
  explicit Certificate(const std::string& name) {
    Run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + name,
         "-keyout", key_file(), "-out", file()});
  }
  [[nodiscard]] std::string file() const { return folder_.File("certificate"); }
  [[nodiscard]] std::string key_file() const { return folder_.File("key"); }

 private:
  static void Run(std::vector<std::string> words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
    pid_t child = 0;
    ASSERT_EQ(posix_spawnp(&child, words[0].c_str(), &quiet, nullptr, arguments.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&quiet);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0) << "openssl req failed";
  }

  const TempDir folder_;
};

// The server's end of a TLS connection.
class TlsEnd {
 public:
  TlsEnd(int fd, const Certificate& certificate) {
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_file(context_, certificate.file().c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_, certificate.key_file().c_str(), SSL_FILETYPE_PEM);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd);
    ok_ = SSL_accept(ssl_) == 1;
  }
  ~TlsEnd() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  [[nodiscard]] bool ok() const { return ok_; }  // the client took the certificate
  long Read(char* buffer, std::size_t size) {
    return ok_ ? SSL_read(ssl_, buffer, static_cast<int>(size)) : 0;
  }
  void Write(const std::string& text) {
    if (!ok_) return;
    SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
  }

 private:
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool ok_ = false;
};

}  // namespace support
