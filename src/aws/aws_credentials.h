#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/aws_signature.h"
#include "base/result.h"

namespace firn {

// What the settings of a store say about who asks. All may be empty.
struct AwsIdentity {
  std::string access_key;  // with secret_key: these, and nothing else is looked at
  std::string secret_key;
  std::string session_token;
  std::string profile;  // a section of the shared files: before the environment's keys
  std::string region;
};

// A variable of the environment: std::nullopt when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] Environment ProcessEnvironment();

// In this order: the identity's own keys; its profile; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
// the profile AWS_PROFILE, or "default". A profile is looked for in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials)
// and in AWS_CONFIG_FILE (~/.aws/config). kPermission when nobody says who we are, kNotFound when the named profile is
// in neither file.
Result<AwsCredentials> FindAwsCredentials(const AwsIdentity& identity, const Environment& environment);

// The identity's own; AWS_REGION; AWS_DEFAULT_REGION; the profile's; "us-east-1".
[[nodiscard]] std::string FindAwsRegion(const AwsIdentity& identity, const Environment& environment);

}  // namespace firn
