#include "query/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/grouped_digits.h"
#include "base/nearest.h"
#include "query/damaged_file.h"
#include "query/table_view.h"
#include "query/text_look.h"
#include "sql/syntax_tree.h"

namespace firn {
namespace {

constexpr int kAttempts = 20;  // each lost one means that a commit replaced the files meanwhile
// Names with a space: no table of the catalog has one.
constexpr std::string_view kStatementView = "\"firn statement\"";
constexpr std::string_view kResultTable = "\"firn result\"";

using StopCallback = std::stop_callback<std::function<void()>>;

// Rows of the engine's result table; the stop reaches the engine as long as this lives.
class EngineResult final : public QueryResult {
 public:
  EngineResult(std::unique_ptr<SqlEngine> engine, std::unique_ptr<StopCallback> on_stop, std::unique_ptr<TextRows> rows,
               std::vector<SqlColumn> columns, std::vector<TableScan> scans)
      : engine_(std::move(engine)),
        on_stop_(std::move(on_stop)),
        rows_(std::move(rows)),
        columns_(std::move(columns)),
        scans_(std::move(scans)) {}

  const std::vector<SqlColumn>& columns() const override { return columns_; }
  const std::vector<TableScan>& scans() const override { return scans_; }
  Result<std::vector<Row>> Next() override { return rows_->Next(); }
  Status Rewind() override {
    FIRN_TRY_ASSIGN(rows_, engine_->OpenText(fmt::format("SELECT * FROM {}", kResultTable)));
    return {};
  }

 private:
  std::unique_ptr<SqlEngine> engine_;
  std::unique_ptr<StopCallback> on_stop_;
  std::unique_ptr<TextRows> rows_;
  std::vector<SqlColumn> columns_;
  std::vector<TableScan> scans_;
};

// Rows that are there already.
class ReadyResult final : public QueryResult {
 public:
  ReadyResult(std::vector<SqlColumn> columns, std::vector<Row> rows)
      : columns_(std::move(columns)), rows_(std::move(rows)) {}
  const std::vector<SqlColumn>& columns() const override { return columns_; }
  const std::vector<TableScan>& scans() const override { return scans_; }
  Result<std::vector<Row>> Next() override {
    if (std::exchange(told_, true)) return std::vector<Row>();
    return rows_;
  }
  Status Rewind() override {
    told_ = false;
    return {};
  }

 private:
  std::vector<SqlColumn> columns_;
  std::vector<Row> rows_;
  std::vector<TableScan> scans_;
  bool told_ = false;
};

// The whole result as text in a table of the engine, which spills: the files are read once, before the first row goes
// out, so that a file that vanishes can still be answered by a new try on a new snapshot.
Result<std::vector<SqlColumn>> FillResultTable(SqlEngine& engine, std::string_view sql) {
  FIRN_TRY_ASSIGN(auto columns, engine.Describe(sql));
  std::string names;
  std::string casts;
  for (size_t i = 0; i < columns.size(); ++i) {
    names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
    casts += fmt::format("{}CAST({} AS VARCHAR) AS c{}", i == 0 ? "" : ", ",
                         IsNestedSqlType(columns[i].type) ? fmt::format("to_json(c{})", i) : fmt::format("c{}", i), i);
  }
  FIRN_TRY(engine.Execute(fmt::format("CREATE TEMP VIEW {}({}) AS\n{}", kStatementView, names, sql)));
  FIRN_TRY(
      engine.Execute(fmt::format("CREATE TEMP TABLE {} AS SELECT {} FROM {}", kResultTable, casts, kStatementView)));
  return columns;
}

}  // namespace

int64_t QueryResult::bytes_scanned() const {
  int64_t bytes = 0;
  for (const TableScan& scan : scans()) bytes += scan.bytes_read;
  return bytes;
}

// An engine with the tables in it.
struct QueryService::Prepared {
  std::unique_ptr<SqlEngine> engine;
  std::unique_ptr<StopCallback> on_stop;
  std::vector<TableFiles> files;

  [[nodiscard]] std::vector<TableScan> Scans() const {
    std::vector<TableScan> scans;
    for (const TableFiles& table : files) scans.push_back(table.scan);
    return scans;
  }
};

QueryService::QueryService(Catalog& catalog, ObjectStore& store, LakeFiles& lake_files, QueryOptions options)
    : catalog_(catalog),
      store_(store),
      finder_(catalog, store, lake_files),
      lake_files_(lake_files),
      options_(std::move(options)) {}

Result<Statement> QueryService::Read(std::string_view sql) {
  FIRN_TRY_ASSIGN(const auto engine, SqlEngine::Open({.threads = 1}));
  return ReadStatement(*engine, sql);
}

Result<std::vector<QueryService::Source>> QueryService::Sources(const Statement& statement) {
  FIRN_TRY_ASSIGN(const auto tables, catalog_.ListTables());
  std::vector<Source> sources;
  for (const StatementTable& wanted : statement.tables) {
    const auto found = std::ranges::find(tables, LowerCase(wanted.name),
                                         [](const TableRecord& table) { return LowerCase(table.name.str()); });
    if (found != tables.end()) {
      // A name that WITH gives too may mean either: then nothing is known of the table's rows.
      sources.push_back({*found, wanted.may_be_cte ? ScanFilter() : ScanFilter(found->partition_keys, wanted.uses)});
      continue;
    }
    if (wanted.may_be_cte) continue;
    std::vector<std::string> names;
    for (const TableRecord& table : tables) names.push_back(table.name.str());
    const bool file = wanted.name.find_first_of("./*") != std::string::npos;
    return Fail(ErrorKind::kNotFound, fmt::format("no table '{}'", wanted.name),
                file ? "a query reads tables, not files; `firn tables` lists them" : SuggestFrom(wanted.name, names));
  }
  return sources;
}

Result<std::unique_ptr<QueryResult>> QueryService::ListTables() {
  FIRN_TRY_ASSIGN(const auto tables, catalog_.ListTables());
  std::vector<QueryResult::Row> rows;
  for (const TableRecord& table : tables) rows.push_back({table.name.str()});
  return std::make_unique<ReadyResult>(std::vector<SqlColumn>{{"name", "VARCHAR"}}, std::move(rows));
}

template <class T>
T QueryService::WithItsFile(T outcome, const std::vector<Source>& sources, const Prepared& prepared) {
  if (outcome.has_value()) return outcome;
  if (outcome.error().kind == ErrorKind::kNotFound)
    for (const TableFiles& files : prepared.files) FIRN_TRY(finder_.RequireThere(files));
  std::vector<ReadTable> tables;
  for (size_t i = 0; i < sources.size(); ++i) tables.push_back({sources[i].table, prepared.files[i]});
  return std::unexpected(NameDamagedFile(*prepared.engine, tables, std::move(outcome.error())));
}

Result<QueryService::Prepared> QueryService::Prepare(const std::vector<Source>& sources, const std::stop_token& stop) {
  Prepared prepared;
  SqlOptions options{.memory_bytes = options_.memory_bytes,
                     .threads = options_.threads,
                     .temp_folder = options_.temp_folder,
                     .time_zone = options_.time_zone};
  for (const Source& source : sources) {
    FIRN_TRY_ASSIGN(auto files, finder_.Find(source.table, source.filter));
    for (const TableFiles::Partition& partition : files.partitions)
      options.readable_files.insert(options.readable_files.end(), partition.paths.begin(), partition.paths.end());
    prepared.files.push_back(std::move(files));
  }
  // One moment for all: the snapshots found first are still the current ones now.
  for (const TableFiles& files : prepared.files) {
    FIRN_TRY_ASSIGN(const auto now, catalog_.CurrentSnapshot(files.scan.table));
    if ((now ? now->id : SnapshotId()) != files.scan.snapshot)
      return Fail(ErrorKind::kConflict,
                  fmt::format("'{}' was committed to while the query began", files.scan.table.str()),
                  "run the query again");
  }
  FIRN_TRY(CheckCutoff(prepared));
  FIRN_TRY(BringFiles(prepared, stop));
  for (size_t i = 0; i < sources.size(); ++i)
    FIRN_TRY(LookAtTexts(store_, lake_files_, sources[i].table, prepared.files[i]));
  FIRN_TRY_ASSIGN(prepared.engine, SqlEngine::Open(options));
  prepared.on_stop = std::make_unique<StopCallback>(stop, [engine = prepared.engine.get()] { engine->Interrupt(); });
  for (size_t i = 0; i < sources.size(); ++i)
    FIRN_TRY(WithItsFile(CreateTableView(*prepared.engine, sources[i].table, prepared.files[i]), sources, prepared));
  return prepared;
}

Status QueryService::CheckCutoff(const Prepared& prepared) const {
  int64_t bytes = 0;
  for (const TableFiles& files : prepared.files) bytes += files.scan.bytes_read;
  if (options_.bytes_scanned_cutoff == 0 || bytes <= options_.bytes_scanned_cutoff) return {};
  return Fail(ErrorKind::kUnsupported,
              fmt::format("the query would scan {} bytes, and may scan {}", GroupedDigits(bytes),
                          GroupedDigits(options_.bytes_scanned_cutoff)),
              "Name fewer partitions in its WHERE, or ask in another workgroup.");
}

Status QueryService::BringFiles(const Prepared& prepared, const std::stop_token& stop) {
  for (const TableFiles& files : prepared.files) {
    Status brought = lake_files_.Bring(files.objects, stop);
    if (!brought && brought.error().kind == ErrorKind::kNotFound) FIRN_TRY(finder_.RequireThere(files));
    FIRN_TRY(std::move(brought));
  }
  return {};
}

Result<std::unique_ptr<QueryResult>> QueryService::TryRun(std::string_view sql, const std::vector<Source>& sources,
                                                          const std::stop_token& stop) {
  FIRN_TRY_ASSIGN(auto prepared, Prepare(sources, stop));
  FIRN_TRY_ASSIGN(auto columns, WithItsFile(FillResultTable(*prepared.engine, sql), sources, prepared));
  for (const TableFiles& files : prepared.files) {
    FIRN_TRY_ASSIGN(const bool whole, finder_.StillHolds(files));
    if (!whole)
      return Fail(ErrorKind::kConflict,
                  fmt::format("files of '{}' were replaced while the query ran", files.scan.table.str()),
                  "run the query again");
  }
  FIRN_TRY_ASSIGN(auto rows, prepared.engine->OpenText(fmt::format("SELECT * FROM {}", kResultTable)));
  std::vector<TableScan> scans = prepared.Scans();
  return std::make_unique<EngineResult>(std::move(prepared.engine), std::move(prepared.on_stop), std::move(rows),
                                        std::move(columns), std::move(scans));
}

template <class T>
Result<T> QueryService::OnWholeSnapshots(const std::function<Result<T>()>& attempt) {
  for (int left = kAttempts; true; --left) {
    Result<T> result = attempt();
    if (result.has_value()) return result;
    const ErrorKind kind = result.error().kind;
    const bool outrun = kind == ErrorKind::kNotFound ||
                        kind == ErrorKind::kConflict;  // tables were found before: what is not found is a file
    if (outrun && left > 1) continue;
    result.error().message = lake_files_.InWords(std::move(result.error().message));
    return result;
  }
}

Result<std::unique_ptr<QueryResult>> QueryService::Run(std::string_view sql, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const Statement statement, Read(sql));
  if (statement.lists_tables) return ListTables();
  FIRN_TRY_ASSIGN(const auto sources, Sources(statement));
  return OnWholeSnapshots<std::unique_ptr<QueryResult>>([&] { return TryRun(statement.text, sources, stop); });
}

Result<QueryPlan> QueryService::Explain(std::string_view sql, std::stop_token stop) {
  FIRN_TRY_ASSIGN(const Statement statement, Read(sql));
  if (statement.lists_tables) return QueryPlan{};
  FIRN_TRY_ASSIGN(const auto sources, Sources(statement));
  return OnWholeSnapshots<QueryPlan>([&]() -> Result<QueryPlan> {
    FIRN_TRY_ASSIGN(const auto prepared, Prepare(sources, stop));
    FIRN_TRY_ASSIGN(const auto plan, prepared.engine->QueryText("EXPLAIN " + statement.text));
    QueryPlan explained{.scans = prepared.Scans(), .plan = {}};
    for (const TextRows::Row& row : plan.rows) explained.plan += row.back().value_or("") + "\n";
    return explained;
  });
}

}  // namespace firn
