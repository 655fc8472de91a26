#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "app/declared_tables.h"
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

using Deployed = std::map<std::string, Json, std::less<>>;

// A resource of DesiredState().
std::string TableResource(const TableRecord& table) {
  return fmt::format("table/{}", table.name.str());
}

// What plan and apply share: what is declared against what was deployed.
struct Difference {
  Json desired;
  std::vector<PlanChange> changes;
  std::vector<TableRecord> drops;  // the catalog knows them, and the project file no longer has them
  std::vector<std::string> notes;  // what becomes of such tables
};

// An environment of the same lake that still has the table; "" when there is none.
std::string OtherOwner(const Deployed& deployed, const std::string& environment, const std::string& resource) {
  for (const auto& [other, state] : deployed)
    if (other != environment && state.contains(resource))
      return other.empty() ? "the project without an environment" : fmt::format("environment '{}'", other);
  return {};
}

Result<std::string> DropNote(Catalog& catalog, const TableRecord& table) {
  FIRN_TRY_ASSIGN(const auto snapshots, catalog.ListSnapshots(table.name));
  const std::string history =
      snapshots.empty() ? "" : fmt::format(", with {}", Counted(static_cast<int64_t>(snapshots.size()), "snapshot"));
  return fmt::format("{}: apply drops it from the catalog{}; its files stay in {}.", TableResource(table), history,
                     table.location);
}

Status FindDrops(Catalog& catalog, const Project& project, const Deployed& deployed, Difference& difference) {
  FIRN_TRY_ASSIGN(const auto tables, catalog.ListTables());
  for (const PlanChange& change : difference.changes) {
    const auto table = std::ranges::find(tables, change.resource, TableResource);
    if (change.action != PlanAction::kDelete || table == tables.end()) continue;
    const std::string owner = OtherOwner(deployed, project.environment, change.resource);
    if (!owner.empty()) {
      difference.notes.push_back(fmt::format("{}: it stays in the catalog, since {} has it.", change.resource, owner));
      continue;
    }
    difference.drops.push_back(*table);
    FIRN_TRY_ASSIGN(difference.notes.emplace_back(), DropNote(catalog, *table));
  }
  return {};
}

Result<Difference> Compare(const Project& project, Catalog& catalog) {
  Difference difference{.desired = DesiredState(project), .changes = {}, .drops = {}, .notes = {}};
  FIRN_TRY_ASSIGN(const Deployed deployed, catalog.ListDeployed());
  const auto mine = deployed.find(project.environment);
  difference.changes = PlanDiff(difference.desired, mine == deployed.end() ? Json::object() : mine->second);
  FIRN_TRY(FindDrops(catalog, project, deployed, difference));
  return difference;
}

void Show(const Settings& settings, const Project& project, const Difference& difference, bool applied) {
  const Screen screen(settings.output);
  screen.Text(RenderPlan(difference.changes));
  for (const std::string& note : difference.notes) screen.Text(note);
  for (const std::string& note : PlanNotes(project)) screen.Text(note);
  if (screen.json())
    screen.Record(
        {{"applied", applied}, {"changes", PlanToJson(difference.changes)}, {"notes", Json(difference.notes)}});
}

// Makes nothing: a mistyped `lake:` shows as a plan that creates all.
VerbResult Plan(const Settings& settings) {
  FIRN_TRY_ASSIGN(const Project project, LoadProject(settings.directory, settings.environment));
  FIRN_TRY_ASSIGN(const auto catalog, OpenCatalogOf(project));
  FIRN_TRY_ASSIGN(const Difference difference, Compare(project, *catalog));
  FIRN_TRY(DeclaredTables(project, *catalog, 0));
  Show(settings, project, difference, false);
  return 0;
}

VerbResult Apply(const Settings& settings) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  wiring->Recover();
  Catalog& catalog = wiring->catalog();
  FIRN_TRY_ASSIGN(const Difference difference, Compare(wiring->project(), catalog));
  FIRN_TRY_ASSIGN(const auto tables, DeclaredTables(wiring->project(), catalog, wiring->clock().NowNs()));
  for (const TableRecord& table : difference.drops) FIRN_TRY(catalog.DropTable(table.name));
  for (const TableRecord& table : tables) FIRN_TRY(catalog.PutTable(table));
  FIRN_TRY(catalog.PutDeployed(wiring->project().environment, difference.desired));
  Show(settings, wiring->project(), difference, true);
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
