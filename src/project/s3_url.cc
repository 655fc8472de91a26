#include "project/s3_url.h"

#include <algorithm>

namespace firn {
namespace {

constexpr std::string_view kScheme = "s3://";

}  // namespace

bool IsS3Url(std::string_view lake) {
  return lake.starts_with(kScheme);
}

S3Url ReadS3Url(std::string_view lake) {
  const std::string_view place = lake.substr(kScheme.size());
  const size_t slash = std::min(place.find('/'), place.size());
  std::string_view prefix = place.substr(slash);
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return {std::string(place.substr(0, slash)), std::string(prefix)};
}

}  // namespace firn
