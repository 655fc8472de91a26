#pragma once

#include <functional>

#include "app/settings.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace firn {

// How a verb ended: an exit code of its own (3: nothing to do), or an error, which `main` shows and turns into one.
using VerbResult = Result<int>;

// What the command line chose. Each Add function declares one verb (or a family) below `app`; choosing it sets
// `chosen`.
using ChosenVerb = std::function<VerbResult(const Settings&)>;

void AddProjectVerbs(CLI::App& app, ChosenVerb& chosen);  // validate, plan, apply, outputs, schema
void AddCrawlVerb(CLI::App& app, ChosenVerb& chosen);     // crawl
void AddRunVerbs(CLI::App& app, ChosenVerb& chosen);      // run, explain
void AddTriggerVerb(CLI::App& app, ChosenVerb& chosen);   // trigger
void AddRunsVerb(CLI::App& app, ChosenVerb& chosen);      // runs, runs show
void AddTableVerbs(CLI::App& app, ChosenVerb& chosen);    // tables, tables show, partitions, snapshots
void AddQueryVerb(CLI::App& app, ChosenVerb& chosen);     // query
void AddEventsVerb(CLI::App& app, ChosenVerb& chosen);    // events
void AddBookmarkVerb(CLI::App& app, ChosenVerb& chosen);  // bookmark show, set, reset, rewind
void AddDoctorVerb(CLI::App& app, ChosenVerb& chosen);    // doctor

}  // namespace firn
