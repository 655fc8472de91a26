#include "catalog/migrations.h"

#include <fmt/format.h>

#include <array>

namespace firn {
namespace {

constexpr int64_t kApplicationId = 0x6669726e;  // "firn", in the file's header

// Times are nanoseconds since the epoch. `order_key` is OrderKeyOf() and `value_list` PackValues() of
// partition_order.h.
constexpr std::string_view kVersion1 = R"sql(
PRAGMA application_id = 0x6669726e;

CREATE TABLE tables (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  created_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE table_versions (
  table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  version INTEGER NOT NULL,
  location TEXT NOT NULL,
  format TEXT NOT NULL,
  partition_keys TEXT NOT NULL,
  layout TEXT NOT NULL,
  schema TEXT NOT NULL,
  options TEXT NOT NULL,
  updated_ns INTEGER NOT NULL,
  PRIMARY KEY (table_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE partitions (
  table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  order_key BLOB NOT NULL,
  value_list TEXT NOT NULL,
  location TEXT NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  folder_modified_ns INTEGER NOT NULL,
  PRIMARY KEY (table_id, order_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  id TEXT NOT NULL PRIMARY KEY,
  table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  run TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  UNIQUE (table_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshots_unsettled ON snapshots (table_id, sequence) WHERE settled = 0;

-- The files of one partition from snapshot `added` on, until `removed` (NULL: still). A list without files says that
-- the partition was removed. A snapshot writes only the lists of the partitions that it touches.
CREATE TABLE file_lists (
  id INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
  partition TEXT NOT NULL,
  order_key BLOB NOT NULL,
  value_list TEXT NOT NULL,
  location TEXT NOT NULL,
  folder_modified_ns INTEGER NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  added INTEGER NOT NULL,
  removed INTEGER,
  FOREIGN KEY (table_id, added) REFERENCES snapshots (table_id, sequence) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE UNIQUE INDEX file_lists_current ON file_lists (table_id, partition) WHERE removed IS NULL;
CREATE UNIQUE INDEX file_lists_added ON file_lists (table_id, added, partition);
CREATE INDEX file_lists_history ON file_lists (table_id, partition, added);

CREATE TABLE files (
  list_id INTEGER NOT NULL REFERENCES file_lists ON DELETE CASCADE,
  key TEXT NOT NULL,
  staged_key TEXT NOT NULL,
  size INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  checksum TEXT NOT NULL,
  PRIMARY KEY (list_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  identity TEXT NOT NULL,
  job TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  arguments TEXT NOT NULL,
  trigger TEXT NOT NULL,
  started_ns INTEGER NOT NULL,
  completed_ns INTEGER NOT NULL,
  heartbeat_ns INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  pid_started INTEGER NOT NULL,
  error_kind TEXT NOT NULL,
  error_message TEXT NOT NULL,
  error_hint TEXT NOT NULL,
  metrics TEXT NOT NULL,
  quality TEXT NOT NULL,
  partition_date TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX runs_identity ON runs (identity) WHERE identity <> '';
CREATE INDEX runs_job ON runs (job, number);
CREATE INDEX runs_unfinished ON runs (number) WHERE state IN ('STARTING', 'RUNNING', 'STOPPING', 'WAITING');
CREATE INDEX runs_succeeded ON runs (job, partition_date) WHERE state = 'SUCCEEDED';

CREATE TABLE leases (
  table_name TEXT NOT NULL,
  partition TEXT NOT NULL,
  run TEXT NOT NULL,
  PRIMARY KEY (table_name, partition)
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_run ON leases (run);

CREATE TABLE bookmarks (
  job TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  run_number INTEGER NOT NULL REFERENCES runs,
  PRIMARY KEY (job, key, size, etag)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run TEXT NOT NULL,
  type TEXT NOT NULL,
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  delivered_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX events_pending ON events (id) WHERE state = 'PENDING';

CREATE TABLE crawled (
  table_name TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (table_name, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployed (
  environment TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// An object that a crawl has read and left out, because it is damaged or does not fit its table.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE crawled ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
CREATE INDEX crawled_skipped ON crawled (table_name, key) WHERE skipped = 1;
)sql";

// The step at index i leads from version i to i + 1. Steps are never edited once released: add one.
constexpr std::array<std::string_view, kCatalogVersion> kSteps = {kVersion1, kVersion2};

Result<int64_t> Number(Database& database, std::string_view pragma) {
  FIRN_TRY_ASSIGN(Cursor row, database.Query(pragma));
  FIRN_TRY(row.Next());
  return row.Integer(0);
}

// Who wrote the file, and which version. Call inside a transaction: another process may be creating it.
Result<int64_t> CheckedVersion(Database& database) {
  FIRN_TRY_ASSIGN(const int64_t application, Number(database, "PRAGMA application_id"));
  FIRN_TRY_ASSIGN(const int64_t version, Number(database, "PRAGMA user_version"));
  FIRN_TRY_ASSIGN(const int64_t tables, Number(database, "SELECT count(*) FROM sqlite_schema"));
  const bool ours = application == kApplicationId && version > 0;
  const bool empty = application == 0 && version == 0 && tables == 0;
  if (!ours && !empty) return database.Corrupt("it is a database of another program");
  if (version > kCatalogVersion)
    return Fail(ErrorKind::kUnsupported,
                fmt::format("the catalog {} has version {}; this firn knows versions up to {}", database.path(),
                            version, kCatalogVersion),
                "Use the newer firn that wrote it.");
  return version;
}

Result<bool> IsUpToDate(Database& database) {
  FIRN_TRY_ASSIGN(const Transaction transaction, Transaction::Begin(database, Transaction::Kind::kRead));
  FIRN_TRY_ASSIGN(const int64_t version, CheckedVersion(database));
  return version == kCatalogVersion;
}

}  // namespace

Status Migrate(Database& database) {
  FIRN_TRY_ASSIGN(const bool up_to_date, IsUpToDate(database));
  if (up_to_date) return {};
  FIRN_TRY_ASSIGN(Transaction transaction, Transaction::Begin(database, Transaction::Kind::kWrite));
  FIRN_TRY_ASSIGN(int64_t version, CheckedVersion(database));  // another process may have migrated meanwhile
  for (; version < kCatalogVersion; ++version)
    FIRN_TRY(database.RunScript(std::string(kSteps[static_cast<size_t>(version)])));
  FIRN_TRY(database.RunScript(fmt::format("PRAGMA user_version = {}", kCatalogVersion)));
  return transaction.Commit();
}

Status RequireNewest(Database& database) {
  FIRN_TRY_ASSIGN(const bool up_to_date, IsUpToDate(database));
  if (up_to_date) return {};
  return Fail(ErrorKind::kUnsupported,
              fmt::format("the catalog {} is that of an older firn, and this user may not change it", database.path()),
              "Whoever may write to it brings it up to date with `firn apply`.");
}

}  // namespace firn
