#include "aws/aws_credentials.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>

namespace firn {
namespace {

using Section = std::map<std::string, std::string, std::less<>>;

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r").contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r").contains(text.back())) text.remove_suffix(1);
  return text;
}

// The settings of one section of a file of AWS's tools; std::nullopt when it is not there.
std::optional<Section> ReadSection(const std::string& path, std::string_view wanted) {
  std::ifstream file(path);
  std::optional<Section> section;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = Trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[') {
      inside = Trimmed(text.substr(1, text.find(']') - 1)) == wanted;
      if (inside && !section) section.emplace();
      continue;
    }
    const size_t equals = text.find('=');
    // Indented lines belong to a setting with parts ("s3 ="), none of which is ours.
    if (!inside || equals == std::string_view::npos || line.front() == ' ' || line.front() == '\t') continue;
    section->insert_or_assign(std::string(Trimmed(text.substr(0, equals))),
                              std::string(Trimmed(text.substr(equals + 1))));
  }
  return section;
}

std::string FileNamed(const Environment& environment, const char* variable, const char* usual) {
  if (const auto path = environment(variable)) return *path;
  return environment("HOME").value_or("") + usual;
}

std::string ProfileName(const AwsIdentity& identity, const Environment& environment) {
  return identity.profile.empty() ? environment("AWS_PROFILE").value_or("default") : identity.profile;
}

// What both files say about a profile; the credentials file wins.
std::optional<Section> ReadProfile(const std::string& name, const Environment& environment) {
  auto of_credentials = ReadSection(FileNamed(environment, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"), name);
  auto of_config = ReadSection(FileNamed(environment, "AWS_CONFIG_FILE", "/.aws/config"),
                               name == "default" ? name : "profile " + name);
  if (!of_credentials) return of_config;
  if (of_config) of_credentials->merge(*of_config);
  return of_credentials;
}

std::string Setting(const std::optional<Section>& section, std::string_view name) {
  if (!section) return {};
  const auto found = section->find(name);
  return found == section->end() ? std::string() : found->second;
}

std::optional<AwsCredentials> KeysOf(const std::optional<Section>& profile) {
  AwsCredentials keys{Setting(profile, "aws_access_key_id"), Setting(profile, "aws_secret_access_key"),
                      Setting(profile, "aws_session_token")};
  if (keys.access_key.empty() || keys.secret_key.empty()) return std::nullopt;
  return keys;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
  };
}

Result<AwsCredentials> FindAwsCredentials(const AwsIdentity& identity, const Environment& environment) {
  if (identity.access_key.empty() != identity.secret_key.empty())
    return Fail(ErrorKind::kInvalidArgument, "of access_key and secret_key only one is given", "Give both, or neither");
  if (!identity.access_key.empty())
    return AwsCredentials{identity.access_key, identity.secret_key, identity.session_token};
  const auto access_key = environment("AWS_ACCESS_KEY_ID");
  const auto secret_key = environment("AWS_SECRET_ACCESS_KEY");
  if (identity.profile.empty() && access_key && secret_key)
    return AwsCredentials{*access_key, *secret_key, environment("AWS_SESSION_TOKEN").value_or("")};
  const std::string name = ProfileName(identity, environment);
  const auto profile = ReadProfile(name, environment);
  if (auto keys = KeysOf(profile)) return std::move(*keys);
  if (!identity.profile.empty() && !profile)
    return Fail(
        ErrorKind::kNotFound, fmt::format("there is no profile '{}' in the files of the AWS tools", name),
        "`aws configure --profile` makes one; AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name other files");
  return Fail(ErrorKind::kPermission, fmt::format("no keys: none are set, and the profile '{}' has none", name),
              "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has keys of its own");
}

std::string FindAwsRegion(const AwsIdentity& identity, const Environment& environment) {
  if (!identity.region.empty()) return identity.region;
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = environment(variable)) return *region;
  }
  const std::string of_profile = Setting(ReadProfile(ProfileName(identity, environment), environment), "region");
  return of_profile.empty() ? "us-east-1" : of_profile;
}

}  // namespace firn
