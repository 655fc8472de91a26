#pragma once

#include <string>
#include <string_view>

#include "aws/aws_credentials.h"
#include "base/result.h"

namespace firn {

// Where a service is.
struct AwsEndpoint {
  std::string scheme = "https";
  std::string host;  // with its port
};

// "http://127.0.0.1:9000". kInvalidArgument for another form: no path, no user.
Result<AwsEndpoint> ParseEndpoint(const std::string& endpoint);

// Amazon's own: https://dynamodb.eu-west-1.amazonaws.com.
Result<AwsEndpoint> PublicEndpoint(std::string_view service, std::string_view region);

// `configured`, unless it is empty; AWS_ENDPOINT_URL_DYNAMODB; AWS_ENDPOINT_URL; Amazon's own.
Result<AwsEndpoint> FindEndpoint(std::string_view service, std::string_view region, const std::string& configured,
                                 const Environment& environment);

}  // namespace firn
