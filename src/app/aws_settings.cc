#include "app/aws_settings.h"

namespace firn {
namespace {

bool HasKeys(const Environment& environment) {
  return environment("AWS_ACCESS_KEY_ID") && environment("AWS_SECRET_ACCESS_KEY");
}

}  // namespace

std::string FirstSet(const Environment& environment, std::initializer_list<const char*> variables,
                     const std::string& otherwise) {
  for (const char* variable : variables)
    if (auto value = environment(variable)) return *value;
  return otherwise;
}

AwsIdentity IdentityOf(const Environment& environment, const std::string& region, const std::string& profile) {
  AwsIdentity identity;
  identity.region = FirstSet(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"}, region);
  identity.profile = HasKeys(environment) ? "" : FirstSet(environment, {"AWS_PROFILE"}, profile);
  return identity;
}

}  // namespace firn
