#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/project.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Finding> Validate(const std::string& base) {
  return ValidateProjectText("", base, "");
}

std::string AllTexts(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.Text() + " | " + finding.hint + "\n";
  return text;
}

// That `base` has exactly one finding, with these words in message and hint.
void ExpectFinding(const std::string& base, const std::string& message, const std::string& hint) {
  const std::vector<Finding> findings = Validate(base);
  ASSERT_THAT(findings, SizeIs(1)) << AllTexts(findings) << base;
  EXPECT_THAT(findings[0].Text(), HasSubstr(message));
  EXPECT_THAT(findings[0].hint, HasSubstr(hint));
}

void ExpectClean(const std::string& base) {
  const std::vector<Finding> findings = Validate(base);
  EXPECT_THAT(findings, IsEmpty()) << AllTexts(findings) << base;
}

TEST(Validate, AcceptsTheSketchWordForWord) {
  ExpectClean(kSketch);
}

TEST(Validate, AcceptsAProjectOfOneLine) {
  ExpectClean("project: x\n");
}

TEST(Validate, AcceptsEmptySections) {
  ExpectClean("project: x\ntables:\njobs:\ntags:\nretention:\n");
}

TEST(Validate, ReportsEveryFindingInTheFilesOrder) {
  const std::vector<Finding> findings = Validate(
      "project: x\n"
      "timezone: America/Sao_Paolo\n"
      "tabels: {}\n"
      "tables:\n"
      "  a: {location: ../out, format: parkay}\n"
      "  b: {}\n"
      "jobs:\n"
      "  j: {read: {table: c}, write: {table: a, files: 0}}\n");
  std::vector<std::string> places;
  for (const Finding& finding : findings) {
    places.push_back(std::to_string(finding.line) + ":" + std::to_string(finding.column));
    EXPECT_EQ(finding.file, "firn.yaml");
    EXPECT_FALSE(finding.hint.empty()) << finding.Text();
  }
  EXPECT_THAT(places, testing::ElementsAre("2:11", "3:1", "5:17", "5:33", "6:3", "8:21", "8:50")) << AllTexts(findings);
}

TEST(Validate, SuggestsTheNearestKey) {
  ExpectFinding("project: x\ntabels: {}\n", "firn.yaml:2:1: unknown key 'tabels'", "Did you mean 'tables'?");
  ExpectFinding(SmallProject("{table: raw, bad_file: fail}"), "unknown key 'bad_file' in 'jobs.tidy.read'",
                "'bad_files'");
  ExpectFinding(SmallProject("{table: raw, zzzzzzzz: fail}"), "unknown key 'zzzzzzzz'",
                "One of: table, dynamodb, date, partition, bad_files.");
}

TEST(Validate, NamesAMissingKey) {
  ExpectFinding("project: x\nlake: s3://\n", "firn.yaml:2:7: 's3://' names no bucket", "s3://BUCKET/PREFIX");
  ExpectFinding("project: x\nlake: s3://b/../x\n", "'../x' is no object key", "s3://BUCKET/some/prefix");
  ExpectFinding("project: x\nlake: s3://b\ns3: {regoin: x}\n", "regoin", "region");
  ExpectFinding("lake: ./lake\n", "firn.yaml:1:1: the project needs the key 'project'", "Add `project:`");
  ExpectFinding("project: x\ntables:\n  t: {format: csv}\n", "firn.yaml:3:3: 'tables.t' needs the key 'location'",
                "location");
  ExpectFinding("project: ''\n", "'project' must be a text, not ''", "Write a text");
}

TEST(Validate, ReportsWrongTypes) {
  ExpectFinding("[a]\n", "must be a map of keys, not a list", "map");
  ExpectFinding("just text\n", "must be a map of keys, not 'just text'", "map");
  ExpectFinding("project: [x]\n", "firn.yaml:1:10: 'project' must be a text, not a list", "a text");
  ExpectFinding("project: x\ntables: 7\n", "'tables' must be a map of names, not '7'", "map");
  ExpectFinding("project: x\ntables:\n  t: {location: l, partition_by: year}\n", "must be a list, not 'year'",
                "Write [year].");
  ExpectFinding("project: x\ntables:\n  t: {location: l, format:}\n", "'tables.t.format' has no value",
                "one of: parquet");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, csv: {header: yes}}"),
                "must be true or false, not 'yes'", "true or false");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, csv: {header: 'true'}}"), "must be true or false",
                "Remove the quotes");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, files: '3'}"), "must be an integer",
                "Remove the quotes");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, files: 1.5}"), "must be an integer", "whole number");
}

TEST(Validate, RefusesAnEmptyFile) {
  ExpectFinding("", "firn.yaml:1:1: the project file is empty", "project: NAME");
  ExpectFinding("# nothing\n", "the project file is empty", "project: NAME");
}

TEST(Validate, RefusesFileCountsOfZeroAndBelow) {
  for (const char* count : {"0", "-1"})
    ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, files: " + std::string(count) + "}"),
                  "firn.yaml:9:34: 'jobs.tidy.write.files' must be at least 1, not " + std::string(count),
                  "Use 1 or more");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, files: 100001}"), "at most 100000", "less");
}

TEST(Validate, RefusesLzoWithTheReason) {
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, parquet: {codec: lzo}}"), "Arrow C++ writes no LZO",
                "zstd or gzip");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, parquet: {codec: snapy}}"),
                "'snapy' is not one of: snappy", "'snappy'");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, format: orc}"), "does not write ORC", "parquet");
}

TEST(Validate, ChecksEveryFormOfValue) {
  const auto table = [](const std::string& rest) { return "project: x\ntables:\n  t: {location: l, " + rest + "}\n"; };
  ExpectFinding("project: x\ntimezone: Mars/Olympus\n", "'Mars/Olympus' is not a time zone", "");
  ExpectFinding(table("columns: {a: bigint, b: 'decimal(99,2)'}"), "is not a Hive type", "");
  ExpectFinding(table("layout: YYYY-MM-DD"), "is not one of: key=value, YYYY/MM/DD, positional", "YYYY/MM/DD");
  ExpectFinding(SmallProject("{table: raw, date: tomorrow}"), "must be a date", "YYYY-MM-DD");
  ExpectFinding(SmallProject("{table: raw, date: 2025-02-30}"), "must be a date", "YYYY-MM-DD");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean}", "    timeout: 60\n"), "must be a duration",
                "unit");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, csv: {delimiter: '||'}}"), "must be one byte",
                "\"\\t\"");
  ExpectFinding(SmallProject("{table: raw}", "[{dedupe: {key: [a], by: [x down]}}]"),
                "must be a column, alone or followed by asc or desc, not 'x down'", "updated_at desc");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, sort_by: ['a, b']}"), "must be a column",
                "one column an entry");
  ExpectFinding("project: x\ntables: {t: {location: t}}\ncrawlers: {c: {targets: [t], schedule: daily}}\n",
                "is not a schedule", "rate(6 hours)");
  ExpectFinding("project: x\ntables: {'a b': {location: t}}\n", "'a b' is not a name for 'tables'", "letters");
  ExpectFinding("project: x\ntables: {t: {location: /abs}}\n", "must be a prefix in the lake", "landing");
}

TEST(Validate, WantsOneKindForEachStep) {
  ExpectFinding(SmallProject("{table: raw}", "[{filter: a > 1, sql: SELECT 1}]"), "has 2 keys, where one is wanted",
                "its own list element");
  ExpectFinding(SmallProject("{table: raw}", "[{}]"), "has 0 keys, where one is wanted", "expect");
  ExpectFinding(SmallProject("{table: raw}", "[{expects: [a]}]"), "unknown key 'expects'", "'expect'");
  ExpectFinding(SmallProject("{table: raw}", "[{expect: []}]"), "must not be empty", "at least one");
  ExpectFinding(SmallProject("{table: raw}", "[{dedupe: {key: []}}]"), "must not be empty", "at least one");
  ExpectFinding(SmallProject("{table: raw}", "[{dedupe: {key: [a], keep: earliest}}]"), "is not one of: latest",
                "latest");
  ExpectFinding(SmallProject("{table: raw}", "[{expect: [{rule: RowCount > 0, action: die}]}]"),
                "'die' is not one of: fail, warn, quarantine", "One of");
}

TEST(Validate, ReadsTheRules) {
  ExpectFinding(SmallProject("{table: raw}", "[{expect: [RowCunt > 0]}]"), "RowCunt", "RowCount");
  ExpectFinding(SmallProject("{table: raw}", "[{expect: [{rule: RowCount >, action: warn}]}]"), "RowCount >",
                "quality-rules.md");
  ExpectFinding(SmallProject("{table: raw}", "[{expect: {action: quarantine, rules: [RowCount > 0]}}]"),
                "cannot quarantine rows", "Use fail or warn");
}

TEST(Validate, ChecksNamesAcrossSections) {
  ExpectFinding(SmallProject("{table: row}"), "firn.yaml:7:19: no table 'row'", "Did you mean 'raw'?");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: cleen}"), "no table 'cleen'", "'clean'");
  ExpectFinding(SmallProject() + "crawlers: {c: {targets: [raws]}}\n", "no table 'raws'", "'raw'");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tody, executions_per_day: 1}}\n", "no job 'tody'", "'tidy'");
}

TEST(Validate, HoldsTablesAgainstEachOther) {
  ExpectFinding("project: x\ntables: {t: {location: a}, T: {location: b}}\n", "differ in case only", "rename");
  ExpectFinding("project: x\ntables: {t: {location: a, partition_by: [day], layout: YYYY/MM/DD}}\n", "three parts",
                "[year, month, day]");
  ExpectFinding("project: x\ntables: {t: {location: a, partition_by: [day, Day]}}\n", "'Day' is repeated", "one");
  ExpectFinding("project: x\ntables: {t: {location: a, partition_by: [day], columns: {day: int}}}\n",
                "is a partition key", "folders hold");
  const std::string job = "jobs: {j: {read: {table: a}, write: {table: b}}}\n";
  ExpectFinding("project: x\ntables: {a: {location: zone}, b: {location: zone/}}\n" + job, "share a location",
                "prefix of its own");
  ExpectFinding("project: x\ntables: {a: {location: zone}, b: {location: zone/b}}\n" + job, "lies within that of 'a'",
                "prefix of its own");
  ExpectClean("project: x\ntables: {a: {location: zone}, b: {location: zones}}\n" + job);
  ExpectClean("project: x\ntables: {a: {location: zone}, b: {location: zone/b}}\n");
}

TEST(Validate, ReadsHowATablesCsvIsWritten) {
  const auto table = [](const std::string& options) {
    return "project: x\ntables:\n  t: {location: t, format: csv, options: " + options + "}\n";
  };
  ExpectClean(table("{delimiter: \"\\t\", header: auto, quote: \"'\", null_text: NIL, owner: me}"));
  ExpectClean(table("{delimiter: auto, header: false}"));
  ExpectFinding(table("{delimiter: tab}"), "`delimiter` must be one byte and not a line end, not 'tab'", "auto");
  ExpectFinding(table("{quote: auto}"), "`quote` must be one byte", "For example");
  ExpectFinding(table("{header: 'yes'}"), "`header` must be true, false or auto, not 'yes'", "content");
  ExpectFinding(table("{delimiter: '\"'}"), "the same byte", "Change one");
  ExpectFinding(table("{delimiter: ';', null_text: 'a;b'}"), "`null_text` holds the delimiter", "Choose");
}

TEST(Validate, ReadsTheSqlOfSteps) {
  const auto steps = [](const std::string& list) { return SmallProject("{table: raw}", "[" + list + "]"); };
  ExpectClean(steps("{select: ['*', 'amount * 2 AS twice']}, {filter: \"x > 1 AND y LIKE '%;%'\"}"));
  ExpectClean(steps("{sql: 'SELECT a, count(*) FROM input GROUP BY ALL'}, {cast: {a: 'array<struct<b:int>>'}}"));
  ExpectClean(
      steps("{sql: \"WITH t AS (FROM input) SELECT * FROM t; -- the end\"}, {sql: 'FROM input;'}, {filter: \"a -- "
            "b\"}, {cast: {a: 'decimal(18,2)'}}"));
  ExpectFinding(steps("{select: ['amount * * 2']}"), "'amount * * 2' cannot be read as SQL: syntax error", "SELECT");
  ExpectFinding(steps("{filter: 'x >'}"), "firn.yaml:8:22: 'x >' cannot be read as SQL", "SELECT");
  ExpectFinding(steps("{filter: 'x = (1'}"), "cannot be read as SQL", "SELECT");
  ExpectFinding(steps("{sql: 'SELEC 1'}"), "cannot be read as SQL", "SELECT");
  ExpectFinding(steps("{sql: 'SELECT 1); DROP TABLE x; SELECT (1'}"), "cannot be read as SQL", "SELECT");
  ExpectFinding(steps("{cast: {a: 'array<int'}}"), "'array<int' cannot be read as SQL", "SELECT");
}

TEST(Validate, HoldsPartitionKeysOfJobsAgainstTheirTables) {
  const auto project = [](const std::string& raw, const std::string& clean, const std::string& read) {
    return "project: x\ntables: {raw: {location: r" + raw + "}, clean: {location: c" + clean +
           "}}\njobs: {j: {read: {table: raw" + read + "}, write: {table: clean}}}\n";
  };
  ExpectClean(project(", partition_by: [region, day]", ", partition_by: [day]", ""));
  ExpectClean(project("", ", partition_by: [day]", ", date: today"));                  // the crawler will know
  ExpectClean(project(", partition_by: [day]", ", partition_by: [region, day]", ""));  // the rows may say it
  ExpectFinding(
      project(", partition_by: [day]", ", partition_by: [region, day]", "}, bookmark: enable, arguments: {A: 1"),
      "reads new files only, and would replace partitions of table 'clean'", "mode: merge or append");
  ExpectFinding(project(", partition_by: []", "", ", date: today"), "not partitioned", "Remove `date`");
  ExpectFinding(project(", partition_by: [region, shop]", "", ", date: today"), "hold no date: region, shop",
                "year, month and day");
  ExpectFinding(project(", partition_by: [day]", "", ", partition: {dayy: 3}"), "no partition key 'dayy'", "'day'");
}

TEST(Validate, HoldsTheKeysOfAJobAgainstEachOther) {
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, mode: merge}"), "merges without a `dedupe` step",
                "dedupe");
  ExpectClean(SmallProject("{table: raw}", "[{dedupe: {key: [a]}}]", "{table: clean, mode: merge}"));
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, csv: {delimiter: '\"'}}"), "same byte",
                "Change one");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean, csv: {null_text: 'a,b'}}"), "holds the delimiter",
                "NULL");
}

TEST(Validate, ChecksSchedulesRetentionAndAlarms) {
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy}}\n", "does not say when", "executions_per_day");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, executions_per_day: 2, schedule: rate(1 hour)}}\n",
                "has both", "one of both");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, executions_per_day: 7}}\n", "do not divide", "1, 2, 3");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, executions_per_day: 0}}\n", "at least 1", "1 or more");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, schedule: rate(1 hour), first: '00:30'}}\n",
                "`first` goes with", "text");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, executions_per_day: 1, first: 24:30}}\n", "time of day",
                "HH:MM");
  ExpectFinding(SmallProject() + "schedules: {s: {job: tidy, executions_per_day: 1, arguments: {X: 1}}}\n",
                "no argument 'X'", "no arguments");
  ExpectFinding("project: x\nretention: [{zone: a}]\n", "without an age", "delete_after");
  ExpectFinding("project: x\nretention: [{zone: a, delete_after: 1d}, {zone: a, delete_after: 2d}]\n", "already",
                "one rule");
  ExpectFinding("project: x\nalarms: [{metric: a}]\n", "one of `above` and `below`", "one alarm");
  ExpectFinding("project: x\nalarms: [{metric: a, above: soon}]\n", "a number, a percentage or a duration", "75%");
  ExpectFinding("project: x\nupdaters: {u: {topic: t, table: t, batch: 0}}\n", "at least 1", "1 or more");
}

TEST(Validate, ChecksArgumentsWhereTheyAreDeclaredAndUsed) {
  const auto job = [](const std::string& arguments, const std::string& write) {
    return SmallProject("{table: raw}", "[]", write, "    arguments: " + arguments + "\n");
  };
  ExpectClean(job("{N: 3}", "{table: clean, files: ${N}}"));
  ExpectClean(job("{N: {type: integer}}", "{table: clean, files: ${N}}"));
  ExpectClean(job("{F: {type: string}}", "{table: clean, format: ${F}}"));
  ExpectFinding(job("{N: three}", "{table: clean, files: ${N}}"),
                "argument 'N' does not fit 'jobs.tidy.write.files': must be an integer of at least 1, not 'three'",
                "whole number");
  ExpectFinding(job("{N: 0}", "{table: clean, files: ${N}}"),
                "argument 'N' does not fit 'jobs.tidy.write.files': must be at least 1, not 0", "1 or more");
  ExpectFinding(job("{COUNT: 1}", "{table: clean, files: ${CONT}}"), "firn.yaml:9:34: no argument 'CONT' in this job",
                "'COUNT'");
  ExpectFinding(job("{F: {type: string, default: xml, allowed: [csv, json]}}", "{table: clean, format: '${F}'}"),
                "'xml' is not one of its allowed values", "csv, json");
  ExpectFinding(job("{N: {type: integer, allowed: [1, two]}}", "{table: clean, files: ${N}}"),
                "'two' is not an integer", "whole number");
  ExpectFinding(job("{N: {type: int}}", "{table: clean}"), "'int' is not one of: date, integer", "integer");
  ExpectFinding(job("{1N: 1}", "{table: clean}"), "'1N' is not an argument's name", "letter");
  ExpectFinding(job("{A: 1, B: '${A}'}", "{table: clean}"), "uses an argument within `arguments`", "default itself");
  ExpectFinding("project: x\nlake: ./${WHERE}\n", "uses an argument outside a job", "overlay");
}

TEST(Validate, RefusesDuplicateKeysAnywhere) {
  ExpectFinding("project: x\ntables: {t: {location: a, location: b}}\n", "firn.yaml:2:27: key 'location' is repeated",
                "line 2");
}

TEST(Validate, VariablesNameWhatDiffers) {
  ExpectClean(
      "project: cat-${var.env}\n"
      "variables: {env: test, files: 2}\n"
      "tables: {'t_${var.env}': {location: 'data/${var.env}', options: {a: '$${var.env}'}}}\n"
      "jobs:\n"
      "  cat-${var.env}-copy: {read: {table: 't_${var.env}'}, write: {table: 't_${var.env}', files: ${var.files}}}\n");
}

TEST(Validate, VariablesThatDoNotWorkOut) {
  ExpectFinding("project: x-${var.evn}\nvariables: {env: a}\n", "firn.yaml:1:10: no variable 'evn'", "env");
  ExpectFinding("project: x-${var.env}\n", "no variable 'env'", "Declare it under `variables`");
  ExpectFinding("project: x\nvariables: {a: 1, b: '${var.a}'}\n", "variable 'b' is no plain value", "do not refer");
  ExpectFinding("project: x\nvariables: {a: t}\ntables: {t: {location: l}, '${var.a}': {location: m}}\n",
                "'t' stands here twice", "name of another entry");
  ExpectFinding(
      "project: x\nvariables: {n: many}\ntables: {t: {location: l}, u: {location: m}}\n"
      "jobs: {j: {read: {table: t}, write: {table: u, files: '${var.n}'}}}\n",
      "must be an integer of at least 1, not 'many'", "whole number");
}

TEST(Validate, TriggersNameAJobThatMayTakeSingleObjects) {
  const std::string merge = "{table: clean, mode: append}";
  ExpectClean(SmallProject("{table: raw}", "[]", merge, "triggers: {t: {job: tidy, prefix: raw/, suffix: .csv}}\n"));
  ExpectFinding(SmallProject("{table: raw}", "[]", merge, "triggers: {t: {job: tydi}}\n"), "no job 'tydi'", "'tidy'");
  ExpectFinding(SmallProject("{table: raw}", "[]", "{table: clean}", "triggers: {t: {job: tidy}}\n"),
                "trigger 't' gives single objects to job 'tidy', which replaces whole partitions", "merge or append");
  ExpectFinding(SmallProject("{table: raw}", "[]", merge, "triggers: {t: {job: tidy, prefix: /raw}}\n"),
                "must be the beginning of a key in the lake", "bronze/sales/");
  ExpectFinding(SmallProject("{table: raw}", "[]", merge, "triggers: {t: {job: tidy, accept: {max_size: much}}}\n"),
                "must be a size (like 512MB, 2GB or 1GiB), not 'much'", "Write the unit");
  ExpectFinding(SmallProject("{table: raw}", "[]", merge, "triggers: {t: {job: tidy, arguments: {X: 1}}}\n"),
                "argument 'X'", "");
}

TEST(Validate, ChainsHaveABeginning) {
  const std::string job = "{read: {table: raw}, write: {table: clean}, after: [";
  const std::string head = "project: x\ntables: {raw: {location: raw}, clean: {location: clean}}\n";
  ExpectClean(head + "jobs: {a: " + job + "]}, b: " + job + "a]}}\ncrawlers: {c: {targets: [raw], after: [b]}}\n");
  ExpectFinding(head + "jobs: {a: " + job + "z]}}\n", "no job 'z'", "");
  ExpectFinding(head + "crawlers: {c: {targets: [raw], after: [z]}}\n", "no job 'z'", "Declare it under `jobs`");
  const auto circle = Validate(head + "jobs: {a: " + job + "b]}, b: " + job + "c]}, c: " + job + "a]}}\n");
  EXPECT_THAT(AllTexts(circle), HasSubstr("job 'a' comes after itself"));
}

TEST(Validate, LimitsAreInOrder) {
  ExpectClean(SmallProject() + "    limits: [{up_to: 10MB, workers: 1}, {up_to: 1GB, memory: 2GB}, {}]\n");
  ExpectFinding(SmallProject() + "    limits: [{up_to: 1GB}, {up_to: 10MB}]\n", "a limit that is never reached",
                "smallest first");
  ExpectFinding(SmallProject() + "    limits: [{}, {up_to: 10MB}]\n", "a limit that is never reached", "");
}

}  // namespace
}  // namespace firn
