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

// Everything that a verb works with, built in order and given up in reverse. One a process.
class Wiring {
 public:
  // kUnsupported for a lake that is not a folder; else the errors of what it opens.
  static Result<std::unique_ptr<Wiring>> Open(const Settings& settings);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  [[nodiscard]] const Project& project() const { return project_; }
  [[nodiscard]] LocalStore& store() { return *store_; }
  [[nodiscard]] Catalog& catalog() { return *catalog_; }
  [[nodiscard]] RunService& runs() { return *runs_; }
  [[nodiscard]] WorkerPool& pool() { return *pool_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] int64_t memory_bytes() const { return memory_bytes_; }
  [[nodiscard]] std::string StatePath(std::string_view name) const;  // a file or folder of firn's own: <lake>/.firn/<name>

  // Declares the project's tables in the catalog, so that crawls and runs find them; tables that are there already keep what was learned of them.
  Status DeclareTables();
  // Takes the outbox's events to the sink: <lake>/.firn/events.jsonl. What cannot be delivered stays for the next time, and is logged.
  Status DeliverEvents();

 private:
  Wiring() = default;

  Project project_;
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
