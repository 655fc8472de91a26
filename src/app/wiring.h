#pragma once

#include <memory>
#include <stop_token>

#include "app/settings.h"
#include "catalog/catalog.h"
#include "env/clock.h"
#include "env/log.h"
#include "env/random.h"
#include "env/worker_pool.h"
#include "project/project.h"
#include "run/run_service.h"
#include "store/object_store.h"
#include "store/scratch_folder.h"

namespace firn {

// What a verb may do to the lake. kRead makes nothing, and needs no right to write; when there is no catalog yet, it
// sees an empty one.
enum class LakeAccess { kRead, kWrite };

// The catalog of a project's lake for reading, which need not be there.
Result<std::unique_ptr<Catalog>> OpenCatalogOf(const Project& project);

// Everything that a verb works with, built in order and given up in reverse. One a process.
class Wiring {
 public:
  // kNotFound for reading a lake that is not there; else the errors of what it opens. A lake on S3 is asked nothing.
  static Result<std::unique_ptr<Wiring>> Open(const Settings& settings, LakeAccess access);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  [[nodiscard]] const Project& project() const { return project_; }
  [[nodiscard]] ObjectStore& store() { return *store_; }
  [[nodiscard]] Catalog& catalog() { return *catalog_; }
  [[nodiscard]] RunService& runs() { return *runs_; }
  [[nodiscard]] WorkerPool& pool() { return *pool_; }  // for what waits for the store
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] bool writable() const { return writable_; }  // false when there is no catalog, too
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] int readers() const { return pool_->threads(); }
  [[nodiscard]] int64_t memory_bytes() const { return memory_bytes_; }
  [[nodiscard]] std::string SpillFolder() const;  // where queries may spill; "" when nothing can be made there
  // A file or folder of firn's own on this machine: <lake>/.firn/<name>, or, for a lake on S3, in its state folder.
  [[nodiscard]] std::string StatePath(std::string_view name) const;
  // Of this process, on this machine, until it ends: in the state folder, or that of temporary files where it may only
  // be read.
  Result<std::string> Scratch();

  // Puts DeclaredTables() into the catalog, so that crawls and runs find them.
  Status DeclareTables();
  // Ends what killed runs left, as far as it can: what it cannot is logged, and must not block the verb. Nothing in a
  // lake that may only be read.
  void Recover();
  // Takes the outbox's events to the sink: events.jsonl of the state folder. How many could not be delivered: they stay
  // for the next time, and that is logged.
  Result<int64_t> DeliverEvents();

 private:
  Wiring() = default;
  Status OpenForReading();
  Status OpenForWriting();
  Status OpenStore(LakeAccess access);

  Project project_;
  bool writable_ = true;
  int threads_ = 1;
  int64_t memory_bytes_ = 0;
  SystemClock clock_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<ScratchFolder> scratch_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<SourceScanner> sources_;
  std::unique_ptr<RunService> runs_;
};

}  // namespace firn
