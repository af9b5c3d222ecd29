#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

// What tests/ledger tells the library that it preloads into fraud-sidecar: a file that both map.
// Who preloads it names the file in LEDGER_CONTROL; without that nothing is changed.
namespace ledger {

enum class Disk : std::int32_t { kWell, kFull, kReadOnly };

// The layout is also in tests/ledger/control.py. The other side writes `countdown` last.
struct Control {
  char kill_at[32];                     // the step to die at
  std::atomic<std::int32_t> countdown;  // at its so-manieth occurrence; 0: not at all
  std::atomic<std::int32_t> disk;       // Disk: what becomes of writes to the history
  std::int32_t power_cut;               // 1: what is not synced is lost with the process
  std::int32_t mail_port;
  std::int32_t telegram_port;
  char killed_at[32];  // written by the one that died
};

// Null without LEDGER_CONTROL.
Control* TheControl();

// The path has come to this step: SIGKILL when the control says so.
void Reach(std::string_view step);

// 0, or the errno with which a write to the history fails now.
int WriteFault();

// Around each sync of a file of the history, `path` as SQLite opened it. Names the step by the file
// and by what the thread was doing: webhook, claim, settle, checkpoint.
void BeforeSync(std::string_view path);
void AfterSync(std::string_view path);

// While one lives, its thread's libc calls are not looked at: the power cut's own.
class Unwatched {
 public:
  Unwatched();
  ~Unwatched();
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};

}  // namespace ledger
