#pragma once

#include <parquet/exception.h>

#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace firn {

// A failure of the store in the middle of Parquet's work. GuardParquet gives the error back as it was.
class StoreFailure : public std::exception {
 public:
  explicit StoreFailure(Error error) : error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

// The one place where exceptions of Parquet and Arrow become errors. `what` names the object. kCorrupt: the bytes are
// not what they claim to be.
template <class F>
auto GuardParquet(std::string_view what, F&& body)
    -> std::conditional_t<std::is_void_v<std::invoke_result_t<F>>, Status, std::invoke_result_t<F>> {
  constexpr auto kHint = "The file is damaged or not Parquet: replace it, or set bad_files: quarantine";
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const StoreFailure& failure) {
    return std::unexpected(failure.error());
  } catch (const std::bad_alloc&) {
    return Fail(ErrorKind::kCorrupt, std::string(what) + ": it claims more memory than this machine has", kHint);
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kCorrupt, std::string(what) + ": " + e.what(), kHint);
  }
}

}  // namespace firn
