#include "aws/aws_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/printable.h"

namespace firn {

Result<AwsEndpoint> ParseEndpoint(const std::string& endpoint) {
  const size_t end = endpoint.find("://");
  AwsEndpoint parsed;
  if (end != std::string::npos) parsed = {endpoint.substr(0, end), endpoint.substr(end + 3)};
  if (parsed.host.ends_with('/')) parsed.host.pop_back();
  const bool known = parsed.scheme == "http" || parsed.scheme == "https";
  if (known && !parsed.host.empty() && parsed.host.find_first_of("/?#@ ") == std::string::npos) return parsed;
  return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no endpoint", Printable(endpoint)),
              "Write it as https://host or http://host:port");
}

Result<AwsEndpoint> PublicEndpoint(std::string_view service, std::string_view region) {
  return AwsEndpoint{"https",
                     fmt::format("{}.{}.amazonaws.com{}", service, region, region.starts_with("cn-") ? ".cn" : "")};
}

Result<AwsEndpoint> FindEndpoint(std::string_view service, std::string_view region, const std::string& configured,
                                 const Environment& environment) {
  if (!configured.empty()) return ParseEndpoint(configured);
  std::string variable = fmt::format("AWS_ENDPOINT_URL_{}", service);
  std::ranges::transform(variable, variable.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const char* name : {variable.c_str(), "AWS_ENDPOINT_URL"}) {
    const auto endpoint = environment(name);
    if (!endpoint) continue;
    auto parsed = ParseEndpoint(*endpoint);
    if (!parsed) return std::unexpected(std::move(parsed.error()).Within(name));
    return parsed;
  }
  return PublicEndpoint(service, region);
}

}  // namespace firn
