#include "app/wiring.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/declared_tables.h"
#include "app/dynamo_scanner.h"
#include "app/remote_execute.h"
#include "app/s3_lake.h"
#include "env/memory.h"
#include "event/log_sink.h"
#include "event/outbox_drain.h"
#include "pipeline/execute.h"
#include "project/notation.h"
#include "store/local_store.h"

namespace firn {
namespace {

// On S3 a thread mostly waits for an answer: so many for each that computes, and no more than the store asks at once.
constexpr int kReadersPerThread = 32;
constexpr int kMostReaders = 256;
// How long a server is asked again that does not answer. Those who only look have somebody waiting.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kPatienceOfReaders{5};

Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  const bool full = error == std::errc::no_space_on_device;
  return Fail(full ? ErrorKind::kNoSpace : ErrorKind::kPermission,
              fmt::format("cannot make {}: {}", path, error.message()),
              "firn keeps its catalog and logs there: in the lake, or for S3 in the `state` folder");
}

// Writable all the same when this process may write it; an empty one in memory when there is none.
Result<std::unique_ptr<Catalog>> OpenCatalogToRead(const std::string& path, bool& writable) {
  std::error_code error;
  writable = std::filesystem::exists(path, error);
  if (!writable) return Catalog::Open(":memory:");
  auto catalog = Catalog::Open(path);
  if (catalog || catalog.error().kind != ErrorKind::kPermission) return catalog;
  writable = false;
  return Catalog::OpenReadOnly(path);
}

std::string TemporaryFiles() {
  std::error_code error;
  const std::string folder = std::filesystem::temp_directory_path(error).string();
  return error ? "/tmp" : folder;
}

Error NoLakeYet(const Project& project) {
  const char* hint = "`firn apply` makes it; or correct `lake:` in the project file";
  if (!project.LakeIsS3()) return {ErrorKind::kNotFound, "there is no lake " + project.LakeFolder() + " yet", hint};
  return {ErrorKind::kNotFound, fmt::format("there is no lake {} yet: no {}", project.lake, project.StateFolder()),
          "`firn apply` makes it; or correct `lake:` or `state:` in the project file"};
}

}  // namespace

Result<std::unique_ptr<Catalog>> OpenCatalogOf(const Project& project) {
  bool writable = false;
  return OpenCatalogToRead(project.StateFolder() + "/catalog.db", writable);
}

Result<std::unique_ptr<Wiring>> Wiring::Open(const Settings& settings, LakeAccess access) {
  auto wiring = std::unique_ptr<Wiring>(new Wiring());
  // The project says where everything is.
  FIRN_TRY_ASSIGN(wiring->project_, LoadProject(settings.directory, settings.environment));
  // Limits before anything that works within them.
  wiring->threads_ =
      settings.threads > 0 ? settings.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  wiring->memory_bytes_ = MachineMemoryBytes() / 4;
  if (!settings.memory.empty()) {
    const auto bytes = ParseByteSize(settings.memory);
    if (!bytes)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no amount of memory", settings.memory),
                  "Write it as 512MB or 2GB");
    wiring->memory_bytes_ = *bytes;
  }
  FIRN_TRY(access == LakeAccess::kRead ? wiring->OpenForReading() : wiring->OpenForWriting());
  wiring->random_ = std::make_unique<SystemRandom>();
  const bool s3 = wiring->project_.LakeIsS3();
  wiring->pool_ = std::make_unique<WorkerPool>(s3 ? std::clamp(wiring->threads_ * kReadersPerThread, 1, kMostReaders)
                                                  : wiring->threads_);
  // A folder lake's staging takes the temporary files of a run along when it goes.
  std::string temp_root = wiring->StatePath("staging");
  ExecuteFunction execute = Execute;
  if (s3 && access == LakeAccess::kWrite) {
    FIRN_TRY_ASSIGN(temp_root, wiring->Scratch());
    execute = RemoteExecute(*wiring->pool_, temp_root);
  }
  wiring->sources_ = MakeDynamoScanner(wiring->project_, wiring->StatePath("scans"), wiring->clock_, *wiring->random_);
  // Runs stand on all of the above.
  wiring->runs_ = std::make_unique<RunService>(
      RunServices{*wiring->store_, *wiring->catalog_, wiring->clock_, *wiring->random_, *wiring->log_, *wiring->pool_,
                  std::move(execute), wiring->sources_.get()},
      RunSettings{.time_zone = wiring->project_.time_zone,
                  .temp_root = std::move(temp_root),
                  .source_bucket = s3 ? ReadS3Url(wiring->project_.lake).bucket : "",
                  .source_prefix = s3 ? ReadS3Url(wiring->project_.lake).prefix : ""});
  return wiring;
}

Status Wiring::OpenStore(LakeAccess access) {
  if (project_.LakeIsS3()) {
    FIRN_TRY_ASSIGN(store_,
                    OpenS3Lake(project_, access == LakeAccess::kWrite ? kPatience : kPatienceOfReaders, clock_));
  } else {
    FIRN_TRY_ASSIGN(store_, OpenLocalStore(project_.LakeFolder(), access == LakeAccess::kWrite));
  }
  return {};
}

Status Wiring::OpenForWriting() {
  // The store makes the lake's folder; firn's own state may lie inside it.
  FIRN_TRY(OpenStore(LakeAccess::kWrite));
  FIRN_TRY(MakeFolder(StatePath("logs")));
  FIRN_TRY(MakeFolder(StatePath("spill")));
  FIRN_TRY_ASSIGN(catalog_, Catalog::Open(StatePath("catalog.db")));
  // The log, before the first service that writes to it.
  FIRN_TRY_ASSIGN(log_, JsonLog::Open(StatePath("logs/firn.jsonl"), clock_));
  return {};
}

Status Wiring::OpenForReading() {
  const std::string lake = project_.LakeIsS3() ? project_.StateFolder() : project_.LakeFolder();
  if (std::error_code error; !std::filesystem::exists(lake, error)) return std::unexpected(NoLakeYet(project_));
  FIRN_TRY(OpenStore(LakeAccess::kRead));
  FIRN_TRY_ASSIGN(catalog_, OpenCatalogToRead(StatePath("catalog.db"), writable_));
  auto log = JsonLog::Open(StatePath("logs/firn.jsonl"), clock_);
  if (log)
    log_ = std::move(*log);
  else
    log_ = std::make_unique<NullLog>();
  return {};
}

std::string Wiring::SpillFolder() const {
  std::error_code error;
  std::string folder = StatePath("spill");
  if (!std::filesystem::exists(StatePath(""), error) || !MakeFolder(folder)) return "";
  return access(folder.c_str(), W_OK) == 0 ? folder : "";
}

std::string Wiring::StatePath(std::string_view name) const {
  return fmt::format("{}/{}", project_.StateFolder(), name);
}

Result<std::string> Wiring::Scratch() {
  if (scratch_ == nullptr) {
    auto made = ScratchFolder::Make(StatePath("scratch"));
    const bool forbidden = !made && made.error().kind == ErrorKind::kPermission;
    if (forbidden) made = ScratchFolder::Make(fmt::format("{}/firn-{}", TemporaryFiles(), getuid()));
    FIRN_TRY_ASSIGN(scratch_, std::move(made));
  }
  return scratch_->path();
}

Status Wiring::DeclareTables() {
  FIRN_TRY_ASSIGN(const auto tables, DeclaredTables(project_, *catalog_, clock_.NowNs()));
  for (const TableRecord& table : tables) FIRN_TRY(catalog_->PutTable(table));
  return {};
}

void Wiring::Recover() {
  if (!writable_) return;
  if (const Status recovered = runs_->Recover(); !recovered)
    log_->Write(LogLevel::kWarning, "recovery is not complete: " + recovered.error().Text());
}

Result<int64_t> Wiring::DeliverEvents() {
  if (!writable_) return 0;
  LogSink sink(StatePath("events.jsonl"));
  FIRN_TRY_ASSIGN(const DrainResult drained, DrainOutbox(*catalog_, sink, clock_));
  if (drained.failed > 0)
    log_->Write(LogLevel::kWarning,
                fmt::format("{} events could not be delivered; firn events shows why", drained.failed));
  return drained.failed;
}

}  // namespace firn
