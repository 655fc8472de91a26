#include "aws/aws_endpoint.h"

#include <gtest/gtest.h>

#include <map>

namespace firn {
namespace {

Environment With(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string Find(const std::string& configured, const Environment& environment, const std::string& region = "r") {
  const auto endpoint = FindEndpoint("dynamodb", region, configured, environment);
  return endpoint ? endpoint->scheme + "://" + endpoint->host : endpoint.error().message;
}

TEST(AwsEndpoint, IsTheConfiguredOneThenTheEnvironmentsThenAmazons) {
  const Environment both = With({{"AWS_ENDPOINT_URL_DYNAMODB", "http://a:1"}, {"AWS_ENDPOINT_URL", "http://b:2/"}});
  EXPECT_EQ(Find("https://c", both), "https://c");
  EXPECT_EQ(Find("", both), "http://a:1");
  EXPECT_EQ(Find("", With({{"AWS_ENDPOINT_URL", "http://b:2/"}})), "http://b:2");
  EXPECT_EQ(Find("", With({}), "eu-west-1"), "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(Find("", With({}), "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
}

TEST(AwsEndpoint, OfAnotherFormIsRefusedWithWhereItCameFrom) {
  EXPECT_EQ(Find("host:1", With({})), "'host:1' is no endpoint");
  EXPECT_EQ(Find("", With({{"AWS_ENDPOINT_URL", "ftp://b\n"}})), "AWS_ENDPOINT_URL: 'ftp://b ' is no endpoint");
}

}  // namespace
}  // namespace firn
