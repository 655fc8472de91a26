#include "catalog/records.h"

#include "base/check.h"

namespace firn {

SchemaChange SchemaChangeOf(const TableRecord& table) {
  const std::string change = table.options.value("schema_change", "evolve");
  return change == "freeze" ? SchemaChange::kFreeze : change == "fail" ? SchemaChange::kFail : SchemaChange::kEvolve;
}

namespace {

Json CsvProperty(const TableRecord& table, const char* name) {
  const Json written = table.options.value("csv", Json::object());
  if (written.is_object() && written.contains(name)) return written[name];
  return table.options.value(name, Json());
}

}  // namespace

CsvSettings CsvSettingsOf(const TableRecord& table) {
  const auto text = [&](const char* name) {
    const Json value = CsvProperty(table, name);
    return value.is_string() && value != "auto" ? value.get<std::string>() : std::string();
  };
  CsvSettings settings{.null_text = text("null_text")};
  if (const std::string delimiter = text("delimiter"); !delimiter.empty()) settings.delimiter = delimiter[0];
  if (const std::string quote = text("quote"); !quote.empty()) settings.quote = quote[0];
  const Json header = CsvProperty(table, "header");
  if (header.is_boolean()) settings.header = header.get<bool>();
  if (header == "true" || header == "false") settings.header = header == "true";
  return settings;
}

std::string_view NameOf(RunState state) {
  switch (state) {
    case RunState::kStarting:
      return "STARTING";
    case RunState::kRunning:
      return "RUNNING";
    case RunState::kStopping:
      return "STOPPING";
    case RunState::kStopped:
      return "STOPPED";
    case RunState::kSucceeded:
      return "SUCCEEDED";
    case RunState::kFailed:
      return "FAILED";
    case RunState::kTimeout:
      return "TIMEOUT";
    case RunState::kError:
      return "ERROR";
    case RunState::kWaiting:
      return "WAITING";
  }
  StopOnBrokenInvariant("a run state without a name", std::source_location::current());
}

std::string_view NameOf(EventState state) {
  switch (state) {
    case EventState::kPending:
      return "PENDING";
    case EventState::kDelivered:
      return "DELIVERED";
    case EventState::kFailed:
      return "FAILED";
  }
  StopOnBrokenInvariant("an event state without a name", std::source_location::current());
}

}  // namespace firn
