#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/verbs.h"
#include "app/wiring.h"
#include "env/random.h"
#include "env/stop_signal.h"
#include "query/query.h"
#include "query/result_writer.h"
#include "store/object_key.h"

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

struct QueryArguments {
  std::string sql;
  std::string workgroup;
  bool explain = false;
};

// Keeps the answer as an object of the lake, as its workgroup wants it, under the query's id.
Result<ObjectKey> KeepAnswer(Wiring& wiring, const WorkgroupDefinition& workgroup, QueryResult& result) {
  SystemRandom random;
  ObjectKey key = JoinKey(workgroup.output_location, RandomHex(random, 32) + ".csv");
  FIRN_TRY_ASSIGN(const auto writer, wiring.store().Create(key));
  FIRN_TRY(StatusOf(WriteResult(result, {.format = ResultFormat::kCsv},
                                [&](std::string_view text) { return writer->Append(text); })));
  FIRN_TRY(StatusOf(writer->Finish()));
  FIRN_TRY(result.Rewind());
  return key;
}

VerbResult Query(const Settings& settings, const QueryArguments& arguments) {
  FIRN_TRY_ASSIGN(const Project project, LoadProject(settings.directory, settings.environment));
  WorkgroupDefinition workgroup;
  if (!arguments.workgroup.empty()) {
    FIRN_TRY_ASSIGN(const WorkgroupDefinition* found, project.GetWorkgroup(arguments.workgroup));
    workgroup = *found;
  }
  const bool keeps = !workgroup.output_location.empty() && !arguments.explain;
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, keeps ? LakeAccess::kWrite : LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const auto files, FilesOf(*wiring));
  QueryService service(wiring->catalog(), wiring->store(), *files,
                       {.memory_bytes = wiring->memory_bytes(),
                        .threads = wiring->threads(),
                        .temp_folder = wiring->SpillFolder(),
                        .time_zone = wiring->project().time_zone,
                        .bytes_scanned_cutoff = workgroup.bytes_scanned_cutoff});
  if (arguments.explain) return Explain(settings, service, arguments.sql);
  FIRN_TRY_ASSIGN(const auto result, service.Run(arguments.sql, InstallStopSignals()));
  if (keeps) {
    FIRN_TRY_ASSIGN(const ObjectKey key, KeepAnswer(*wiring, workgroup, *result));
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "kept as {}\n", key);
    wiring->log().Write(LogLevel::kInfo, "answered a query",
                        {{"event", "query_succeeded"},
                         {"workgroup", workgroup.name},
                         {"output_location", key},
                         {"bytes_scanned", result->bytes_scanned()}});
  }
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
  const auto arguments = std::make_shared<QueryArguments>();
  query->add_option("SQL", arguments->sql, "One SELECT statement")->required();
  query->add_option("--workgroup", arguments->workgroup, "Ask within this workgroup's limits")->type_name("NAME");
  query->add_flag("--explain", arguments->explain, "Show what would be read: files read of files known");
  query->callback(
      [&chosen, arguments] { chosen = [arguments](const Settings& settings) { return Query(settings, *arguments); }; });
}

}  // namespace firn
