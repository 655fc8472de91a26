#include <CLI/CLI.hpp>

#include "app/crawl_run.h"
#include "app/verbs.h"
#include "env/stop_signal.h"

namespace firn {
namespace {

VerbResult RunCrawl(const Settings& settings, const std::string& name) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kWrite));
  FIRN_TRY_ASSIGN(const CrawlerDefinition* crawler, GetCrawler(wiring->project(), name));
  wiring->Recover();
  const Screen screen(settings.output);
  const int64_t started = wiring->clock().NowNs();
  FIRN_TRY_ASSIGN(Json tables, RunCrawler(*wiring, *crawler, screen, InstallStopSignals()));
  if (screen.json())
    screen.Record({{"crawler", name},
                   {"state", "SUCCEEDED"},
                   {"duration_ms", (wiring->clock().NowNs() - started) / 1'000'000},
                   {"tables", std::move(tables)}});
  return 0;
}

}  // namespace

void AddCrawlVerb(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const crawl = app.add_subcommand("crawl", "Find new partitions and columns of a crawler's tables");
  const auto name = std::make_shared<std::string>();
  crawl->add_option("CRAWLER", *name, "Name of the crawler")->required();
  crawl->callback([&chosen, name] { chosen = [name](const Settings& settings) { return RunCrawl(settings, *name); }; });
}

}  // namespace firn
