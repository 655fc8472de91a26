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
#include "store/local_store.h"

namespace firn {

// What a verb may do to the lake. kRead makes nothing, and needs no right to write; when there is no catalog yet, it
// sees an empty one.
enum class LakeAccess { kRead, kWrite };

// The catalog of a project's lake for reading, which need not be there.
Result<std::unique_ptr<Catalog>> OpenCatalogOf(const Project& project);

// Everything that a verb works with, built in order and given up in reverse. One a process.
class Wiring {
 public:
  // kUnsupported for a lake that is not a folder; kNotFound for reading one that is not there; else the errors of what
  // it opens.
  static Result<std::unique_ptr<Wiring>> Open(const Settings& settings, LakeAccess access);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  [[nodiscard]] const Project& project() const { return project_; }
  [[nodiscard]] LocalStore& store() { return *store_; }
  [[nodiscard]] Catalog& catalog() { return *catalog_; }
  [[nodiscard]] RunService& runs() { return *runs_; }
  [[nodiscard]] WorkerPool& pool() { return *pool_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] bool writable() const { return writable_; }  // false when there is no catalog, too
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] int64_t memory_bytes() const { return memory_bytes_; }
  [[nodiscard]] std::string SpillFolder() const;  // where queries may spill; "" when nothing can be made there
  [[nodiscard]] std::string StatePath(
      std::string_view name) const;  // a file or folder of firn's own: <lake>/.firn/<name>

  // Puts DeclaredTables() into the catalog, so that crawls and runs find them.
  Status DeclareTables();
  // Ends what killed runs left, as far as it can: what it cannot is logged, and must not block the verb. Nothing in a
  // lake that may only be read.
  void Recover();
  // Takes the outbox's events to the sink: <lake>/.firn/events.jsonl. How many could not be delivered: they stay for
  // the next time, and that is logged.
  Result<int64_t> DeliverEvents();

 private:
  Wiring() = default;
  Status OpenForReading();
  Status OpenForWriting();

  Project project_;
  bool writable_ = true;
  int threads_ = 1;
  int64_t memory_bytes_ = 0;
  SystemClock clock_;
  std::unique_ptr<LocalStore> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<RunService> runs_;
};

}  // namespace firn
