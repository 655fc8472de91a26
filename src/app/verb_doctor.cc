#include <fmt/format.h>
#include <sys/statvfs.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "app/s3_lake.h"
#include "app/verbs.h"
#include "app/wiring.h"
#include "env/memory.h"
#include "run/file_check.h"

namespace firn {
namespace {

// The hint of an error may send people here, where they are.
std::string WithoutUs(const std::string& advice) {
  constexpr std::string_view kSelf = "Run `firn doctor`; r";
  return advice.starts_with(kSelf) ? "R" + advice.substr(kSelf.size()) : advice;
}

// What doctor says: one line a check.
class Checkup {
 public:
  void Good(std::string check, std::string what) { Add(std::move(check), "ok", std::move(what), ""); }
  void Bad(std::string check, std::string what, const std::string& advice) {
    Add(std::move(check), "problem", std::move(what), advice);
    ++problems_;
  }
  [[nodiscard]] const Json& json() const { return list_; }
  [[nodiscard]] bool healthy() const { return problems_ == 0; }

 private:
  void Add(std::string check, const char* state, std::string what, const std::string& advice) {
    list_.push_back(
        {{"check", std::move(check)}, {"state", state}, {"finding", std::move(what)}, {"advice", WithoutUs(advice)}});
  }
  Json list_ = Json::array();
  int problems_ = 0;
};

constexpr size_t kMostFilesSaid = 100;

void CheckLake(Wiring& wiring, Checkup& findings) {
  const std::string catalog = wiring.StatePath("catalog.db");
  if (!std::filesystem::exists(catalog))
    return findings.Good("lake", wiring.store().Describe() + ", without a catalog yet");
  if (wiring.writable()) return findings.Good("lake", wiring.store().Describe());
  findings.Bad("lake", fmt::format("permission denied: {} may be read only", catalog),
               "Make the catalog's file and its folder writable for this user: runs, crawls and recovery need that");
}

void CheckCatalog(Wiring& wiring, Checkup& findings) {
  const auto wrong = wiring.catalog().CheckIntegrity();
  const char* advice = "Restore .firn/catalog.db from a copy, or move it away, run firn apply and crawl again";
  if (!wrong) return findings.Bad("catalog", wrong.error().message, advice);
  if (wrong->empty()) findings.Good("catalog", "whole");
  for (const std::string& line : *wrong) findings.Bad("catalog", line, advice);
}

void CheckUnfinished(Wiring& wiring, Checkup& findings) {
  const auto runs = wiring.catalog().UnfinishedRuns();
  if (!runs) return findings.Bad("runs", runs.error().message, runs.error().hint);
  if (runs->empty()) findings.Good("runs", "none is unfinished");
  for (const RunRecord& run : *runs)
    findings.Bad("runs", fmt::format("{} of {} is {}", run.id.str(), run.job.str(), NameOf(run.state)),
                 "Nothing, while its process works");
}

// Of a job that only merges or appends, the partition cannot be written anew as it is.
std::string AdviceFor(const Project& project, const TableName& table) {
  std::string advice = "Put it back, or rewrite the partition: ";
  const Json jobs = project.canonical.value("jobs", Json::object());
  for (const auto& [name, job] : jobs.items()) {
    const Json write = job.value("write", Json::object());
    if (write.value("table", Json()) != Json(table.str())) continue;
    if (write.value("mode", Json()) == Json("overwrite_partitions")) return advice + fmt::format("firn run {}", name);
    return advice + fmt::format("give job {} `mode: overwrite_partitions` for one run, with --bookmark disable", name);
  }
  return advice + "run a job with mode: overwrite_partitions that writes it";
}

void CheckFiles(Wiring& wiring, Checkup& findings) {
  const auto damaged = FindDamagedFiles(wiring.store(), wiring.catalog());
  if (!damaged) return findings.Bad("files", damaged.error().message, damaged.error().hint);
  if (damaged->empty()) findings.Good("files", "all that was committed is there");
  for (size_t i = 0; i < std::min(damaged->size(), kMostFilesSaid); ++i) {
    const DamagedFile& file = (*damaged)[i];
    findings.Bad("files", fmt::format("{} of table '{}' {}", file.key, file.table.str(), file.problem),
                 AdviceFor(wiring.project(), file.table));
  }
  if (damaged->size() > kMostFilesSaid)
    findings.Bad("files", fmt::format("and {} more", damaged->size() - kMostFilesSaid), "As for those above");
}

void CheckStaging(Wiring& wiring, Checkup& findings) {
  const auto leftovers = FindLeftovers(wiring.store(), wiring.catalog());
  if (!leftovers) return findings.Bad("staging", leftovers.error().message, leftovers.error().hint);
  if (leftovers->empty()) findings.Good("staging", "nothing is left over");
  for (const std::string& folder : *leftovers)
    findings.Bad("staging", folder + " is left over from a run that is over",
                 "The log says why it could not be removed");
}

void CheckSpace(Wiring& wiring, Checkup& findings) {
  struct statvfs space{};
  const Project& project = wiring.project();
  const std::string folder = project.LakeIsS3() ? project.StateFolder() : project.LakeFolder();
  if (statvfs(folder.c_str(), &space) != 0)
    return findings.Bad("space", fmt::format("the disk of {} does not answer", folder), "Look at the disk");
  const auto free = static_cast<int64_t>(space.f_bavail * space.f_frsize);
  const std::string where = project.LakeIsS3() ? "the state folder" : "the lake";
  if (free < int64_t{1} << 30)
    findings.Bad("space", fmt::format("{} free in {}", HumanBytes(free), where),
                 project.LakeIsS3() ? "Runs and queries need room for what they fetch"
                                    : "A run needs room for its output beside the old one");
  else
    findings.Good("space", fmt::format("{} free in {}", HumanBytes(free), where));
}

// Keys, endpoint, bucket and rights, in one request that is not repeated: false when the lake cannot be looked into.
bool CheckBucket(const Project& project, Checkup& findings) {
  const Environment environment = ProcessEnvironment();
  const auto store = OpenS3Store(S3SettingsOf(project, environment), environment);
  if (!store) {
    findings.Bad("bucket", store.error().message, store.error().hint);
    return false;
  }
  const auto listed = (*store)->ListFolder(".firn/doctor");
  if (!listed)
    findings.Bad("bucket", listed.error().message, listed.error().hint);
  else
    findings.Good("bucket", (*store)->Describe() + " answers");
  return listed.has_value();
}

void CheckWiring(Wiring& wiring, Checkup& findings) {
  const Project& project = wiring.project();
  const bool reached = !project.LakeIsS3() || CheckBucket(project, findings);
  if (reached) wiring.Recover();
  CheckLake(wiring, findings);
  CheckCatalog(wiring, findings);
  CheckUnfinished(wiring, findings);
  if (reached) CheckFiles(wiring, findings);
  if (reached) CheckStaging(wiring, findings);
  CheckSpace(wiring, findings);
}

VerbResult Doctor(const Settings& settings) {
  Checkup findings;
  const auto project = LoadProject(settings.directory, settings.environment);
  if (project)
    findings.Good("project", fmt::format("{} with {} tables and {} jobs", project->name, project->tables.size(),
                                         project->jobs.size()));
  else
    findings.Bad("project", project.error().message, project.error().hint);
  findings.Good("machine", fmt::format("{} of memory", HumanBytes(MachineMemoryBytes())));
  if (project) {
    const auto wiring = Wiring::Open(settings, LakeAccess::kRead);
    if (wiring)
      CheckWiring(**wiring, findings);
    else
      findings.Bad("lake", wiring.error().message, wiring.error().hint);
  }
  const Screen screen(settings.output);
  if (screen.json())
    screen.Record({{"healthy", findings.healthy()}, {"checks", findings.json()}});
  else
    screen.Records(findings.json(), "");
  return findings.healthy() ? 0 : 1;
}

}  // namespace

void AddDoctorVerb(CLI::App& app, ChosenVerb& chosen) {
  app.add_subcommand("doctor", "Look for what is wrong with project, lake and catalog, and say what to do")
      ->callback([&chosen] { chosen = Doctor; });
}

}  // namespace firn
