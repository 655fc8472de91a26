#include "project/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "project/canonical_json.h"
#include "project/overlay.h"
#include "project/project_build.h"
#include "project/sql_check.h"
#include "project/structure_check.h"
#include "project/variables.h"

namespace firn {
namespace {

constexpr const char* kBaseFile = "firn.yaml";

std::string OverlayFile(const std::string& env) {
  return "firn." + env + ".yaml";
}

// The texts of a project, before they are understood.
struct ProjectText {
  std::string base;
  std::string overlay;
};

Result<std::string> ReadText(const std::filesystem::path& path, const std::string& hint) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return Fail(ErrorKind::kNotFound, fmt::format("no file {}", path.string()), hint);
  if (!std::filesystem::is_regular_file(path, error))
    return Fail(ErrorKind::kInvalidArgument, fmt::format("{} is not a file", path.string()),
                "Put the project file there.");
  const auto fail = [&] {
    return Fail(errno == EACCES ? ErrorKind::kPermission : ErrorKind::kIo,
                fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)),
                "Check the file's permissions.");
  };
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail();
  std::string bytes;
  std::array<char, 16'384> block;
  // A block more than is allowed is enough to refuse it.
  while (stream && bytes.size() <= YamlLimits{}.bytes) {
    stream.read(block.data(), block.size());
    bytes.append(block.data(), static_cast<size_t>(stream.gcount()));
  }
  if (stream.bad()) return fail();
  return bytes;
}

std::vector<std::string> EnvironmentsOf(const std::string& dir) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    const std::string file = entry.path().filename().string();
    if (file.size() > 10 && file.starts_with("firn.") && file.ends_with(".yaml"))
      names.push_back(file.substr(5, file.size() - 10));
  }
  std::ranges::sort(names);
  return names;
}

Result<ProjectText> ReadProject(const std::string& dir, const std::string& env) {
  ProjectText text;
  FIRN_TRY_ASSIGN(text.base, ReadText(std::filesystem::path(dir) / kBaseFile,
                                      "Go to the project's folder, or name it: firn -C DIR."));
  if (env.empty()) return text;
  if (!IsResourceName(env))
    return Fail(ErrorKind::kInvalidArgument, fmt::format("{} is not an environment's name", Quoted(env)),
                "Use letters, digits, '_' and '-'.");
  const std::vector<std::string> known = EnvironmentsOf(dir);
  const std::string hint = known.empty()
                               ? fmt::format("Write {} with the keys that differ; it may be empty.", OverlayFile(env))
                               : SuggestKey(env, known);
  FIRN_TRY_ASSIGN(text.overlay, ReadText(std::filesystem::path(dir) / OverlayFile(env), hint));
  return text;
}

// The checked document, when there are no findings.
std::optional<YamlNode> CheckProject(const std::string& env, const ProjectText& text, Findings& findings) {
  std::optional<YamlNode> root = ParseYaml(kBaseFile, text.base, findings);
  std::optional<YamlNode> overlay = YamlNode{};
  if (!env.empty()) overlay = ParseYaml(OverlayFile(env), text.overlay, findings);
  if (!root || !overlay) return std::nullopt;
  if (root->kind == YamlKind::kNull) {
    findings.Add({kBaseFile, 1, 1}, "the project file is empty",
                 "Begin with `project: NAME`; docs/reference/project-file.md shows the keys.");
    return std::nullopt;
  }
  *root = PutInVariables(MergeOverlay(std::move(*root), *overlay, findings), findings);
  CheckStructure(*root, findings);
  if (root->kind == YamlKind::kMap) CheckReferences(*root, findings);
  return findings.empty() ? std::move(root) : std::nullopt;
}

std::vector<Finding> Sorted(const Findings& findings) {
  std::vector<Finding> list = findings.list();
  std::ranges::stable_sort(list, [](const Finding& a, const Finding& b) {
    return std::tuple(a.file != kBaseFile, a.line, a.column) < std::tuple(b.file != kBaseFile, b.line, b.column);
  });
  return list;
}

Result<Project> BuildChecked(const std::string& dir, const std::string& env, const ProjectText& text) {
  Findings findings;
  std::optional<YamlNode> root = CheckProject(env, text, findings);
  if (root) return BuildProject(*root, dir, env);
  const std::vector<Finding> list = Sorted(findings);
  const std::string more = list.size() > 1 ? fmt::format(" (and {} more: firn validate)", list.size() - 1) : "";
  return Fail(ErrorKind::kInvalidArgument, list.front().Text() + more, list.front().hint);
}

template <class Named, class Name>
const Named* FindByName(const std::vector<Named>& list, const Name& name) {
  const auto found = std::ranges::find(list, name, &Named::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::string AbsoluteIn(const std::string& directory, const std::string& path) {
  std::error_code error;
  const std::filesystem::path written = std::filesystem::path(directory) / path;
  const std::filesystem::path absolute = std::filesystem::absolute(written, error).lexically_normal();
  const std::string text = error ? written.string() : absolute.string();
  return text.size() > 1 && text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

std::string Project::LakeFolder() const {
  return AbsoluteIn(directory, lake);
}

// Two lakes never share one, whatever the environments of a project say.
std::string Project::StateFolder() const {
  if (!LakeIsS3()) return LakeFolder() + "/.firn";
  const S3Url url = ReadS3Url(lake);
  return AbsoluteIn(directory, state) + "/" + url.bucket + (url.prefix.empty() ? "" : "/" + url.prefix);
}

const TableDefinition* Project::FindTable(const TableName& table) const {
  return FindByName(tables, table);
}

const CrawlerDefinition* Project::FindCrawler(std::string_view crawler) const {
  return FindByName(crawlers, crawler);
}

Result<const JobDeclaration*> Project::GetJob(const JobName& job) const {
  if (const JobDeclaration* found = FindByName(jobs, job)) return found;
  std::vector<std::string> names;
  for (const JobDeclaration& each : jobs) names.push_back(each.name.str());
  return Fail(ErrorKind::kNotFound, fmt::format("no job {} in project '{}'", Quoted(job.str()), name),
              names.empty() ? "Declare it under `jobs` in firn.yaml." : SuggestKey(job.str(), names));
}

Result<const WorkgroupDefinition*> Project::GetWorkgroup(const std::string& workgroup) const {
  if (const WorkgroupDefinition* found = FindByName(workgroups, workgroup)) return found;
  std::vector<std::string> names;
  for (const WorkgroupDefinition& each : workgroups) names.push_back(each.name);
  return Fail(ErrorKind::kNotFound, fmt::format("no workgroup {} in project '{}'", Quoted(workgroup), name),
              names.empty() ? "Declare it under `workgroups` in firn.yaml." : SuggestKey(workgroup, names));
}

Result<Project> ParseProject(const std::string& dir, const std::string& env, const std::string& base,
                             const std::string& overlay) {
  return BuildChecked(dir, env, {base, overlay});
}

std::vector<Finding> ValidateProjectText(const std::string& env, const std::string& base, const std::string& overlay) {
  Findings findings;
  if (const std::optional<YamlNode> root = CheckProject(env, {base, overlay}, findings)) CheckSql(*root, findings);
  return Sorted(findings);
}

Result<Project> LoadProject(const std::string& dir, const std::string& env) {
  FIRN_TRY_ASSIGN(const ProjectText text, ReadProject(dir, env));
  return BuildChecked(dir, env, text);
}

std::vector<Finding> ValidateProject(const std::string& dir, const std::string& env) {
  Result<ProjectText> text = ReadProject(dir, env);
  if (text.has_value()) return ValidateProjectText(env, text->base, text->overlay);
  const bool base_exists = std::filesystem::exists(std::filesystem::path(dir) / kBaseFile);
  return {{base_exists && !env.empty() ? OverlayFile(env) : kBaseFile, 1, 1, text.error().message, text.error().hint}};
}

}  // namespace firn
