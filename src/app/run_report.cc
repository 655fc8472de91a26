#include "app/run_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

constexpr size_t kMostBadFilesSaid = 10;

// What was scanned first, and how much of it by a run before.
void SaySource(const Screen& screen, const Json& source) {
  const int64_t resumed = source.value("resumed_items", int64_t{0});
  std::string text = fmt::format(
      "  {} of DynamoDB table {} scanned in {}", Counted(source.value("items", int64_t{0}), "item"),
      source.value("dynamodb_table", std::string()), Counted(source.value("segments", int64_t{0}), "segment"));
  if (resumed > 0)
    text += fmt::format("; went on from {} of a run that was cut off (since {})", GroupedDigits(resumed),
                        source.value("begun_at", std::string()));
  screen.Text(text);
}

void SayFigures(const Screen& screen, const Json& metrics) {
  const auto number = [&](const char* name) { return metrics.value(name, int64_t{0}); };
  const std::string_view within = metrics.contains("duplicates_within") ? " within this run (mode: append)" : "";
  screen.Text(fmt::format("  {} in {} -> {} in {}", Counted(number("records_read"), "record"),
                          Counted(number("input_files"), metrics.contains("source") ? "page" : "file"),
                          Counted(number("records_written"), "record"), Counted(number("output_files"), "file")));
  screen.Text(fmt::format("  {} removed{}, {}, {} rejected; {} in, {} out; {}",
                          Counted(number("duplicates_removed"), "duplicate"), within, Counted(number("ties"), "tie"),
                          GroupedDigits(number("rows_rejected")), HumanBytes(number("bytes_read")),
                          HumanBytes(number("bytes_written")), HumanDuration(number("duration_ms"))));
  if (const std::string path = metrics.value("output_path", std::string()); !path.empty()) screen.Text("  " + path);
}

void SayWhatWasSetAside(const Screen& screen, const Json& metrics) {
  const Json bad_files = metrics.value("bad_files", Json::array());
  for (size_t i = 0; i < std::min(bad_files.size(), kMostBadFilesSaid); ++i)
    screen.Text(fmt::format("  bad file {}: {}", bad_files[i].value("key", std::string()),
                            bad_files[i].value("reason", std::string())));
  if (bad_files.size() > kMostBadFilesSaid)
    screen.Text(
        fmt::format("  and {} more", Counted(static_cast<int64_t>(bad_files.size() - kMostBadFilesSaid), "bad file")));
  if (const std::string path = metrics.value("quarantine_path", std::string()); !path.empty())
    screen.Text("  set aside in " + path);
}

}  // namespace

void SayRun(const Screen& screen, const RunRecord& run) {
  const bool dry_run = run.metrics.value("dry_run", false);
  screen.Text(
      fmt::format("{} {}{}", run.id.str(), NameOf(run.state), dry_run ? " (dry run: nothing was committed)" : ""));
  if (run.metrics.contains("source")) SaySource(screen, run.metrics["source"]);
  if (run.state == RunState::kSucceeded) SayFigures(screen, run.metrics);
  if (run.metrics.contains("source_objects") && run.metrics.value("nothing_to_do", false) &&
      run.metrics.value("warnings", Json::array()).empty())
    screen.Text("  nothing new: what was named was read before, at this very version");
  SayWhatWasSetAside(screen, run.metrics);
  for (const Json& rule : run.quality)
    screen.Text(fmt::format("  {} {}: {}", rule.value("passed", false) ? "passed" : "BROKEN",
                            rule.value("rule", std::string()), rule.value("observed", std::string())));
  for (const Json& warning : run.metrics.value("warnings", Json::array()))
    fmt::print(stderr, "firn: warning: {}\n", warning.get<std::string>());
  if (!run.error_message.empty()) fmt::print(stderr, "firn: {}\n", run.error_message);
  if (!run.error_hint.empty()) fmt::print(stderr, "      {}\n", run.error_hint);
}

int ExitCodeOf(const RunRecord& run, bool fail_if_empty) {
  if (run.state != RunState::kSucceeded) return 1;
  return fail_if_empty && run.metrics.value("nothing_to_do", false) ? kNothingToDo : 0;
}

}  // namespace firn
