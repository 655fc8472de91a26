#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "project/project.h"

namespace firn {

// What `apply` deploys, what `plan` says about it, and what `outputs` prints.

// By resource: "project", "table/x", "crawler/x", "job/x", "schedule/x", "updater/x", "retention/zone", "alarm/metric".
// Equal projects give equal JSON, whatever the order of names and whether a default is written out.
[[nodiscard]] Json DesiredState(const Project& project);

enum class PlanAction { kCreate, kUpdate, kDelete };
[[nodiscard]] std::string_view NameOf(PlanAction action);  // "create"

struct PlanKey {
  std::string path;  // "write.files"
  Json before;       // null: not there
  Json after;
};

struct PlanChange {
  PlanAction action = PlanAction::kCreate;
  std::string resource;
  std::vector<PlanKey> keys;  // what changes; for a created or deleted resource all that it holds
};

// In the order of the resources in `desired`, then what is to be deleted. Empty when nothing changes.
[[nodiscard]] std::vector<PlanChange> PlanDiff(const Json& desired, const Json& deployed);

// [{"action": "update", "resource": "job/x", "changes": [{"key", "before", "after"}]}]: `plan --output json`.
[[nodiscard]] Json PlanToJson(const std::vector<PlanChange>& changes);

// The same for a reader: + ~ - and one line a key, then the totals.
[[nodiscard]] std::string RenderPlan(const std::vector<PlanChange>& changes);

// What the project declares and this version records without executing it: one sentence a section.
[[nodiscard]] std::vector<std::string> PlanNotes(const Project& project);

// Names and places that others need: project, environment, lake, timezone, tables with their locations, crawlers, jobs,
// commands.
[[nodiscard]] Json Outputs(const Project& project);

}  // namespace firn
