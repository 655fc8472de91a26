#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"
#include "query/query.h"
#include "query/result_writer.h"

namespace firn {
namespace {

ResultFormat FormatOf(OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
      return ResultFormat::kTable;
    case OutputFormat::kCsv:
      return ResultFormat::kCsv;
    case OutputFormat::kJson:
      return ResultFormat::kJson;
  }
  return ResultFormat::kTable;
}

Json ScansToJson(const std::vector<TableScan>& scans) {
  Json list = Json::array();
  for (const TableScan& scan : scans)
    list.push_back({{"table", scan.table.str()},
                    {"files_read", scan.files_read},
                    {"files_known", scan.files_known},
                    {"partitions_read", scan.partitions_read},
                    {"partitions_known", scan.partitions_known},
                    {"bytes_read", scan.bytes_read},
                    {"bytes_known", scan.bytes_known}});
  return list;
}

VerbResult Explain(const Settings& settings, QueryService& service, const std::string& sql) {
  FIRN_TRY_ASSIGN(const QueryPlan plan, service.Explain(sql, InstallStopSignals()));
  const Screen screen(settings.output);
  screen.Text(DescribeScans(plan.scans));
  screen.Text(plan.plan);
  if (screen.json()) screen.Record({{"tables", ScansToJson(plan.scans)}, {"plan", plan.plan}});
  return 0;
}

Result<std::unique_ptr<LakeFiles>> FilesOf(Wiring& wiring) {
  if (!wiring.project().LakeIsS3()) return std::make_unique<FolderFiles>(wiring.project().LakeFolder());
  FIRN_TRY_ASSIGN(std::string scratch, wiring.Scratch());
  return std::make_unique<FetchedFiles>(wiring.store(), wiring.pool(), std::move(scratch));
}

VerbResult Query(const Settings& settings, const std::string& sql, bool explain) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const auto files, FilesOf(*wiring));
  QueryService service(wiring->catalog(), wiring->store(), *files,
                       {.memory_bytes = wiring->memory_bytes(),
                        .threads = wiring->threads(),
                        .temp_folder = wiring->SpillFolder(),
                        .time_zone = wiring->project().time_zone});
  if (explain) return Explain(settings, service, sql);
  FIRN_TRY_ASSIGN(const auto result, service.Run(sql, InstallStopSignals()));
  FIRN_TRY(WriteResult(*result, {.format = FormatOf(settings.output)}, [](std::string_view text) -> Status {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
      return Fail(ErrorKind::kIo, "cannot write the answer to standard output");
    return {};
  }));
  return 0;
}

}  // namespace

void AddQueryVerb(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const query = app.add_subcommand("query", "Ask SQL of the catalog's tables");
  const auto sql = std::make_shared<std::string>();
  const auto explain = std::make_shared<bool>(false);
  query->add_option("SQL", *sql, "One SELECT statement")->required();
  query->add_flag("--explain", *explain, "Show what would be read: files read of files known");
  query->callback([&chosen, sql, explain] {
    chosen = [sql, explain](const Settings& settings) { return Query(settings, *sql, *explain); };
  });
}

}  // namespace firn
