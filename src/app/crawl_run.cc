#include "app/crawl_run.h"

#include <fmt/format.h>

#include "app/progress_line.h"
#include "base/nearest.h"
#include "crawl/crawler.h"

namespace firn {
namespace {

Json ToJson(const CrawlReport& report) {
  Json findings = Json::array();
  for (const CrawlFinding& finding : report.findings)
    findings.push_back({{"key", finding.key}, {"problem", finding.problem}});
  return {{"table", report.table.str()},
          {"created", report.table_created},
          {"updated", report.table_updated},
          {"columns", report.schema.fields.size()},
          {"partitions_added", report.partitions_added},
          {"partitions_updated", report.partitions_updated},
          {"partitions_removed", report.partitions_removed},
          {"files_seen", report.files_seen},
          {"files_read", report.files_read},
          {"nothing_there", report.nothing_there},
          {"findings", findings},
          {"remarks", report.remarks}};
}

void Say(const Screen& screen, const CrawlReport& report, const std::string& location, int64_t milliseconds) {
  screen.Text(fmt::format(
      "{}: {}; partitions: {} added, {} updated, {} removed; files: {} seen, {} read; {}; {}", report.table.str(),
      report.table_created   ? "created"
      : report.table_updated ? "updated"
                             : "unchanged",
      report.partitions_added, report.partitions_updated, report.partitions_removed, GroupedDigits(report.files_seen),
      GroupedDigits(report.files_read), Counted(static_cast<int64_t>(report.schema.fields.size()), "column"),
      HumanDuration(milliseconds)));
  if (report.nothing_there) screen.Text(fmt::format("  nothing lies below {} of the lake", location));
  for (const CrawlFinding& finding : report.findings)
    screen.Text(fmt::format("  skipped {}: {}", finding.key, finding.problem));
  for (const std::string& remark : report.remarks) screen.Text("  " + remark);
}

std::unexpected<Error> Failed(Wiring& wiring, const std::string& crawler, const TableName& table, Error error) {
  wiring.log().Write(LogLevel::kError, fmt::format("the crawl of {} failed: {}", table.str(), error.Text()),
                     {{"crawler", crawler}, {"kind", NameOf(error.kind)}});
  return std::unexpected(std::move(error));
}

}  // namespace

Result<const CrawlerDefinition*> GetCrawler(const Project& project, const std::string& name) {
  if (const CrawlerDefinition* crawler = project.FindCrawler(name)) return crawler;
  std::vector<std::string> names;
  for (const CrawlerDefinition& crawler : project.crawlers) names.push_back(crawler.name);
  return Fail(ErrorKind::kNotFound, fmt::format("the project has no crawler '{}'", name), SuggestFrom(name, names));
}

Result<Json> RunCrawler(Wiring& wiring, const CrawlerDefinition& crawler, const Screen& screen, std::stop_token stop) {
  Json tables = Json::array();
  for (const TableName& target : crawler.targets) {
    CrawlOptions options{.table = ToRecord(*wiring.project().FindTable(target)),
                         .new_folders_only = crawler.recrawl == CrawlerDefinition::Recrawl::kNewFoldersOnly,
                         .skip_bad_files = crawler.on_conflict == CrawlerDefinition::OnConflict::kSkip};
    const int64_t started = wiring.clock().NowNs();
    CrawlReport report;
    {
      ProgressLine progress;
      auto crawled = Crawl(
          {wiring.store(), wiring.catalog(), wiring.pool(), wiring.clock()}, options,
          [&](std::string_view phase, int64_t done, int64_t total) { progress.Show(phase, done, total); }, stop);
      if (!crawled) return Failed(wiring, crawler.name, target, std::move(crawled.error()));
      report = std::move(*crawled);
    }
    wiring.log().Write(LogLevel::kInfo, "crawled " + target.str(), ToJson(report));
    tables.push_back(ToJson(report));
    Say(screen, report, options.table.location, (wiring.clock().NowNs() - started) / 1'000'000);
  }
  return tables;
}

}  // namespace firn
