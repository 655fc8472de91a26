#include "app/lake_key.h"

#include <fmt/format.h>

#include <filesystem>

namespace firn {
namespace {

std::unexpected<Error> NotInLake(const Project& project, const std::string& name) {
  return Fail(ErrorKind::kInvalidArgument,
              fmt::format("'{}' is not in the lake {}", name, project.LakeIsS3() ? project.lake : project.LakeFolder()),
              "Name an object by its key in the lake, e.g. landing/a.csv.");
}

// "a/b" below "a" is "b".
std::optional<std::string> Below(std::string_view folder, std::string_view key) {
  if (folder.empty()) return std::string(key);
  if (key.size() <= folder.size() + 1 || !key.starts_with(folder) || key[folder.size()] != '/') return std::nullopt;
  return std::string(key.substr(folder.size() + 1));
}

}  // namespace

Result<ObjectKey> LakeKeyOf(const Project& project, const std::string& name) {
  if (IsS3Url(name)) {
    if (!project.LakeIsS3()) return NotInLake(project, name);
    const S3Url url = ReadS3Url(name);
    return LakeKeyOf(project, url.bucket, url.prefix);
  }
  if (!name.starts_with('/')) return name;
  const std::string path = std::filesystem::path(name).lexically_normal().string();
  auto key = project.LakeIsS3() ? std::nullopt : Below(project.LakeFolder(), path);
  if (!key) return NotInLake(project, name);
  return *key;
}

Result<ObjectKey> LakeKeyOf(const Project& project, const std::string& bucket, const std::string& key) {
  if (!project.LakeIsS3()) return key;
  const S3Url lake = ReadS3Url(project.lake);
  auto below = bucket == lake.bucket ? Below(lake.prefix, key) : std::nullopt;
  if (!below) return NotInLake(project, fmt::format("s3://{}/{}", bucket, key));
  return *below;
}

}  // namespace firn
