#pragma once

#include <string_view>

#include "aws/http_client.h"
#include "base/result.h"

namespace firn {

// The answer of an S3 server that is not a success, as an error of ours: "cannot read a/b.csv: the server says
// SlowDown, Please reduce your request rate", with its kind and what the operator can do. `key` is the lake's. Both a
// status over 299 and an <Error> in the body of a 200.
[[nodiscard]] std::unexpected<Error> FailWithS3(const HttpResponse& response, std::string_view action,
                                                std::string_view key);

// Whether the answer has an <Error> in spite of its status.
[[nodiscard]] bool IsS3Success(const HttpResponse& response);

}  // namespace firn
