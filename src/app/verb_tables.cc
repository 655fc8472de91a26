#include <CLI/CLI.hpp>

#include "app/verbs.h"
#include "app/wiring.h"
#include "env/time_zone.h"
#include "schema/names.h"

namespace firn {
namespace {

std::string_view NameOf(PartitionLayout layout) {
  switch (layout) {
    case PartitionLayout::kKeyValue:
      return "key=value";
    case PartitionLayout::kDate:
      return "YYYY/MM/DD";
    case PartitionLayout::kPositional:
      return "positional";
  }
  return "";
}

VerbResult ListTables(const Settings& settings) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const auto tables, wiring->catalog().ListTables());
  Json records = Json::array();
  for (const TableRecord& table : tables) {
    FIRN_TRY_ASSIGN(const int64_t partitions, wiring->catalog().CountPartitions(table.name));
    records.push_back({{"name", table.name.str()},
                       {"location", table.location},
                       {"format", table.format},
                       {"columns", table.schema.fields.size()},
                       {"partitions", partitions},
                       {"version", table.version}});
  }
  Screen(settings.output).Records(records, "no tables yet: firn apply declares them, firn crawl fills them");
  return 0;
}

VerbResult ShowTable(const Settings& settings, const std::string& name) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const TableRecord table, wiring->catalog().GetTable(TableName(name)));
  FIRN_TRY_ASSIGN(const int64_t partitions, wiring->catalog().CountPartitions(table.name));
  const Screen screen(settings.output);
  Json columns = Json::array();
  for (const Field& field : table.schema.fields)
    columns.push_back({{"name", field.name}, {"type", HiveTypeName(field.type)}, {"nullable", field.nullable}});
  Json record = {{"name", table.name.str()},
                 {"location", table.location},
                 {"format", table.format},
                 {"layout", NameOf(table.layout)},
                 {"partition_keys", table.partition_keys},
                 {"partitions", partitions},
                 {"version", table.version},
                 {"updated_at", FormatUtc(table.updated_ns)}};
  if (screen.json()) {
    record["columns"] = std::move(columns);
    screen.Record(record);
  } else {
    screen.Record(record);
    screen.Text("");
    screen.Records(columns, "no columns yet: crawl the table");
  }
  return 0;
}

VerbResult ListPartitions(const Settings& settings, const std::string& name) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const TableRecord table, wiring->catalog().GetTable(TableName(name)));
  FIRN_TRY_ASSIGN(const auto partitions, wiring->catalog().FindPartitions(table.name, {}));
  Json records = Json::array();
  for (const PartitionRecord& partition : partitions)
    records.push_back({{"partition", PartitionName(table.partition_keys, partition.values)},
                       {"location", partition.location},
                       {"files", partition.files},
                       {"rows", partition.rows},
                       {"bytes", partition.bytes}});
  Screen(settings.output).Records(records, "no partitions yet");
  return 0;
}

VerbResult ListSnapshots(const Settings& settings, const std::string& name) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY_ASSIGN(const TableRecord table, wiring->catalog().GetTable(TableName(name)));
  FIRN_TRY_ASSIGN(const auto snapshots, wiring->catalog().ListSnapshots(table.name));
  Json records = Json::array();
  for (const SnapshotRecord& snapshot : snapshots)
    records.push_back({{"snapshot_id", snapshot.id.str()},
                       {"sequence", snapshot.sequence},
                       {"created_at", FormatUtc(snapshot.created_ns)},
                       {"run_id", snapshot.run.str()},
                       {"files", snapshot.files},
                       {"rows", snapshot.rows},
                       {"bytes", snapshot.bytes},
                       {"settled", snapshot.settled}});
  Screen(settings.output).Records(records, "no snapshots yet: a job's run makes the first");
  return 0;
}

// A verb with one argument: the table's name.
void AddNamed(CLI::App& parent, const char* verb, const char* help,
              VerbResult (*run)(const Settings&, const std::string&), ChosenVerb& chosen) {
  CLI::App* const sub = parent.add_subcommand(verb, help);
  const auto name = std::make_shared<std::string>();
  sub->add_option("TABLE", *name, "Name of the table")->required();
  sub->callback(
      [&chosen, run, name] { chosen = [run, name](const Settings& settings) { return run(settings, *name); }; });
}

}  // namespace

void AddTableVerbs(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const tables = app.add_subcommand("tables", "List the catalog's tables");
  tables->callback([&chosen, tables] {
    if (tables->get_subcommands().empty()) chosen = ListTables;
  });
  AddNamed(*tables, "show", "Show one table with its columns", ShowTable, chosen);
  AddNamed(app, "partitions", "List a table's partitions", ListPartitions, chosen);
  AddNamed(app, "snapshots", "List a table's snapshots, newest first", ListSnapshots, chosen);
}

}  // namespace firn
