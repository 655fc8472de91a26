#include "project/cross_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "pipeline/quality_plan.h"
#include "project/arguments.h"
#include "project/notation.h"
#include "project/s3_url.h"
#include "project/source_check.h"
#include "project/structure_check.h"
#include "run/partition_date.h"
#include "store/object_key.h"

namespace firn {
namespace {

const std::vector<YamlEntry>& EntriesOf(const YamlNode& root, std::string_view section) {
  static const std::vector<YamlEntry> none;
  const YamlNode* node = root.Find(section);
  return node == nullptr ? none : node->entries;
}

std::string Lowered(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::vector<std::string> NamesIn(const YamlNode& root, std::string_view section) {
  std::vector<std::string> names;
  for (const YamlEntry& entry : EntriesOf(root, section)) names.push_back(entry.key);
  return names;
}

bool IsPlain(const YamlNode* node) {
  return node != nullptr && node->kind == YamlKind::kScalar && node->text.find("${") == std::string::npos;
}

void CheckTableExists(const YamlNode* name, const TableFactsByName& tables, Findings& findings) {
  if (!IsPlain(name) || name->text.empty() || tables.contains(name->text)) return;
  std::vector<std::string> names;
  for (const auto& [known, facts] : tables) names.push_back(known);
  findings.Add(name->position, fmt::format("no table {}", Quoted(name->text)),
               names.empty() ? "Declare it under `tables`." : SuggestKey(name->text, names));
}

const TableFacts* FactsOf(const YamlNode* name, const TableFactsByName& tables) {
  const auto found = name == nullptr ? tables.end() : tables.find(name->text);
  return found == tables.end() ? nullptr : &found->second;
}

// --- tables

void CheckLayout(const YamlEntry& table, Findings& findings) {
  const YamlNode* layout = table.value.Find("layout");
  const YamlNode* keys = table.value.Find("partition_by");
  if (layout == nullptr || layout->text != "YYYY/MM/DD" || keys == nullptr || keys->kind != YamlKind::kList) return;
  if (keys->items.size() != 3)
    findings.Add(layout->position,
                 fmt::format("layout YYYY/MM/DD has three parts, and table '{}' is partitioned by {}", table.key,
                             keys->items.size()),
                 "Write `partition_by: [year, month, day]`, or another layout.");
}

void CheckPartitionKeys(const YamlEntry& table, Findings& findings) {
  const YamlNode* keys = table.value.Find("partition_by");
  const YamlNode* columns = table.value.Find("columns");
  if (keys == nullptr) return;
  std::set<std::string> seen;
  for (const YamlNode& key : keys->items) {
    if (key.kind != YamlKind::kScalar) continue;
    if (key.text.empty() || key.text.find_first_of("/=") != std::string::npos)
      findings.Add(key.position, fmt::format("{} is not a partition key", Quoted(key.text)),
                   "Use a column's name without '/' and '='.");
    if (!seen.insert(Lowered(key.text)).second)
      findings.Add(key.position, fmt::format("partition key {} is repeated", Quoted(key.text)), "Keep one of them.");
    if (columns != nullptr && columns->Find(key.text) != nullptr)
      findings.Add(columns->FindEntry(key.text)->position,
                   fmt::format("column {} of table '{}' is a partition key", Quoted(key.text), table.key),
                   "Leave partition keys out of `columns`: folders hold their values.");
  }
}

std::string FolderOf(const YamlEntry& table) {
  const YamlNode* location = table.value.Find("location");
  if (!IsPlain(location) || location->text.empty()) return {};
  return location->text.ends_with('/') ? location->text : location->text + "/";
}

// A job that replaces a folder must not own another table's objects.
void CheckOverlaps(const YamlNode& root, Findings& findings) {
  std::set<std::string> written;
  for (const YamlEntry& job : EntriesOf(root, "jobs"))
    if (const YamlNode* table = job.value.At({"write", "table"})) written.insert(table->text);
  const std::vector<YamlEntry>& tables = EntriesOf(root, "tables");
  std::map<std::string, const YamlEntry*> by_folder;  // sorted, so a folder's first ancestor is found by its prefixes
  for (const YamlEntry& table : tables) {
    const std::string folder = FolderOf(table);
    if (folder.empty()) continue;
    const auto [same, is_new] = by_folder.emplace(folder, &table);
    if (!is_new && (written.contains(table.key) || written.contains(same->second->key)))
      findings.Add(table.value.Find("location")->position,
                   fmt::format("tables '{}' and '{}' share a location, and a job writes one of them", same->second->key,
                               table.key),
                   "Give each table that a job writes a prefix of its own.");
  }
  for (const auto& [folder, table] : by_folder)
    for (size_t slash = folder.find('/'); slash + 1 < folder.size(); slash = folder.find('/', slash + 1)) {
      const auto outer = by_folder.find(folder.substr(0, slash + 1));
      if (outer != by_folder.end() && (written.contains(table->key) || written.contains(outer->second->key)))
        findings.Add(table->value.Find("location")->position,
                     fmt::format("the location of table '{}' lies within that of '{}', and a job writes one of them",
                                 table->key, outer->second->key),
                     "Give each table that a job writes a prefix of its own.");
    }
}

// --- CSV

bool IsOneByte(const std::string& text) {
  return text.size() == 1 && text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

void CheckQuoting(const YamlNode& csv, Findings& findings) {
  const YamlNode* delimiter = csv.Find("delimiter");
  const YamlNode* quote = csv.Find("quote");
  const std::string delimiter_text = delimiter == nullptr ? "," : delimiter->text;
  const std::string quote_text = quote == nullptr ? "\"" : quote->text;
  if (delimiter_text == quote_text)
    findings.Add((quote != nullptr ? quote : delimiter)->position, "the CSV delimiter and quote are the same byte",
                 "Change one of them.");
  const YamlNode* null_text = csv.Find("null_text");
  const std::string special = (IsOneByte(delimiter_text) ? delimiter_text : "") + quote_text + "\r\n";
  if (null_text != nullptr && null_text->text.find_first_of(special) != std::string::npos)
    findings.Add(null_text->position, "`null_text` holds the delimiter, the quote, or a line end",
                 "Choose a text that needs no quoting, such as NULL or \\N.");
}

// The properties of a table that say how its CSV files are written.
void CheckCsvOptions(const YamlEntry& table, Findings& findings) {
  const YamlNode* options = table.value.Find("options");
  if (options == nullptr || options->kind != YamlKind::kMap) return;
  const YamlNode* header = options->Find("header");
  if (header != nullptr && header->text != "true" && header->text != "false" && header->text != "auto")
    findings.Add(header->position, fmt::format("`header` must be true, false or auto, not '{}'", header->text),
                 "With auto, or without it, each file's content tells.");
  for (const char* name : {"delimiter", "quote"}) {
    const YamlNode* byte = options->Find(name);
    if (byte != nullptr && !IsOneByte(byte->text) && (byte->text != "auto" || name == std::string_view("quote")))
      findings.Add(byte->position, fmt::format("`{}` must be one byte and not a line end, not '{}'", name, byte->text),
                   "For example \",\", \";\", \"|\" or \"\\t\"; `delimiter: auto` lets each file's content tell.");
  }
  CheckQuoting(*options, findings);
}

void CheckTables(const YamlNode& root, Findings& findings) {
  std::map<std::string, std::string> seen;
  for (const YamlEntry& table : EntriesOf(root, "tables")) {
    const auto [other, is_new] = seen.emplace(Lowered(table.key), table.key);
    if (!is_new)
      findings.Add(table.position, fmt::format("tables '{}' and '{}' differ in case only", other->second, table.key),
                   "SQL does not tell them apart: rename one.");
    CheckLayout(table, findings);
    CheckPartitionKeys(table, findings);
    CheckCsvOptions(table, findings);
  }
  CheckOverlaps(root, findings);
}

// --- crawlers, schedules, retention, alarms

void CheckCrawlers(const YamlNode& root, const TableFactsByName& tables, Findings& findings) {
  for (const YamlEntry& crawler : EntriesOf(root, "crawlers"))
    if (const YamlNode* targets = crawler.value.Find("targets"))
      for (const YamlNode& target : targets->items) CheckTableExists(&target, tables, findings);
}

void CheckGivenArguments(const YamlEntry& schedule, const YamlNode& job, Findings& findings) {
  const YamlNode* given = schedule.value.Find("arguments");
  if (given == nullptr) return;
  Findings reported_with_the_job;
  const std::vector<ArgumentDeclaration> declared = DeclareArguments(job.Find("arguments"), reported_with_the_job);
  for (const YamlEntry& entry : given->entries) {
    if (entry.value.kind != YamlKind::kScalar) continue;
    const auto found = std::ranges::find(declared, entry.key, &ArgumentDeclaration::name);
    std::vector<ArgumentDeclaration> one;
    if (found != declared.end()) one.push_back(*found);
    const auto values = ResolveArguments(one.empty() ? declared : one, {{entry.key, entry.value.text}}, "UTC", 0);
    if (!values) findings.Add(entry.position, values.error().message, values.error().hint);
  }
}

void CheckScheduleTimes(const YamlEntry& schedule, Findings& findings) {
  const YamlNode* count = schedule.value.Find("executions_per_day");
  const bool has_text = schedule.value.Find("schedule") != nullptr;
  if ((count != nullptr) == has_text)
    findings.Add(schedule.position,
                 fmt::format("schedule '{}' {}", schedule.key,
                             has_text ? "has both `executions_per_day` and `schedule`" : "does not say when"),
                 "Give it `executions_per_day: 4`, or `schedule: cron(...)`: one of both.");
  if (const YamlEntry* first = schedule.value.FindEntry("first"); first != nullptr && has_text)
    findings.Add(first->position, "`first` goes with `executions_per_day`", "Put the time into the schedule's text.");
  const auto times = count == nullptr ? std::nullopt : ParseInteger(count->text);
  if (times && *times >= 1 && *times <= 1440 && 1440 % *times != 0)
    findings.Add(count->position, fmt::format("{} runs do not divide a day's 1440 minutes evenly", *times),
                 "Use 1, 2, 3, 4, 6, 8, 12, 24 or 48, or a `schedule`.");
}

// nullptr, with a finding unless another check has one, when there is no such job.
const YamlNode* FindJob(const YamlNode& root, const YamlNode* name, Findings& findings) {
  if (!IsPlain(name) || name->text.empty()) return nullptr;
  const YamlNode* jobs = root.Find("jobs");
  const YamlNode* job = jobs == nullptr ? nullptr : jobs->Find(name->text);
  const std::vector<std::string> known = NamesIn(root, "jobs");
  if (job == nullptr)
    findings.Add(name->position, fmt::format("no job {}", Quoted(name->text)),
                 known.empty() ? "Declare it under `jobs`." : SuggestKey(name->text, known));
  return job;
}

void CheckSchedules(const YamlNode& root, Findings& findings) {
  for (const YamlEntry& schedule : EntriesOf(root, "schedules")) {
    CheckScheduleTimes(schedule, findings);
    if (const YamlNode* job = FindJob(root, schedule.value.Find("job"), findings))
      CheckGivenArguments(schedule, *job, findings);
  }
}

// --- triggers and chains

void CheckTriggers(const YamlNode& root, Findings& findings) {
  for (const YamlEntry& trigger : EntriesOf(root, "triggers")) {
    const YamlNode* job = FindJob(root, trigger.value.Find("job"), findings);
    if (job == nullptr) continue;
    CheckGivenArguments(trigger, *job, findings);
    CheckTriggeredSource(trigger, *job, findings);
    const YamlNode* mode = job->At({"write", "mode"});
    if (mode == nullptr || mode->text == "overwrite_partitions")
      findings.Add(trigger.value.Find("job")->position,
                   fmt::format("trigger '{}' gives single objects to job {}, which replaces whole partitions",
                               trigger.key, Quoted(trigger.value.Find("job")->text)),
                   "Let the job write with mode: merge or append.");
  }
}

using Chain = std::map<std::string, const YamlNode*>;  // job -> its `after`

// Whether `from` comes after `to`.
bool RunsInCircles(const Chain& chain, const std::string& from, const std::string& to, std::set<std::string>& seen) {
  const auto found = chain.find(from);
  if (found == chain.end() || !seen.insert(from).second) return false;
  return std::ranges::any_of(found->second->items, [&](const YamlNode& before) {
    return before.text == to || RunsInCircles(chain, before.text, to, seen);
  });
}

void CheckChains(const YamlNode& root, Findings& findings) {
  Chain chain;
  for (const char* section : {"jobs", "crawlers"})
    for (const YamlEntry& entry : EntriesOf(root, section)) {
      const YamlNode* after = entry.value.Find("after");
      if (after == nullptr || after->kind != YamlKind::kList) continue;
      for (const YamlNode& name : after->items) FindJob(root, &name, findings);
      if (std::string_view(section) == "jobs") chain[entry.key] = after;
    }
  for (const auto& [job, after] : chain)
    if (std::set<std::string> seen; RunsInCircles(chain, job, job, seen))
      findings.Add(after->position, fmt::format("job {} comes after itself", Quoted(job)),
                   "Take one of the jobs of the circle out of `after`.");
}

void CheckRetention(const YamlNode& root, Findings& findings) {
  const YamlNode* rules = root.Find("retention");
  if (rules == nullptr) return;
  std::set<std::string> zones;
  for (const YamlNode& rule : rules->items) {
    if (rule.kind != YamlKind::kMap) continue;
    if (rule.Find("delete_after") == nullptr && rule.Find("archive_after") == nullptr)
      findings.Add(rule.position, "a retention rule without an age",
                   "Give it `delete_after: 7d` or `archive_after: 90d`.");
    const YamlNode* zone = rule.Find("zone");
    if (zone != nullptr && !zones.insert(zone->text).second)
      findings.Add(zone->position, fmt::format("zone {} has a retention rule already", Quoted(zone->text)),
                   "Put both ages into one rule.");
  }
}

void CheckLake(const YamlNode& root, Findings& findings) {
  const YamlNode* lake = root.Find("lake");
  if (lake == nullptr || !IsS3Url(lake->text)) return;
  const S3Url url = ReadS3Url(lake->text);
  if (url.bucket.empty())
    findings.Add(lake->position, fmt::format("{} names no bucket", Quoted(lake->text)),
                 "Write s3://BUCKET, or s3://BUCKET/PREFIX.");
  else if (const Status valid = ValidatePrefix(url.prefix); !valid)
    findings.Add(lake->position, valid.error().message, "Write it as s3://BUCKET/some/prefix.");
}

void CheckAlarms(const YamlNode& root, Findings& findings) {
  const YamlNode* alarms = root.Find("alarms");
  if (alarms == nullptr) return;
  for (const YamlNode& alarm : alarms->items)
    if (alarm.kind == YamlKind::kMap && (alarm.Find("above") != nullptr) == (alarm.Find("below") != nullptr))
      findings.Add(alarm.position, "an alarm wants one of `above` and `below`", "Write one alarm for each bound.");
}

// --- jobs

void CheckReadKeys(const YamlNode& job, const TableFacts& table, Findings& findings) {
  if (!table.partition_by) return;
  const std::vector<std::string>& keys = *table.partition_by;
  const YamlEntry* date = job.Find("read")->FindEntry("date");
  if (date != nullptr && keys.empty())
    findings.Add(date->position,
                 fmt::format("`date` reads one day's partition, and table '{}' is not partitioned", table.name),
                 "Remove `date`, or give the table `partition_by: [year, month, day]`.");
  if (date != nullptr && !keys.empty())
    if (const auto by_date = DatePredicates(keys, "2025-11-03"); !by_date)
      findings.Add(date->position,
                   fmt::format("the keys of table '{}' hold no date: {}", table.name, fmt::join(keys, ", ")),
                   by_date.error().hint);
  const YamlNode* partition = job.At({"read", "partition"});
  if (partition == nullptr) return;
  for (const YamlEntry& entry : partition->entries)
    if (std::ranges::find(keys, entry.key) == keys.end())
      findings.Add(entry.position, fmt::format("table '{}' has no partition key {}", table.name, Quoted(entry.key)),
                   keys.empty() ? "The table is not partitioned." : SuggestKey(entry.key, keys));
}

// Keys that the folders lack that are read come from the rows, and a bookmark leaves out the rows of earlier runs.
void CheckWriteKeys(const std::string& name, const YamlNode& job, const TableFacts& read, const TableFacts& write,
                    Findings& findings) {
  const YamlNode* bookmark = job.Find("bookmark");
  const YamlNode* mode = job.At({"write", "mode"});
  const bool reads_new_only = bookmark != nullptr && bookmark->text != "disable";
  const bool replaces = mode == nullptr || mode->text == "overwrite_partitions";
  if (!read.partition_by || !write.partition_by || !reads_new_only || !replaces) return;
  for (const std::string& key : *write.partition_by)
    if (std::ranges::find(*read.partition_by, key) == read.partition_by->end())
      return findings.Add(
          bookmark->position,
          fmt::format("job '{}' reads new files only, and would replace partitions of table '{}' by their rows", name,
                      write.name),
          fmt::format("Rows say to which '{}' they go: write with mode: merge or append, or disable the bookmark.",
                      key));
}

void CheckMerge(const std::string& name, const YamlNode& job, Findings& findings) {
  const YamlNode* mode = job.At({"write", "mode"});
  if (mode == nullptr || mode->text != "merge") return;
  const YamlNode* steps = job.Find("steps");
  const bool dedupes = steps != nullptr && std::ranges::any_of(steps->items, [](const YamlNode& step) {
                         return step.Find("dedupe") != nullptr;
                       });
  if (!dedupes)
    findings.Add(mode->position,
                 fmt::format("job '{}' merges without a `dedupe` step: nothing says which rows are the same", name),
                 "Add `- dedupe: {key: [...], by: [...]}` to its steps.");
}

void CheckRule(const YamlNode& rule, std::string_view action, Findings& findings) {
  const QualityAction todo = action == "quarantine" ? QualityAction::kQuarantine : QualityAction::kFail;
  if (const Status valid = ValidateExpectRule({rule.text, todo}); !valid)
    findings.Add(rule.position, valid.error().message,
                 valid.error().hint.empty() ? "docs/reference/quality-rules.md lists the rules." : valid.error().hint);
}

// `expect: [rule, {rule: ..., action: ...}]`, or `expect: {action: ..., rules: [...]}`.
void CheckRules(const YamlNode& job, Findings& findings) {
  const YamlNode* steps = job.Find("steps");
  if (steps == nullptr) return;
  for (const YamlNode& step : steps->items) {
    const YamlNode* expect = step.Find("expect");
    if (expect == nullptr) continue;
    const YamlNode* common = expect->Find("action");
    const YamlNode* rules = expect->kind == YamlKind::kMap ? expect->Find("rules") : expect;
    if (rules == nullptr) continue;
    for (const YamlNode& item : rules->items) {
      const YamlNode* own = item.Find("action");
      const YamlNode* rule = item.kind == YamlKind::kMap ? item.Find("rule") : &item;
      const YamlNode* action = own != nullptr ? own : common;
      if (rule != nullptr && rule->kind == YamlKind::kScalar)
        CheckRule(*rule, action == nullptr ? "" : action->text, findings);
    }
  }
}

// The first that fits counts: what stands behind one for any size is never reached.
void CheckLimits(const YamlNode& job, Findings& findings) {
  const YamlNode* limits = job.Find("limits");
  if (limits == nullptr) return;
  int64_t last = 0;
  for (const YamlNode& limit : limits->items) {
    if (limit.kind != YamlKind::kMap) continue;
    const YamlNode* up_to = limit.Find("up_to");
    const auto bytes =
        up_to == nullptr ? std::optional(std::numeric_limits<int64_t>::max()) : ParseByteSize(up_to->text);
    if (bytes && *bytes <= last)
      findings.Add(limit.position, "a limit that is never reached: one before it is for inputs of this size",
                   "Order them by `up_to`, the smallest first; at most the last may be without.");
    if (bytes) last = std::max(last, *bytes);
  }
}

void CheckJobs(const YamlNode& root, const TableFactsByName& tables, Findings& findings) {
  for (const YamlEntry& job : EntriesOf(root, "jobs")) {
    if (job.value.kind != YamlKind::kMap) continue;
    CheckFilledJob(job.key, FillWithSamples(job.value, findings), job.position, tables, findings);
  }
}

}  // namespace

TableFactsByName CollectTableFacts(const YamlNode& root) {
  TableFactsByName tables;
  for (const YamlEntry& table : EntriesOf(root, "tables")) {
    TableFacts facts{table.key, std::nullopt};
    if (const YamlNode* format = table.value.Find("format")) facts.format = format->text;
    if (const YamlNode* keys = table.value.Find("partition_by")) {
      facts.partition_by.emplace();
      for (const YamlNode& key : keys->items) facts.partition_by->push_back(key.text);
    }
    tables[table.key] = std::move(facts);
  }
  return tables;
}

void CheckFilledJob(const std::string& name, const YamlNode& job, const SourcePosition& at,
                    const TableFactsByName& tables, Findings& findings) {
  CheckStructureAt(job, KeyNodeAt("jobs.*"), "jobs." + name, at, findings);
  const YamlNode* read = job.At({"read", "table"});
  const YamlNode* write = job.At({"write", "table"});
  if (read != nullptr) CheckTableExists(read, tables, findings);
  CheckTableExists(write, tables, findings);
  const TableFacts* read_facts = FactsOf(read, tables);
  const TableFacts* write_facts = FactsOf(write, tables);
  if (read_facts != nullptr) CheckReadKeys(job, *read_facts, findings);
  if (read_facts != nullptr && write_facts != nullptr) CheckWriteKeys(name, job, *read_facts, *write_facts, findings);
  CheckSource(name, job, findings);
  if (write_facts != nullptr) CheckWrittenFormat(job, *write_facts, findings);
  CheckMerge(name, job, findings);
  CheckRules(job, findings);
  if (const YamlNode* csv = job.At({"write", "csv"})) CheckQuoting(*csv, findings);
  CheckLimits(job, findings);
}

void CheckReferences(const YamlNode& root, Findings& findings) {
  const TableFactsByName tables = CollectTableFacts(root);
  CheckTables(root, findings);
  CheckCrawlers(root, tables, findings);
  CheckJobs(root, tables, findings);
  CheckSchedules(root, findings);
  CheckTriggers(root, findings);
  CheckChains(root, findings);
  CheckRetention(root, findings);
  CheckAlarms(root, findings);
  CheckLake(root, findings);
}

}  // namespace firn
