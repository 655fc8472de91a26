#include "catalog/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace firn {
namespace {

constexpr std::string_view kCorruptHint =
    "Run `firn doctor`; restore .firn/catalog.db from a copy, or move it away and crawl again.";

// What errno says when SQLite only knows "cannot open" or "input/output error".
ErrorKind KindOfErrno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorKind::kNoSpace;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kPermission;
    case EISDIR:
    case ENOTDIR:
      return ErrorKind::kCorrupt;
    default:
      return ErrorKind::kIo;
  }
}

ErrorKind KindOf(int code, int system_errno) {
  if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS) return ErrorKind::kCorrupt;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::kConflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return ErrorKind::kCorrupt;
    case SQLITE_FULL:
      return ErrorKind::kNoSpace;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorKind::kPermission;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return KindOfErrno(system_errno);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return ErrorKind::kInternal;
    default:
      return ErrorKind::kIo;
  }
}

std::string_view HintFor(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kCorrupt:
      return kCorruptHint;
    case ErrorKind::kConflict:
      return "Another process is writing to the catalog; `firn runs` shows what runs. Try again when it is done.";
    case ErrorKind::kNoSpace:
      return "Free some space on its disk, then run again: nothing of this step was committed.";
    case ErrorKind::kPermission:
      return "Make the catalog's file and its folder writable for this user.";
    default:
      return "";
  }
}

Status MakeFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code code;
  if (!folder.empty()) std::filesystem::create_directories(folder, code);
  if (!code) return {};
  const ErrorKind kind = KindOfErrno(code.value());
  return Fail(kind, fmt::format("cannot create {}: {}", folder.string(), code.message()), std::string(HintFor(kind)));
}

// SQLite takes a few bytes, or none, for an empty database and would write over them. A catalog that is being made has
// another name.
bool IsTooShort(const std::string& path) {
  constexpr uintmax_t kSmallestPage = 512;
  std::error_code code;
  const uintmax_t size = std::filesystem::file_size(path, code);
  return !code && size < kSmallestPage;
}

// SQLite reads a catalog in WAL mode only when it may make files beside it, or when they are there, or when it is told
// that nobody writes. A journal that is not there tells so: every writer has one.
std::string ReadOnlyUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#')
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      uri += c;
  }
  std::error_code code;
  return std::filesystem::exists(path + "-wal", code) ? uri : uri + "?immutable=1";
}

}  // namespace

Cursor::Cursor(Cursor&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_code_(other.bind_code_),
      started_(other.started_) {}

Cursor::~Cursor() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  // The same statement may have been in use twice at once: one goes back to the cache, the other ends here.
  if (!database_->idle_.try_emplace(sql_, statement_).second) sqlite3_finalize(statement_);
}

Result<bool> Cursor::Next() {
  if (bind_code_ != SQLITE_OK) return database_->FailWith(bind_code_);
  if (!std::exchange(started_, true) && database_->hook_) FIRN_TRY(database_->hook_(sql_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) return database_->FailWith(code);
  ++database_->rows_read_;
  return true;
}

int64_t Cursor::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Cursor::Text(int column) const {
  return std::string(TextView(column));
}

std::string_view Cursor::TextView(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

void Cursor::Bind(int index, int64_t value) {
  bind_code_ |= sqlite3_bind_int64(statement_, index, value);
}

void Cursor::Bind(int index, std::string_view value) {
  // A null pointer would bind NULL: empty text is not NULL.
  const char* data = value.data() == nullptr ? "" : value.data();
  bind_code_ |= sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Cursor::Bind(int index, Blob value) {
  const char* data = value.bytes.data() == nullptr ? "" : value.bytes.data();
  bind_code_ |= sqlite3_bind_blob64(statement_, index, data, value.bytes.size(), SQLITE_TRANSIENT);
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const DatabaseOptions& options) {
  if (!options.read_only) FIRN_TRY(MakeFolderOf(path));
  if (IsTooShort(path)) return Database(path, nullptr).Corrupt("it is no database");
  sqlite3* handle = nullptr;
  const int access =
      options.read_only ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const std::string name = options.read_only ? ReadOnlyUri(path) : path;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->FailWith(code);
  FIRN_TRY(database->Configure(options));
  return database;
}

Status Database::Configure(const DatabaseOptions& options) {
  sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
  if (options.read_only)
    return RunScript("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;");
  // SQLite opens a file that it may not write for reading only: say so now, not in the middle of a commit.
  if (sqlite3_db_readonly(handle_, "main") == 1) return FailWith(SQLITE_READONLY);
  FIRN_TRY(SwitchToWal(options));
  return RunScript(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; "
      "PRAGMA cache_size = -32000; PRAGMA journal_size_limit = 67108864;");
}

// Two processes that create the same catalog at once meet here, where SQLite does not wait by itself.
Status Database::SwitchToWal(const DatabaseOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.busy_timeout;
  for (;;) {
    Status done = RunScript("PRAGMA journal_mode = WAL;");
    const bool busy = !done && done.error().kind == ErrorKind::kConflict;
    if (!busy || std::chrono::steady_clock::now() >= deadline) return done;
    sqlite3_sleep(2);
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<Cursor> Database::Prepare(std::string_view sql) {
  if (auto idle = idle_.extract(sql); !idle.empty()) return Cursor(this, idle.key(), idle.mapped());
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  // The statements are ours and tested: one that does not compile has met a schema that is not ours.
  if (code == SQLITE_ERROR) return Corrupt(sqlite3_errmsg(handle_));
  if (code != SQLITE_OK) return FailWith(code);
  return Cursor(this, sql, statement);
}

Status Database::RunScript(const std::string& script) {
  if (hook_) FIRN_TRY(hook_(script));
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return FailWith(code);
  return {};
}

int64_t Database::changed_rows() const {
  return sqlite3_changes64(handle_);
}
int64_t Database::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

// Past the hook, and without an answer: should it fail, SQLite has rolled back by itself, or does so when the file is
// closed.
void Database::Rollback() {
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::unexpected<Error> Database::Corrupt(std::string_view what) const {
  return Fail(ErrorKind::kCorrupt, fmt::format("the catalog {} is damaged: {}", path_, what),
              std::string(kCorruptHint));
}

std::unexpected<Error> Database::FailWith(int code) const {
  const int number = handle_ == nullptr ? ENOMEM : sqlite3_system_errno(handle_);
  const ErrorKind kind = KindOf(code, number);
  const bool from_system = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR;
  const std::string detail =
      from_system && number != 0 ? fmt::format(" ({})", std::generic_category().message(number)) : "";
  if (kind == ErrorKind::kCorrupt) return Corrupt(sqlite3_errstr(code) + detail);
  const std::string reason = kind == ErrorKind::kInternal ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  return Fail(kind, fmt::format("the catalog {}: {}{}", path_, reason, detail), std::string(HintFor(kind)));
}

Result<Transaction> Transaction::Begin(Database& database, Kind kind) {
  FIRN_TRY(database.Run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) database_->Rollback();
}

Status Transaction::Commit() {
  Status done = database_->Run("COMMIT");
  if (done) {
    database_ = nullptr;
    return {};
  }
  if (done.error().kind != ErrorKind::kIo) return done;
  return Fail(ErrorKind::kUnknownOutcome, done.error().message,
              "The disk failed during a commit. Check it, then `firn doctor` and `firn runs` before trying again.");
}

}  // namespace firn
