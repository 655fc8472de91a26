#include "project/source_check.h"

#include <fmt/format.h>

namespace firn {
namespace {

void CheckOneSource(const std::string& name, const YamlNode& read, Findings& findings) {
  const YamlEntry* table = read.FindEntry("table");
  const YamlEntry* dynamodb = read.FindEntry("dynamodb");
  if (table == nullptr && dynamodb == nullptr)
    findings.Add(read.position, fmt::format("job '{}' does not say what it reads", name),
                 "Write `read: {table: NAME}`, or `read: {dynamodb: {table: NAME}}`.");
  if (table != nullptr && dynamodb != nullptr)
    findings.Add(dynamodb->position, fmt::format("job '{}' reads both a `table` and `dynamodb`", name),
                 "Keep one of them, and give the other a job of its own.");
}

// Keys that say which part of a table is read.
void CheckReadsAll(const YamlNode& read, Findings& findings) {
  for (const char* key : {"date", "partition"})
    if (const YamlEntry* entry = read.FindEntry(key))
      findings.Add(entry->position, fmt::format("`{}` chooses partitions, and a table of DynamoDB has none", key),
                   "Remove it; a `filter` step chooses rows.");
}

}  // namespace

void CheckSource(const std::string& name, const YamlNode& job, Findings& findings) {
  const YamlNode* read = job.Find("read");
  if (read == nullptr || read->kind != YamlKind::kMap) return;
  CheckOneSource(name, *read, findings);
  if (read->Find("dynamodb") == nullptr) return;
  CheckReadsAll(*read, findings);
  const YamlNode* bookmark = job.Find("bookmark");
  if (bookmark == nullptr || bookmark->text == "disable" || bookmark->text.find("${") != std::string::npos) return;
  findings.Add(bookmark->position, fmt::format("job '{}' scans DynamoDB, and a bookmark remembers files", name),
               "Each run reads the whole table: remove `bookmark`, and write with `mode: overwrite_partitions` or "
               "`merge`.");
}

void CheckTriggeredSource(const YamlEntry& trigger, const YamlNode& job, Findings& findings) {
  if (job.At({"read", "dynamodb"}) == nullptr) return;
  findings.Add(trigger.value.Find("job")->position,
               fmt::format("trigger '{}' gives objects of the lake to a job that scans DynamoDB", trigger.key),
               "Name a job that reads a `table`.");
}

void CheckWrittenFormat(const YamlNode& job, const TableFacts& table, Findings& findings) {
  const YamlNode* write = job.At({"write", "table"});
  if (write == nullptr || table.format != "dynamodb_json") return;
  findings.Add(write->position, fmt::format("table '{}' has the format dynamodb_json, which is only read", table.name),
               "Write to another table.");
}

}  // namespace firn
