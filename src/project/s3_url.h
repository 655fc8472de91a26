#pragma once

#include <string>
#include <string_view>

namespace firn {

// A lake in a bucket, as the project file names it: "s3://bucket/prefix".
struct S3Url {
  std::string bucket;
  std::string prefix;  // without slashes at its ends; "": the lake is the whole bucket
};

[[nodiscard]] bool IsS3Url(std::string_view lake);
[[nodiscard]] S3Url ReadS3Url(std::string_view lake);

}  // namespace firn
