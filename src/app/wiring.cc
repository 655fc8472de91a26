#include "app/wiring.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/declared_tables.h"
#include "env/memory.h"
#include "event/log_sink.h"
#include "event/outbox_drain.h"
#include "pipeline/execute.h"

namespace firn {
namespace {

constexpr std::string_view kState = ".firn";

Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  const bool full = error == std::errc::no_space_on_device;
  return Fail(full ? ErrorKind::kNoSpace : ErrorKind::kPermission,
              fmt::format("cannot make {}: {}", path, error.message()), "firn keeps its catalog and logs in the lake");
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

Status RequireFolder(const Project& project) {
  if (!project.LakeIsS3()) return {};
  return Fail(ErrorKind::kUnsupported,
              fmt::format("the lake {} is on S3, which this version does not open", project.lake),
              "Use a folder as the lake");
}

}  // namespace

Result<std::unique_ptr<Catalog>> OpenCatalogOf(const Project& project) {
  FIRN_TRY(RequireFolder(project));
  bool writable = false;
  return OpenCatalogToRead(fmt::format("{}/{}/catalog.db", project.LakeFolder(), kState), writable);
}

Result<std::unique_ptr<Wiring>> Wiring::Open(const Settings& settings, LakeAccess access) {
  auto wiring = std::unique_ptr<Wiring>(new Wiring());
  // The project says where everything is.
  FIRN_TRY_ASSIGN(wiring->project_, LoadProject(settings.directory, settings.environment));
  FIRN_TRY(RequireFolder(wiring->project_));
  // Limits before anything that works within them.
  wiring->threads_ =
      settings.threads > 0 ? settings.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  wiring->memory_bytes_ = MachineMemoryBytes() / 4;
  if (!settings.memory.empty()) {
    FIRN_TRY_ASSIGN(wiring->memory_bytes_, ParseByteSize(settings.memory));
  }
  FIRN_TRY(access == LakeAccess::kRead ? wiring->OpenForReading() : wiring->OpenForWriting());
  wiring->random_ = std::make_unique<SystemRandom>();
  wiring->pool_ = std::make_unique<WorkerPool>(wiring->threads_);
  // Runs stand on all of the above.
  wiring->runs_ = std::make_unique<RunService>(
      RunServices{*wiring->store_, *wiring->catalog_, wiring->clock_, *wiring->random_, *wiring->log_, *wiring->pool_,
                  Execute},
      RunSettings{.time_zone = wiring->project_.time_zone, .temp_root = wiring->StatePath("staging")});
  return wiring;
}

Status Wiring::OpenForWriting() {
  // The store makes the lake's folder; firn's own state lies inside it.
  FIRN_TRY_ASSIGN(store_, OpenLocalStore(project_.LakeFolder(), true));
  FIRN_TRY(MakeFolder(StatePath("logs")));
  FIRN_TRY(MakeFolder(StatePath("spill")));
  FIRN_TRY_ASSIGN(catalog_, Catalog::Open(StatePath("catalog.db")));
  // The log, before the first service that writes to it.
  FIRN_TRY_ASSIGN(log_, JsonLog::Open(StatePath("logs/firn.jsonl"), clock_));
  return {};
}

Status Wiring::OpenForReading() {
  if (std::error_code error; !std::filesystem::exists(project_.LakeFolder(), error))
    return Fail(ErrorKind::kNotFound, fmt::format("there is no lake {} yet", project_.LakeFolder()),
                "`firn apply` makes it; or correct `lake:` in the project file");
  FIRN_TRY_ASSIGN(store_, OpenLocalStore(project_.LakeFolder(), false));
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
  return store_->PathOf(fmt::format("{}/{}", kState, name));
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
