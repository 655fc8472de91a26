#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace firn {

// Why a service of AWS did not do what it was asked.
struct ServiceRefusal {
  int status = 0;          // of HTTP
  std::string code;        // "ThrottlingException", without the namespace before it; empty: none was given
  std::string message;     // the service's words
  std::string request_id;  // what AWS's support asks for; may be empty
};

// The code without what services write around it: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
// "ValidationException:http://internal.amazon.com/coral/...".
[[nodiscard]] std::string_view BareCode(std::string_view type);

// By the code where it is one that all services share or DynamoDB's own, else by the status. kUnavailable: it did not
// happen, and passes by itself.
[[nodiscard]] ErrorKind KindOf(const ServiceRefusal& refusal);

// "cannot <doing>: the service says ThrottlingException, Rate exceeded (request 7H...)", its kind and what to do.
[[nodiscard]] Error ErrorOf(const ServiceRefusal& refusal, std::string_view doing);

}  // namespace firn
