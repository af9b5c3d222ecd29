#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace base {
namespace {

ErrorCode CodeOf(int errnum) {
  switch (errnum) {
    case ENOENT:
    case ENODEV:
    case ESRCH:
      return ErrorCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kDenied;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kFull;
    case EAGAIN:
    case EBUSY:
      return ErrorCode::kBusy;
    case ETIMEDOUT:
      return ErrorCode::kTimeout;
    default:
      return ErrorCode::kIo;
  }
}

}  // namespace

std::string_view ErrorName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kDenied:
      return "denied";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kFull:
      return "full";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kIo:
      return "io";
  }
  return "io";
}

Error ErrnoError(std::string_view context, int errnum) {
  return {.code = CodeOf(errnum),
          .message = std::string(context) + ": " + std::generic_category().message(errnum)};
}

}  // namespace base
