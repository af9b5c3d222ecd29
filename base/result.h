#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

// What kind of thing went wrong. The name (ErrorName) ends as a metric label, so the set is small
// and stable.
enum class ErrorCode {
  kInvalid,      // the caller's input is wrong and stays wrong
  kNotFound,     // the thing named does not exist
  kDenied,       // exists, but we may not touch it
  kUnavailable,  // cannot be reached or is shutting down; worth another try
  kTimeout,      // no answer within the bound
  kFull,         // no space left where it had to be stored
  kBusy,         // held by someone else for the moment
  kCorrupt,      // stored data does not read back
  kIo,           // any other failure of the operating system
};

// The metric label of `code`: "invalid", "not_found", ...
std::string_view ErrorName(ErrorCode code);

// An error as a value. `message` is one sentence without a final stop; it never carries a secret.
struct Error {
  ErrorCode code = ErrorCode::kIo;
  std::string message;

  // The same error seen from one level up: "reading FILE: permission denied".
  [[nodiscard]] Error Wrap(std::string_view context) const {
    return {.code = code, .message = std::string(context) + ": " + message};
  }
};

// Error{code from `errnum`, "context: strerror"}.
Error ErrnoError(std::string_view context, int errnum);

// Either a T or an Error. Reading the side that is not there is a programming error (std::get
// throws).
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that a function can return either.
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const { return error_.value(); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace base
