#pragma once

#include <string>

namespace firn {

// The contract that a project file keeps: a change here breaks the files of users.
inline const std::string kSketch = R"yaml(project: poc-chargeback
lake: ./lake                               # or s3://acme-lake
timezone: America/Sao_Paulo
tags: {Project: chargeback, ManagedBy: firn}

tables:
  landing_chargebacks:      {location: landing/chargebacks, format: parquet, partition_by: [year, month, day], layout: YYYY/MM/DD}
  chargebacks_consolidated: {location: consolidated/chargebacks, partition_by: [year, month, day]}

crawlers:
  chargebacks-landing-crawler: {targets: [landing_chargebacks], recrawl: new_folders_only, schedule: cron(0 0,6,12,18 * * ? *)}

jobs:
  chargebacks-consolidation:
    arguments: {PARTITION_DATE: yesterday, OUTPUT_FILE_COUNT: 1, OUTPUT_FORMAT: csv, DRY_RUN: false}
    read:   {table: landing_chargebacks, date: ${PARTITION_DATE}}
    steps:
      - expect: ['IsComplete "chargeback_id"', 'ColumnValues "amount" >= 0', 'RowCount > 0']
      - dedupe: {key: [chargeback_id], keep: latest, by: [updated_at]}
    write:  {table: chargebacks_consolidated, mode: overwrite_partitions, files: ${OUTPUT_FILE_COUNT}, format: ${OUTPUT_FORMAT},
             csv: {delimiter: ",", header: true, quote: '"'}, parquet: {codec: snappy}}
    publish: {event: consolidation_completed, topic: chargeback-consolidation-events}
    timeout: 60m

schedules:
  consolidation: {job: chargebacks-consolidation, executions_per_day: 4, first: "00:30", retries: 2, max_event_age: 1h}

updaters:
  consolidation-updater: {topic: chargeback-consolidation-events, batch: 100, window: 10s, table: chargebacks, on_failure: chargeback-dlq}

retention: [{zone: landing, delete_after: 7d, enabled: false}, {zone: consolidated, archive_after: 90d}, {zone: temp, delete_after: 1d}]
alarms:    [{metric: JobFailures, above: 0}, {metric: JobDuration, above: 30m}, {metric: DailySuccessRate, below: 75%}]
)yaml";

// Two tables and a job whose parts a test replaces.
inline std::string SmallProject(const std::string& read = "{table: raw}", const std::string& steps = "[]",
                                const std::string& write = "{table: clean}", const std::string& more = "") {
  return "project: small\n"
         "tables:\n"
         "  raw: {location: raw, partition_by: [year, month, day]}\n"
         "  clean: {location: clean, partition_by: [year, month, day]}\n"
         "jobs:\n"
         "  tidy:\n"
         "    read: " +
         read +
         "\n"
         "    steps: " +
         steps +
         "\n"
         "    write: " +
         write + "\n" + more;
}

}  // namespace firn
