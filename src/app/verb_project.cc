#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/verbs.h"
#include "app/wiring.h"
#include "project/desired_state.h"
#include "project/reference.h"

namespace firn {
namespace {

Json ToJson(const Finding& finding) {
  return {{"file", finding.file},
          {"line", finding.line},
          {"column", finding.column},
          {"message", finding.message},
          {"hint", finding.hint}};
}

VerbResult Validate(const Settings& settings) {
  const std::vector<Finding> findings = ValidateProject(settings.directory, settings.environment);
  if (settings.output == OutputFormat::kJson) {
    Json list = Json::array();
    for (const Finding& finding : findings) list.push_back(ToJson(finding));
    Screen(settings.output).Record({{"valid", findings.empty()}, {"findings", list}});
  } else {
    for (const Finding& finding : findings) {
      fmt::print(stderr, "{}\n", finding.Text());
      if (!finding.hint.empty()) fmt::print(stderr, "    {}\n", finding.hint);
    }
    if (findings.empty()) fmt::print("valid\n");
  }
  return findings.empty() ? 0 : 2;
}

// What plan and apply share: what is declared against what was deployed.
struct Difference {
  Json desired;
  std::vector<PlanChange> changes;
};

Result<Difference> Compare(const Project& project, Catalog& catalog) {
  Difference difference{.desired = DesiredState(project), .changes = {}};
  FIRN_TRY_ASSIGN(const auto deployed, catalog.GetDeployed(project.environment));
  difference.changes = PlanDiff(difference.desired, deployed.value_or(Json::object()));
  return difference;
}

// The tables that the project file no longer has and the catalog still knows.
Result<std::vector<TableRecord>> TablesToDrop(Catalog& catalog, const Difference& difference) {
  constexpr std::string_view kTable = "table/";
  FIRN_TRY_ASSIGN(const auto tables, catalog.ListTables());
  std::vector<TableRecord> drops;
  for (const PlanChange& change : difference.changes)
    for (const TableRecord& table : tables)
      if (change.action == PlanAction::kDelete && change.resource == std::string(kTable) + table.name.str())
        drops.push_back(table);
  return drops;
}

// What becomes of the data of such tables.
Result<std::vector<std::string>> DropNotes(Catalog& catalog, const std::vector<TableRecord>& drops) {
  std::vector<std::string> notes;
  for (const TableRecord& table : drops) {
    FIRN_TRY_ASSIGN(const auto snapshots, catalog.ListSnapshots(table.name));
    const std::string history =
        snapshots.empty() ? "" : fmt::format(", with {}", Counted(static_cast<int64_t>(snapshots.size()), "snapshot"));
    notes.push_back(fmt::format("table/{}: apply drops it from the catalog{}; its files stay in {}.", table.name.str(),
                                history, table.location));
  }
  return notes;
}

void Show(const Settings& settings, const Project& project, const Difference& difference,
          const std::vector<std::string>& drops, bool applied) {
  const Screen screen(settings.output);
  screen.Text(RenderPlan(difference.changes));
  for (const std::string& note : drops) screen.Text(note);
  for (const std::string& note : PlanNotes(project)) screen.Text(note);
  if (screen.json()) screen.Record({{"applied", applied}, {"changes", PlanToJson(difference.changes)}});
}

// Makes nothing: a mistyped `lake:` shows as a plan that creates all.
VerbResult Plan(const Settings& settings) {
  FIRN_TRY_ASSIGN(const Project project, LoadProject(settings.directory, settings.environment));
  FIRN_TRY_ASSIGN(const auto catalog, OpenCatalogOf(project));
  FIRN_TRY_ASSIGN(const Difference difference, Compare(project, *catalog));
  FIRN_TRY_ASSIGN(const auto drops, TablesToDrop(*catalog, difference));
  FIRN_TRY_ASSIGN(const auto notes, DropNotes(*catalog, drops));
  Show(settings, project, difference, notes, false);
  return 0;
}

VerbResult Apply(const Settings& settings) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  wiring->Recover();
  Catalog& catalog = wiring->catalog();
  FIRN_TRY_ASSIGN(const Difference difference, Compare(wiring->project(), catalog));
  FIRN_TRY_ASSIGN(const auto drops, TablesToDrop(catalog, difference));
  FIRN_TRY_ASSIGN(const auto notes, DropNotes(catalog, drops));
  for (const TableRecord& table : drops) FIRN_TRY(catalog.DropTable(table.name));
  FIRN_TRY(wiring->DeclareTables());
  FIRN_TRY(catalog.PutDeployed(wiring->project().environment, difference.desired));
  Show(settings, wiring->project(), difference, notes, true);
  return 0;
}

VerbResult ShowOutputs(const Settings& settings) {
  FIRN_TRY_ASSIGN(const Project project, LoadProject(settings.directory, settings.environment));
  Screen(settings.output).Record(Outputs(project));
  return 0;
}

}  // namespace

void AddProjectVerbs(CLI::App& app, ChosenVerb& chosen) {
  app.add_subcommand("validate", "Check the project file; needs no lake")->callback([&] { chosen = Validate; });
  app.add_subcommand("plan", "Show what apply would change")->callback([&] { chosen = Plan; });
  app.add_subcommand("apply", "Put the project's tables, crawlers, jobs and schedules in force")->callback([&] {
    chosen = Apply;
  });
  app.add_subcommand("outputs", "Show names and places that other tools need")->callback([&] { chosen = ShowOutputs; });
  app.add_subcommand("schema", "Print the project file's JSON Schema, for editors")->callback([&] {
    chosen = [](const Settings&) -> VerbResult {
      fmt::print("{}\n", ProjectJsonSchema().dump(2));
      return 0;
    };
  });
}

}  // namespace firn
