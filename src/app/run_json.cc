#include "app/run_json.h"

#include <array>

#include "app/screen.h"
#include "env/time_zone.h"

namespace firn {
namespace {

Json TimeOrNull(int64_t ns) {
  return ns == 0 ? Json() : Json(FormatUtc(ns));
}

Json Metric(const RunRecord& run, const char* name) {
  const auto found = run.metrics.find(name);
  return found == run.metrics.end() ? Json(0) : *found;
}

}  // namespace

Json RunToJson(const RunRecord& run) {
  constexpr std::array kFigures = {"records_read",  "records_written", "duplicates_removed", "ties",
                                   "rows_rejected", "input_files",     "output_files",       "output_path",
                                   "bytes_read",    "bytes_written",   "duration_ms",        "peak_memory_bytes"};
  Json json = {{"run_id", run.id.str()}, {"state", NameOf(run.state)}};
  for (const char* figure : kFigures) json[figure] = Metric(run, figure);
  if (!run.metrics.contains("output_path")) json["output_path"] = "";
  for (const auto& [name, value] : run.metrics.items())
    if (!json.contains(name)) json[name] = value;
  json["job"] = run.job.str();
  json["attempt"] = run.attempt;
  json["trigger_type"] = run.trigger;
  json["arguments"] = run.arguments;
  json["started_at"] = TimeOrNull(run.started_ns);
  json["completed_at"] = TimeOrNull(run.completed_ns);
  json["quality"] = run.quality;
  json["error"] = run.error_kind.empty()
                      ? Json()
                      : Json{{"kind", run.error_kind}, {"message", run.error_message}, {"hint", run.error_hint}};
  return json;
}

Json ChainToJson(const std::vector<RunRecord>& runs, const std::vector<Json>& crawls) {
  Json chain = {{"chain_runs", Json::array()}, {"chain_crawls", crawls}};
  for (const RunRecord& run : runs) chain["chain_runs"].push_back(RunToJson(run));
  return chain;
}

Json RunToRow(const RunRecord& run) {
  const auto number = [&](const char* name) {
    return Metric(run, name).is_number() ? Metric(run, name).get<int64_t>() : 0;
  };
  return {{"run_id", run.id.str()},
          {"job", run.job.str()},
          {"state", NameOf(run.state)},
          {"started_at", TimeOrNull(run.started_ns)},
          {"duration", HumanDuration(number("duration_ms"))},
          {"records_written", GroupedDigits(number("records_written"))},
          {"error", run.error_message}};
}

}  // namespace firn
