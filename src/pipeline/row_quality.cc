#include "pipeline/row_quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "format/parquet_guard.h"
#include "format/row_text.h"
#include "pipeline/dedupe.h"
#include "pipeline/quality_check.h"
#include "pipeline/uniform_rows.h"

namespace firn {
namespace {

using Failed = std::unexpected<TransferFailure>;

std::expected<QualityOutcome, TransferFailure> Judge(const ExecuteContext& context, const ExpectStep& step,
                                                     const Scan& scan) {
  auto plan = PlanQuality(step.rules, scan.schema, context.request.now_ns);
  if (!plan) return Failed({std::move(plan.error()), {}});
  auto engine = SqlEngine::Open({.memory_bytes = context.request.memory_bytes,
                                 .threads = context.request.threads,
                                 .temp_folder = context.request.temp_folder});
  if (!engine) return Failed({std::move(engine.error()), {}});
  const bool with_existing = context.request.job->write.mode != WriteMode::kMerge;
  auto rows = UniformRows::Of(context, scan, {.with_existing = with_existing});
  if (!rows) return Failed({std::move(rows.error()), {}});
  std::vector<std::string> columns = plan->columns;
  columns.insert(columns.end(), {"__firn_file", "__firn_row"});
  auto uniform = (*rows)->Open((*rows)->NumbersOf(columns), 0, (*rows)->chunks());
  if (!uniform) return Failed({std::move(uniform.error()), {}});
  const std::stop_callback interrupt(context.stop, [&] { (*engine)->Interrupt(); });
  auto outcome = CheckQuality(**engine, std::move(uniform->stream), scan.schema, step.rules, context.request.now_ns);
  if (outcome) return std::move(*outcome);
  if (*uniform->failure) return Failed(std::move(**uniform->failure));
  return Failed({std::move(outcome.error()), {}});
}

// Writes the rejected rows as JSON lines: {"rule": ..., "object": ..., "row": ..., "record": {...}}.
class RejectedRows {
 public:
  RejectedRows(const ExecuteContext& context, const Scan& scan, const ExpectStep& step)
      : context_(context), scan_(scan), step_(step) {}

  Status Write(const std::vector<QuarantinedRow>& rows) {
    FIRN_TRY_ASSIGN(const ParquetLayout layout, ParquetLayout::Of(scan_.schema));
    FIRN_TRY_ASSIGN(const ShapeMappings mappings, ShapeMappings::Of(scan_, layout));
    FIRN_TRY_ASSIGN(auto writer, context_.request.store->Create(RejectedRowsKey(context_.request, step_)));
    for (auto at = rows.begin(); at != rows.end();) {
      const auto end = std::find_if(at, rows.end(), [&](const QuarantinedRow& row) { return row.file != at->file; });
      FIRN_TRY(WriteFile({at, end}, layout, mappings, *writer));
      at = end;
    }
    FIRN_TRY(writer->Finish());
    return {};
  }

 private:
  Status WriteFile(std::span<const QuarantinedRow> rows, const ParquetLayout& layout, const ShapeMappings& mappings,
                   ObjectWriter& writer) {
    ScannedFile file = scan_.files[static_cast<size_t>(rows[0].file)];
    file.keep.assign(static_cast<size_t>(file.rows), 0);
    for (const QuarantinedRow& row : rows) file.keep[static_cast<size_t>(row.row)] = 1;
    CountKept(file);
    std::string records;
    RowText text(scan_.schema, layout, TextFormat::kJsonLines, {});
    LeafReader reader;
    for (size_t g = 0; g < file.group_kept.size(); ++g) {
      if (file.group_kept[g] == 0) continue;
      FIRN_TRY_ASSIGN(const OpenSlice slice,
                      OpenSlice::Open(context_.StoreOf(file.input), file,
                                      {0, static_cast<int>(g), 0, file.group_kept[g]}, mappings[*file.shape]));
      FIRN_TRY(GuardParquet(slice.key(), [&] {
        text.Clear();
        for (size_t leaf = 0; leaf < layout.leaves().size(); ++leaf)
          slice.Read(reader, leaf, [&](const LeafBatch& batch) { text.Add(leaf, batch); });
        text.AppendLines(records);
      }));
    }
    return WriteLines(rows, file.input, records, writer);
  }

  Status WriteLines(std::span<const QuarantinedRow> rows, const InputFile& input, std::string_view records,
                    ObjectWriter& writer) const {
    std::string lines;
    for (const QuarantinedRow& row : rows) {
      const size_t end = records.find('\n');
      lines +=
          RejectedLine(step_.rules[static_cast<size_t>(row.rule)].rule, input.PlaceOf(row.row), records.substr(0, end));
      records.remove_prefix(end + 1);
    }
    return writer.Append(lines);
  }

  const ExecuteContext& context_;
  const Scan& scan_;
  const ExpectStep& step_;
};

void Reject(const std::vector<QuarantinedRow>& rows, Scan& scan) {
  for (const QuarantinedRow& row : rows) {
    ScannedFile& file = scan.files[static_cast<size_t>(row.file)];
    if (file.keep.empty()) file.keep.assign(static_cast<size_t>(file.rows), 1);
    file.keep[static_cast<size_t>(row.row)] = 0;
  }
  for (ScannedFile& file : scan.files)
    if (!file.bad()) CountKept(file);
}

}  // namespace

std::string RejectedLine(std::string_view rule, const std::optional<std::pair<ObjectKey, int64_t>>& place,
                         std::string_view record) {
  std::string line = "{\"rule\":";
  AppendJsonString(rule, line);
  if (place) {
    line += ",\"object\":";
    AppendJsonString(place->first, line);
    line += fmt::format(",\"row\":{}", place->second);
  }
  line += ",\"record\":";
  line += record;
  return line + "}\n";
}

ObjectKey RejectedRowsKey(const ExecuteRequest& request, const ExpectStep& step) {
  int number = 1;
  for (const Step& other : request.job->steps) {
    const auto* expect = std::get_if<ExpectStep>(&other);
    if (expect == &step) break;
    if (expect != nullptr) ++number;
  }
  const std::string suffix = number == 1 ? "" : fmt::format("-{}", number);
  return fmt::format("{}/rejected-rows-{}{}.jsonl", request.quarantine_prefix, request.commit_id, suffix);
}

std::expected<RowQuality, TransferFailure> CheckRowQuality(const ExecuteContext& context, const ExpectStep& step,
                                                           Scan& scan) {
  auto outcome = Judge(context, step, scan);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (context.request.on_rules) context.request.on_rules(outcome->rules);
  if (Status accepted = outcome->RequireAccepted(); !accepted) return Failed({std::move(accepted.error()), {}});
  if (!outcome->quarantined.empty()) {
    if (Status written = RejectedRows(context, scan, step).Write(outcome->quarantined); !written)
      return Failed({std::move(written.error()), {}});
    Reject(outcome->quarantined, scan);
  }
  return RowQuality{.rules = std::move(outcome->rules), .rejected = static_cast<int64_t>(outcome->quarantined.size())};
}

}  // namespace firn
