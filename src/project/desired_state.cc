#include "project/desired_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace firn {
namespace {

void AddNamed(Json& state, const Json& section, std::string_view kind) {
  for (const auto& [name, value] : section.items()) state[fmt::format("{}/{}", kind, name)] = value;
}

// Elements of a list that have a name of their own; a second one of a name is told apart by a number.
void AddListed(Json& state, const Json& list, std::string_view kind, const char* name_key) {
  for (const Json& element : list) {
    const std::string name = fmt::format("{}/{}", kind, element[name_key].get<std::string>());
    std::string resource = name;
    for (int number = 2; state.contains(resource); ++number) resource = fmt::format("{}#{}", name, number);
    state[resource] = element;
  }
}

bool AllObjects(const Json& list) {
  return std::ranges::all_of(list, [](const Json& element) { return element.is_object(); });
}

void CollectChanges(const std::string& path, const Json& before, const Json& after, std::vector<PlanKey>& keys);

void CollectObjectChanges(const std::string& path, const Json& before, const Json& after, std::vector<PlanKey>& keys) {
  const auto below = [&](const std::string& name) { return path.empty() ? name : path + "." + name; };
  const Json absent;
  for (const auto& [name, value] : after.items())
    CollectChanges(below(name), before.contains(name) ? before[name] : absent, value, keys);
  for (const auto& [name, value] : before.items())
    if (!after.contains(name)) CollectChanges(below(name), value, absent, keys);
}

// Objects are compared key by key (their order means nothing), lists of equally many maps element by element, all else
// whole.
void CollectChanges(const std::string& path, const Json& before, const Json& after, std::vector<PlanKey>& keys) {
  const Json empty = Json::object();
  const bool objects = (before.is_object() || before.is_null()) && (after.is_object() || after.is_null());
  if (objects && (!before.empty() || !after.empty())) {
    CollectObjectChanges(path, before.is_null() ? empty : before, after.is_null() ? empty : after, keys);
  } else if (before.is_array() && after.is_array() && before.size() == after.size() && AllObjects(before) &&
             AllObjects(after)) {
    for (size_t i = 0; i < before.size(); ++i)
      CollectChanges(fmt::format("{}[{}]", path, i), before[i], after[i], keys);
  } else if (before != after) {
    keys.push_back({path, before, after});
  }
}

std::string ShortText(const Json& value) {
  constexpr size_t kLongest = 100;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string RenderKey(const PlanChange& change, const PlanKey& key) {
  if (change.action == PlanAction::kUpdate)
    return fmt::format("      {}: {} -> {}\n", key.path, key.before.is_null() ? "(none)" : ShortText(key.before),
                       key.after.is_null() ? "(none)" : ShortText(key.after));
  return fmt::format("      {}: {}\n", key.path,
                     ShortText(change.action == PlanAction::kCreate ? key.after : key.before));
}

char SignOf(PlanAction action) {
  return action == PlanAction::kCreate ? '+' : action == PlanAction::kUpdate ? '~' : '-';
}

std::string ExampleArguments(const JobDeclaration& job) {
  for (const ArgumentDeclaration& argument : job.arguments)
    if (argument.type == ArgumentType::kDate) return fmt::format(" --arg {}=2025-11-03", argument.name);
  return {};
}

Json TableOutputs(const Project& project) {
  const std::string lake = project.LakeIsS3() ? project.lake : project.LakeFolder();
  Json tables = Json::object();
  for (const TableDefinition& table : project.tables)
    tables[table.name.str()] = {
        {"location", fmt::format("{}{}{}", lake, lake.ends_with('/') ? "" : "/", table.location)},
        {"format", table.format.empty() ? Json() : Json(table.format)},
        {"partition_by", table.partition_by}};
  return tables;
}

Json ExampleCommands(const Project& project) {
  const std::string firn =
      fmt::format("firn{}{}", project.directory.empty() || project.directory == "." ? "" : " -C " + project.directory,
                  project.environment.empty() ? "" : " -e " + project.environment);
  Json commands = Json::array();
  for (const CrawlerDefinition& crawler : project.crawlers)
    commands.push_back(fmt::format("{} crawl {}", firn, crawler.name));
  for (const JobDeclaration& job : project.jobs)
    commands.push_back(fmt::format("{} run {}{}", firn, job.name.str(), ExampleArguments(job)));
  for (const TableDefinition& table : project.tables)
    commands.push_back(fmt::format("{} query 'SELECT count(*) FROM \"{}\"'", firn, table.name.str()));
  return commands;
}

// Every resource's tags: the project's, and over them its own.
Json TagsByResource(const Project& project) {
  Json tags = Json::object();
  const Json state = DesiredState(project);
  for (const auto& [resource, value] : state.items()) {
    if (resource == "project" || !value.contains("tags")) continue;
    Json all = project.canonical["tags"];
    all.update(value["tags"]);
    if (!all.empty()) tags[resource] = std::move(all);
  }
  return tags;
}

template <class Named>
Json NamesOf(const std::vector<Named>& resources) {
  Json names = Json::array();
  for (const Named& resource : resources) names.push_back(resource.name);
  return names;
}

Json TriggerOutputs(const Project& project) {
  Json triggers = Json::object();
  for (const TriggerRule& trigger : project.triggers)
    triggers[trigger.name] = {{"job", trigger.job.str()},
                              {"prefix", trigger.prefix},
                              {"suffix", trigger.suffix},
                              {"enabled", trigger.enabled}};
  return triggers;
}

}  // namespace

Json DesiredState(const Project& project) {
  const Json& all = project.canonical;
  Json state = Json::object();
  state["project"] = {
      {"project", all["project"]}, {"lake", all["lake"]}, {"timezone", all["timezone"]}, {"tags", all["tags"]}};
  if (project.LakeIsS3() && all.contains("s3")) state["project"]["s3"] = all["s3"];
  AddNamed(state, all["tables"], "table");
  AddNamed(state, all["crawlers"], "crawler");
  AddNamed(state, all["jobs"], "job");
  AddNamed(state, all["triggers"], "trigger");
  AddNamed(state, all["schedules"], "schedule");
  AddNamed(state, all["workgroups"], "workgroup");
  AddNamed(state, all["updaters"], "updater");
  AddListed(state, all["retention"], "retention", "zone");
  AddListed(state, all["alarms"], "alarm", "metric");
  return state;
}

std::string_view NameOf(PlanAction action) {
  return action == PlanAction::kCreate ? "create" : action == PlanAction::kUpdate ? "update" : "delete";
}

std::vector<PlanChange> PlanDiff(const Json& desired, const Json& deployed) {
  std::vector<PlanChange> changes;
  const Json absent;
  for (const auto& [resource, value] : desired.items()) {
    const bool known = deployed.contains(resource);
    PlanChange change{known ? PlanAction::kUpdate : PlanAction::kCreate, resource, {}};
    CollectChanges("", known ? deployed[resource] : absent, value, change.keys);
    if (!known || !change.keys.empty()) changes.push_back(std::move(change));
  }
  for (const auto& [resource, value] : deployed.items()) {
    if (desired.contains(resource)) continue;
    PlanChange change{PlanAction::kDelete, resource, {}};
    CollectChanges("", value, absent, change.keys);
    changes.push_back(std::move(change));
  }
  return changes;
}

Json PlanToJson(const std::vector<PlanChange>& changes) {
  Json list = Json::array();
  for (const PlanChange& change : changes) {
    Json keys = Json::array();
    for (const PlanKey& key : change.keys)
      keys.push_back({{"key", key.path}, {"before", key.before}, {"after", key.after}});
    list.push_back({{"action", NameOf(change.action)}, {"resource", change.resource}, {"changes", std::move(keys)}});
  }
  return list;
}

std::string RenderPlan(const std::vector<PlanChange>& changes) {
  if (changes.empty()) return "No changes: what is deployed is what the project file says.\n";
  std::string text;
  for (const PlanChange& change : changes) {
    text += fmt::format("  {} {}\n", SignOf(change.action), change.resource);
    for (const PlanKey& key : change.keys) text += RenderKey(change, key);
  }
  const auto count = [&](PlanAction action) { return std::ranges::count(changes, action, &PlanChange::action); };
  return text + fmt::format("\nPlan: {} to create, {} to update, {} to delete.\n", count(PlanAction::kCreate),
                            count(PlanAction::kUpdate), count(PlanAction::kDelete));
}

std::vector<std::string> PlanNotes(const Project& project) {
  std::vector<std::string> sections;
  if (!project.schedules.empty()) sections.emplace_back("schedules");
  if (std::ranges::any_of(project.crawlers, [](const CrawlerDefinition& crawler) { return !crawler.schedule.empty(); }))
    sections.emplace_back("crawlers' schedules");
  if (!project.updaters.empty()) sections.emplace_back("updaters");
  if (!project.retention.empty()) sections.emplace_back("retention");
  if (!project.alarms.empty()) sections.emplace_back("alarms");
  std::vector<std::string> notes;
  for (const std::string& section : sections)
    notes.push_back(fmt::format("{}: recorded, but not yet executed by this version.", section));
  return notes;
}

Json Outputs(const Project& project) {
  Json jobs = Json::array();
  for (const JobDeclaration& job : project.jobs) jobs.push_back(job.name.str());
  return {{"project", project.name},
          {"environment", project.environment},
          {"lake", project.LakeIsS3() ? project.lake : project.LakeFolder()},
          {"timezone", project.time_zone},
          {"tables", TableOutputs(project)},
          {"crawlers", NamesOf(project.crawlers)},
          {"jobs", std::move(jobs)},
          {"triggers", TriggerOutputs(project)},
          {"schedules", NamesOf(project.schedules)},
          {"workgroups", NamesOf(project.workgroups)},
          {"tags", TagsByResource(project)},
          {"commands", ExampleCommands(project)}};
}

}  // namespace firn
