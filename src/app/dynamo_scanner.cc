#include "app/dynamo_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/aws_settings.h"
#include "base/hash.h"
#include "dynamodb/dynamo_db.h"
#include "dynamodb/kept_scan.h"
#include "env/time_zone.h"
#include "store/local_store.h"

namespace firn {
namespace {

DynamoSettings SettingsOf(const Project& project, const Environment& environment) {
  DynamoSettings settings;
  settings.endpoint =
      FirstSet(environment, {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"}, project.dynamodb.endpoint);
  settings.http.ca_file = FirstSet(environment, {"AWS_CA_BUNDLE"}, project.dynamodb.ca_file);
  settings.identity = IdentityOf(environment, project.dynamodb.region, project.dynamodb.profile);
  return settings;
}

// Scans of one name may stand for one another: of the same job with the same arguments, from the same place, in the
// same manner.
std::string ScanNameOf(const SourceScanRequest& request, const std::string& place) {
  const DynamoSource& source = *request.job->read.dynamodb;
  const Json identity = {request.job->arguments, request.dry_run,       place, source.table, source.segments,
                         source.page_items,      source.consistent_read};
  const std::string text = identity.dump(-1, ' ', false, Json::error_handler_t::replace);
  return fmt::format("{}-{}", request.job->name.str(), ToHex(HashBytes(text)).substr(0, 12));
}

ScanPlan PlanOf(const DynamoSource& source) {
  ScanPlan plan{.selection = {}, .segments = source.segments, .page_items = source.page_items};
  plan.selection.table = source.table;
  plan.selection.consistent_read = source.consistent_read;
  return plan;
}

// What is known before the scan. Who may scan need not be allowed to describe.
struct TableFacts {
  std::string id;
  int64_t items = 0;  // as of some hours ago; 0: unknown
};

Result<TableFacts> Describe(DynamoClient& client, const std::string& table) {
  auto described = client.DescribeTable(table);
  if (!described && described.error().kind == ErrorKind::kPermission) return TableFacts{};
  if (!described) return std::unexpected(std::move(described.error()));
  return TableFacts{described->id, described->items};
}

class DynamoScanner final : public SourceScanner {
 public:
  DynamoScanner(const Project& project, std::string folder, const Clock& clock, Random& random)
      : project_(project), folder_(std::move(folder)), clock_(clock), random_(random) {}

  Result<SourceScan> Scan(const SourceScanRequest& request, const ProgressCallback& progress,
                          std::stop_token stop) override {
    const DynamoSource& source = *request.job->read.dynamodb;
    const Environment environment = ProcessEnvironment();
    const DynamoSettings settings = SettingsOf(project_, environment);
    const std::string place =
        settings.endpoint.empty() ? FindAwsRegion(settings.identity, environment) : settings.endpoint;
    FIRN_TRY_ASSIGN(const auto db, DynamoDb::Open(settings, clock_, random_, PauseUnlessStopped(stop), environment));
    FIRN_TRY_ASSIGN(const TableFacts table, Describe(db->client(), source.table));
    FIRN_TRY(OpenStore());
    SourceScan scan{.store = store_.get(),
                    .pages = {},
                    .source = fmt::format("table '{}' of DynamoDB ({})", source.table, place),
                    .notes = {}};
    FIRN_TRY_ASSIGN(const auto kept, FindOrBegin(request, place, table, scan));
    const auto tell = [&](int64_t items) {
      if (progress) progress("scanning", items, std::max(items, table.items));
    };
    tell(kept->facts().items);
    FIRN_TRY(kept->Run(db->client(), tell, std::move(stop)));
    FIRN_TRY_ASSIGN(scan.pages, kept->Pages());
    scan.items = kept->facts().items;
    scan.begun_ns = kept->facts().begun_ns;
    return scan;
  }

  Status Forget(const RunId& run) override {
    return RemoveIf([&](const KeptScanFacts& kept) -> Result<bool> { return kept.holder == run.str(); });
  }

  Status Sweep(const ScanHolderOf& holder_of, int64_t now_ns) override {
    return RemoveIf([&](const KeptScanFacts& kept) -> Result<bool> {
      FIRN_TRY_ASSIGN(const ScanHolder holder, holder_of(RunId(kept.holder)));
      return holder == ScanHolder::kSpent || (holder == ScanHolder::kCutOff && kept.expires_ns <= now_ns);
    });
  }

 private:
  Status OpenStore() {
    if (store_ != nullptr) return {};
    FIRN_TRY_ASSIGN(store_, OpenLocalStore(folder_, true));
    return {};
  }

  Status RemoveIf(const std::function<Result<bool>(const KeptScanFacts&)>& wanted) {
    std::error_code error;
    if (store_ == nullptr && !std::filesystem::exists(folder_, error)) return {};  // nothing was ever scanned
    FIRN_TRY(OpenStore());
    KeptScans scans(*store_, random_);
    FIRN_TRY_ASSIGN(const auto all, scans.List());
    for (const KeptScanFacts& kept : all) {
      FIRN_TRY_ASSIGN(const bool remove, wanted(kept));
      if (remove) FIRN_TRY(scans.Remove(kept.folder));
    }
    return {};
  }

  // One that was cut off, if it may be gone on with; else a new one.
  Result<std::unique_ptr<KeptScan>> FindOrBegin(const SourceScanRequest& request, const std::string& place,
                                                const TableFacts& table, SourceScan& scan) {
    KeptScans scans(*store_, random_);
    const ScanPlan plan = PlanOf(*request.job->read.dynamodb);
    const std::string name = ScanNameOf(request, place);
    FIRN_TRY_ASSIGN(const auto all, scans.List());
    for (const KeptScanFacts& kept : all) {
      if (kept.name != name) continue;
      FIRN_TRY_ASSIGN(const ScanHolder holder, request.holder_of(RunId(kept.holder)));
      if (holder == ScanHolder::kAtWork) continue;
      const std::string why_not = WhyNot(request, kept, holder, table);
      if (why_not.empty()) {
        auto going_on = scans.GoOn(plan, kept, request.run.str());
        if (going_on) {
          scan.resumed_items = kept.items;
          scan.notes.push_back(fmt::format("the scan of {} goes on from {} items, scanned since {}", scan.source,
                                           kept.items, FormatUtc(kept.begun_ns)));
          return going_on;
        }
        if (going_on.error().kind != ErrorKind::kCorrupt && going_on.error().kind != ErrorKind::kMismatch)
          return going_on;
        scan.notes.push_back("the scan begins anew: " + going_on.error().message);
      } else {
        scan.notes.push_back(fmt::format("the scan of {} begins anew: {}", scan.source, why_not));
      }
      FIRN_TRY(scans.Remove(kept.folder));
    }
    const int64_t good_for_ns = std::chrono::nanoseconds(request.job->read.dynamodb->resume_within).count();
    return scans.Begin(plan, {.name = name,
                              .folder = "",
                              .holder = request.run.str(),
                              .table_id = table.id,
                              .begun_ns = request.now_ns,
                              .expires_ns = request.now_ns + good_for_ns});
  }

  // "" when it may be gone on with.
  static std::string WhyNot(const SourceScanRequest& request, const KeptScanFacts& kept, ScanHolder holder,
                            const TableFacts& table) {
    if (holder == ScanHolder::kSpent) return "the one before is committed";
    if (request.anew) return "so it was asked for";
    const std::chrono::seconds within = request.job->read.dynamodb->resume_within;
    if (request.now_ns - kept.begun_ns >= std::chrono::nanoseconds(within).count())
      return fmt::format("the one that was cut off began at {}, more than {} ago", FormatUtc(kept.begun_ns),
                         DurationText(within));
    if (kept.table_id != table.id) return "the table is another one of the same name";
    return "";
  }

  const Project& project_;
  const std::string folder_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<LocalStore> store_;
};

}  // namespace

std::unique_ptr<SourceScanner> MakeDynamoScanner(const Project& project, std::string folder, const Clock& clock,
                                                 Random& random) {
  return std::make_unique<DynamoScanner>(project, std::move(folder), clock, random);
}

}  // namespace firn
