#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace firn {

// The answer of everything that can fail. No exception crosses a module: each third-party adapter translates in one
// place.
template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

// Fail(ErrorKind::kNotFound, "no table 'x'", "firn tables lists them"): the one way to make an error.
[[nodiscard]] inline std::unexpected<Error> Fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(message), std::move(hint)});
}

// Whether it worked, without the value.
template <class T>
[[nodiscard]] Status StatusOf(Result<T> result) {
  if (!result) return std::unexpected(std::move(result.error()));
  return {};
}

}  // namespace firn

#define FIRN_CONCAT_INNER(a, b) a##b
#define FIRN_CONCAT(a, b) FIRN_CONCAT_INNER(a, b)

// FIRN_TRY(status): returns the error to the caller, or goes on.
#define FIRN_TRY(expression)                                                              \
  do {                                                                                    \
    auto firn_status = (expression);                                                      \
    if (!firn_status.has_value()) return std::unexpected(std::move(firn_status.error())); \
  } while (false)

// FIRN_TRY_ASSIGN(auto bytes, store.Read(key)): the value, or returns the error to the caller.
#define FIRN_TRY_ASSIGN(declaration, expression) \
  FIRN_TRY_ASSIGN_AS(FIRN_CONCAT(firn_result_, __LINE__), declaration, expression)
#define FIRN_TRY_ASSIGN_AS(result, declaration, expression)                   \
  auto result = (expression);                                                 \
  if (!result.has_value()) return std::unexpected(std::move(result.error())); \
  declaration = std::move(*result)
