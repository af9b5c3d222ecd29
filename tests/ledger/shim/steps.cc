// Stands between fraud-sidecar and libc, and names the steps of an alert's path by the descriptor
// and the call. The list of steps is in tests/ledger/steps.py.
#include <dlfcn.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/ledger/shim/control.h"

namespace ledger {
namespace {

enum class Kind : std::uint8_t { kOther, kServed, kWebhook, kMail, kMailDot, kTelegram };

std::array<std::atomic<Kind>, 4096> kinds = {};

// What the thread does: which row of the history its next sync is about.
thread_local bool takes_webhook = false;
thread_local bool talked = false;  // to a mail server or to Telegram, and the outcome is not stored
thread_local int unwatched = 0;

Kind KindOf(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  return fd < 0 || index >= kinds.size() ? Kind::kOther : kinds.at(index).load();
}

void Set(int fd, Kind kind) {
  const auto index = static_cast<std::size_t>(fd);
  if (fd >= 0 && index < kinds.size()) kinds.at(index) = kind;
}

template <typename Function>
Function* Next(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

// Of an open file; "" when it is none.
std::string PathOf(int fd) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? "" : std::string(path.data(), static_cast<std::size_t>(size));
}

bool IsHistory(std::string_view path) {
  return path.ends_with(".db") || path.ends_with(".db-wal") || path.ends_with(".db-journal");
}

std::string StepOf(std::string_view path) {
  if (!path.ends_with("-wal")) return "checkpoint";
  if (takes_webhook) return "commit";
  return talked ? "settle" : "claim";
}

int PortOf(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
  }
  if (address->sa_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port);
  }
  return 0;
}

void Connects(int fd, const sockaddr* address) {
  const int port = PortOf(address);
  const bool mail = port != 0 && port == TheControl()->mail_port;
  if (!mail && (port == 0 || port != TheControl()->telegram_port)) return;
  Set(fd, mail ? Kind::kMail : Kind::kTelegram);
  talked = true;
  Reach(mail ? "mail-connect" : "telegram-connect");
}

void Received(int fd, std::string_view data) {
  switch (KindOf(fd)) {
    case Kind::kOther:
    case Kind::kWebhook:
      return;
    case Kind::kServed:
      if (!data.starts_with("POST /api/v1/webhook")) return;
      Set(fd, Kind::kWebhook);
      takes_webhook = true;
      return Reach("webhook-read");
    case Kind::kMail:
      return Reach("mail-answer");
    case Kind::kMailDot:
      return Reach("mail-accepted");
    case Kind::kTelegram:
      return Reach("telegram-answered");
  }
}

void Sends(int fd, std::string_view data) {
  switch (KindOf(fd)) {
    case Kind::kOther:
    case Kind::kServed:
    case Kind::kMailDot:
      return;
    case Kind::kWebhook:
      return Reach("answer-before-send");
    case Kind::kMail:
      return Reach(data.ends_with(".\r\n") ? "mail-before-dot" : "mail-before-send");
    case Kind::kTelegram:
      return Reach("telegram-before-request");
  }
}

void Sent(int fd, std::string_view data) {
  switch (KindOf(fd)) {
    case Kind::kOther:
    case Kind::kServed:
    case Kind::kMailDot:
      return;
    case Kind::kWebhook:
      Set(fd, Kind::kServed);
      takes_webhook = false;
      return Reach("answer-after-send");
    case Kind::kMail:
      if (!data.ends_with("\r\n.\r\n") && data != ".\r\n") return;
      Set(fd, Kind::kMailDot);
      return Reach("mail-after-dot");
    case Kind::kTelegram:
      return Reach("telegram-after-request");
  }
}

}  // namespace

Unwatched::Unwatched() { ++unwatched; }
Unwatched::~Unwatched() { --unwatched; }

void BeforeSync(std::string_view path) { Reach(StepOf(path) + "-before-sync"); }

void AfterSync(std::string_view path) {
  const std::string step = StepOf(path);
  if (step == "settle") talked = false;
  Reach(step + "-after-sync");
}

}  // namespace ledger

using ledger::TheControl;

extern "C" {

int connect(int fd, const sockaddr* address, socklen_t size) {
  static auto* const next = ledger::Next<decltype(connect)>("connect");
  if (TheControl() != nullptr) ledger::Connects(fd, address);
  return next(fd, address, size);
}

int accept(int fd, sockaddr* address, socklen_t* size) {
  static auto* const next = ledger::Next<decltype(accept)>("accept");
  const int taken = next(fd, address, size);
  ledger::Set(taken, ledger::Kind::kServed);
  return taken;
}

int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  static auto* const next = ledger::Next<decltype(accept4)>("accept4");
  const int taken = next(fd, address, size, flags);
  ledger::Set(taken, ledger::Kind::kServed);
  return taken;
}

ssize_t recv(int fd, void* data, size_t size, int flags) {
  static auto* const next = ledger::Next<decltype(recv)>("recv");
  const ssize_t got = next(fd, data, size, flags);
  if (got > 0) ledger::Received(fd, {static_cast<char*>(data), static_cast<std::size_t>(got)});
  return got;
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  static auto* const next = ledger::Next<decltype(send)>("send");
  const std::string_view text(static_cast<const char*>(data), size);
  ledger::Sends(fd, text);
  const ssize_t sent = next(fd, data, size, flags);
  if (sent == static_cast<ssize_t>(size)) ledger::Sent(fd, text);
  return sent;
}

int close(int fd) {
  static auto* const next = ledger::Next<decltype(close)>("close");
  ledger::Set(fd, ledger::Kind::kOther);
  return next(fd);
}

int fdatasync(int fd) {
  static auto* const next = ledger::Next<decltype(fdatasync)>("fdatasync");
  if (TheControl() == nullptr || ledger::unwatched > 0) return next(fd);
  const std::string path = ledger::PathOf(fd);
  if (!ledger::IsHistory(path)) return next(fd);
  ledger::BeforeSync(path);
  const int result = next(fd);
  ledger::AfterSync(path);
  return result;
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  static auto* const next = ledger::Next<decltype(pwrite64)>("pwrite64");
  const int fault = ledger::WriteFault();
  if (fault != 0 && ledger::IsHistory(ledger::PathOf(fd))) {
    errno = fault;
    return -1;
  }
  return next(fd, data, size, offset);
}

// Checkpoints come often, so that some are killed. (An automatic extension would be too early.)
int sqlite3_open_v2(const char* path, sqlite3** database, int flags, const char* vfs) {
  static auto* const next = ledger::Next<decltype(sqlite3_open_v2)>("sqlite3_open_v2");
  const int code = next(path, database, flags, vfs);
  constexpr int kPages = 10;
  if (TheControl() != nullptr && code == SQLITE_OK) sqlite3_wal_autocheckpoint(*database, kPages);
  return code;
}
}
