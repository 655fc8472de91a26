#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <map>

#include "app/verbs.h"
#include "base/nearest.h"
#include "env/stop_signal.h"

#ifdef FIRN_MIMALLOC
#include <mimalloc.h>
#endif

namespace {

using firn::ChosenVerb;
using firn::OutputFormat;
using firn::Settings;

constexpr int kWrongUse = 2;

// Puts the number that the parser reads in place of a format's name, and says so when it is none.
std::string TakeFormat(std::string& text) {
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"csv", OutputFormat::kCsv}, {"json", OutputFormat::kJson}};
  const auto found = kFormats.find(CLI::detail::to_lower(text));
  if (found == kFormats.end()) return fmt::format("'{}' is no format: table, csv or json", text);
  text = std::to_string(static_cast<int>(found->second));
  return {};
}

void AddSettings(CLI::App& app, Settings& settings) {
  app.add_option("-C,--directory", settings.directory, "Folder of firn.yaml")->type_name("DIR");
  app.add_option("-e,--environment", settings.environment, "Environment: puts firn.ENV.yaml over firn.yaml")
      ->type_name("ENV");
  app.add_option("-o,--output", settings.output, "How answers are written: table, csv or json")
      ->transform(CLI::Validator([](std::string& text) { return TakeFormat(text); }, ""))
      ->type_name("FORMAT");
  app.add_option("--threads", settings.threads, "Worker threads (default: all cores)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_option("--memory", settings.memory,
                 "Memory for work that has to hold rows, as in 2GB (default: a quarter of the machine)")
      ->type_name("SIZE");
}

// The word that stands where a verb should; the parser itself only says that one is missing.
int RefuseVerb(const CLI::App& app, const std::string& word) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  fmt::print(stderr, "firn has no verb '{}'. {}\nRun `firn --help` to see them.\n", word,
             firn::SuggestFrom(word, verbs));
  return kWrongUse;
}

int Refuse(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining();
  const bool help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
  if (!help && app.get_subcommands().empty() && !rest.empty() && !rest.front().starts_with("-"))
    return RefuseVerb(app, rest.front());
  return app.exit(error) == 0 ? 0 : kWrongUse;
}

firn::Error ToldBySignal(firn::Error error) {
  if (error.kind != firn::ErrorKind::kStopped || firn::StopSignalName().empty()) return error;
  return {error.kind, fmt::format("stopped by {}", firn::StopSignalName()), "Nothing was changed: run it again"};
}

void SetUpMemory() {
  // Arrow's own allocator beside ours would keep what ours could use again: a quarter more memory.
  setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 0);
#ifdef FIRN_MIMALLOC
  // Freed memory is kept for the next file, not given back and faulted in again: a tenth less CPU time.
  mi_option_disable(mi_option_allow_decommit);
  // Huge pages, where the system leaves that to programs: the keys of 50 million rows are half a million page faults.
  mi_option_enable(mi_option_large_os_pages);
#endif
}

int Main(int argc, char** argv) {
  SetUpMemory();
  Settings settings;
  ChosenVerb chosen;
  CLI::App app("firn presses many small files into few large ones: crawl, consolidate, query, publish.", "firn");
  app.set_version_flag("--version", std::string("firn ") + FIRN_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  AddSettings(app, settings);
  firn::AddProjectVerbs(app, chosen);
  firn::AddCrawlVerb(app, chosen);
  firn::AddRunVerbs(app, chosen);
  firn::AddTriggerVerb(app, chosen);
  firn::AddRunsVerb(app, chosen);
  firn::AddTableVerbs(app, chosen);
  firn::AddQueryVerb(app, chosen);
  firn::AddEventsVerb(app, chosen);
  firn::AddBookmarkVerb(app, chosen);
  firn::AddDoctorVerb(app, chosen);
  app.footer("Exit codes: 0 done, 1 the run failed, 2 wrong use or project file, 3 nothing to do (--fail-if-empty).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return Refuse(app, e);
  }
  const firn::VerbResult result = chosen(settings);
  if (result) return *result;
  firn::Screen(settings.output).Failure(ToldBySignal(result.error()));
  return firn::ExitCodeOf(result.error().kind);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "firn: internal error: {}\n", e.what());
    return 1;
  }
}
