#include "pipeline/dedupe.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "format/parquet_guard.h"
#include "pipeline/key_encoder.h"
#include "pipeline/slice_source.h"

namespace firn {
namespace {

// The columns of a deduplication and where each shape of file has them.
struct KeyPlan {
  std::vector<KeyColumn> key;
  std::vector<KeyColumn> by;
  std::vector<std::vector<LeafMapping>> key_of_shape;  // [shape][column]
  std::vector<std::vector<LeafMapping>> by_of_shape;
  bool encoded_order = false;
  std::vector<Hash128> salts;  // of each file, when partitions stay apart
};

Result<std::vector<LeafMapping>> MapColumns(const FileShape& shape, const std::vector<KeyColumn>& columns) {
  std::vector<LeafMapping> mappings;
  for (const KeyColumn& column : columns) {
    auto mapped = MapLeaves(*shape.descriptor, shape.leaves, column.layout.descriptor(), column.layout.leaves());
    if (!mapped) return std::unexpected(std::move(mapped.error()).Within(shape.example));
    mappings.push_back(std::move((*mapped)[0]));
  }
  return mappings;
}

// A file without the key would lose all its rows but one: that is never what was meant.
Status RequireKeys(const FileShape& shape, const KeyPlan& plan, const std::vector<LeafMapping>& mappings) {
  for (size_t c = 0; c < mappings.size(); ++c)
    if (mappings[c].source < 0 || !mappings[c].has_values)
      return Fail(ErrorKind::kMismatch,
                  fmt::format("{}: it lacks the key column '{}'", shape.example, plan.key[c].name),
                  "Every file needs the columns of dedupe.key; remove the file, or set bad_files: quarantine");
  return {};
}

Result<KeyPlan> PlanKeys(const DedupeStep& step, const Schema& schema, const std::vector<const FileShape*>& shapes) {
  KeyPlan plan;
  for (const std::string& name : step.key) {
    FIRN_TRY_ASSIGN(KeyColumn column, FindKeyColumn(schema, name, "dedupe key"));
    plan.key.push_back(std::move(column));
  }
  for (const OrderColumn& order : step.by) {
    FIRN_TRY_ASSIGN(KeyColumn column, FindKeyColumn(schema, order.column, "dedupe by"));
    column.descending = order.descending;
    plan.by.push_back(std::move(column));
  }
  plan.encoded_order = !OrderFitsNumber(plan.by);
  for (const FileShape* shape : shapes) {
    plan.key_of_shape.emplace_back();
    plan.by_of_shape.emplace_back();
    if (shape == nullptr) continue;
    FIRN_TRY_ASSIGN(plan.key_of_shape.back(), MapColumns(*shape, plan.key));
    FIRN_TRY_ASSIGN(plan.by_of_shape.back(), MapColumns(*shape, plan.by));
  }
  return plan;
}

std::vector<const FileShape*> ShapesByIndex(const Scan& scan) {
  std::vector<const FileShape*> shapes;
  for (const ScannedFile& file : scan.files) {
    if (file.bad()) continue;
    const auto index = static_cast<size_t>(file.shape->index);
    if (shapes.size() <= index) shapes.resize(index + 1, nullptr);
    shapes[index] = file.shape;
  }
  return shapes;
}

// A run of rows that one thread takes: a whole small file, or one row group of a large one.
struct KeyUnit {
  size_t file;
  int first_group;
  int end_group;
  int64_t first_row;
};

std::vector<KeyUnit> UnitsOf(const std::vector<ScannedFile>& files) {
  constexpr int64_t kSplitRows = 200'000;
  std::vector<KeyUnit> units;
  for (size_t f = 0; f < files.size(); ++f) {
    if (files[f].bad()) continue;
    const int groups = static_cast<int>(files[f].group_rows.size());
    if (files[f].rows < kSplitRows) {
      units.push_back({f, 0, groups, 0});
      continue;
    }
    int64_t row = 0;
    for (int g = 0; g < groups; ++g) {
      units.push_back({f, g, g + 1, row});
      row += files[f].group_rows[static_cast<size_t>(g)];
    }
  }
  return units;
}

// One thread's part of the key pass.
class KeyReader {
 public:
  KeyReader(const ExecuteContext& context, const KeyPlan& plan, KeyTable& table, int worker, uint64_t seed)
      : context_(context), plan_(plan), table_(table), worker_(worker), encoder_(plan.encoded_order, seed) {}

  Status Read(const KeyUnit& unit, const ScannedFile& file) {
    const auto shape = static_cast<size_t>(file.shape->index);
    FIRN_TRY(RequireKeys(*file.shape, plan_, plan_.key_of_shape[shape]));
    FIRN_TRY_ASSIGN(const auto source, OpenSource(context_.StoreOf(file.input), file));
    return GuardParquet(file.input.object.key, [&] {
      int64_t row = unit.first_row;
      for (int g = unit.first_group; g < unit.end_group; ++g) {
        const int64_t rows = file.group_rows[static_cast<size_t>(g)];
        ReadGroup(file.Group(source ? &*source : nullptr, g), shape, rows);
        AddRows(unit.file, file, row, rows);
        row += rows;
      }
    });
  }

 private:
  void ReadGroup(const RowGroupSource& group, size_t shape, int64_t rows) {
    encoder_.Begin(rows);
    for (size_t c = 0; c < plan_.key.size(); ++c) {
      leaf_.Read(group, plan_.key_of_shape[shape][c], nullptr, rows,
                 [&](const LeafBatch& batch) { encoder_.AddKey(plan_.key[c], batch); });
      encoder_.EndColumn();
    }
    for (size_t c = 0; c < plan_.by.size(); ++c) {
      leaf_.Read(group, plan_.by_of_shape[shape][c], nullptr, rows,
                 [&](const LeafBatch& batch) { encoder_.AddOrder(plan_.by[c], batch); });
      encoder_.EndColumn();
    }
  }

  void AddRows(size_t file_index, const ScannedFile& file, int64_t first, int64_t rows) {
    for (int64_t i = 0; i < rows; ++i) {
      const auto row = static_cast<uint64_t>(first + i);
      if (!file.keep.empty() && file.keep[row] == 0) continue;
      table_.Add(worker_, {Salted(encoder_.key(i), file_index), encoder_.order(i),
                           KeyEntry::Location(encoder_.has_order(i), file_index, row)});
    }
  }

  [[nodiscard]] Hash128 Salted(const Hash128& key, size_t file) const {
    if (plan_.salts.empty()) return key;
    return {key.low ^ plan_.salts[file].low, key.high ^ plan_.salts[file].high};
  }

  const ExecuteContext& context_;
  const KeyPlan& plan_;
  KeyTable& table_;
  int worker_;
  KeyEncoder encoder_;
  LeafReader leaf_;
};

// Equal for the files of one partition.
std::vector<Hash128> SaltsOf(const Scan& scan, uint64_t seed) {
  std::vector<Hash128> salts;
  for (const ScannedFile& file : scan.files) {
    std::string text;
    for (const std::string& value : file.input.partition.values) text += fmt::format("{}:{}", value.size(), value);
    salts.push_back(HashBytes(text, seed));
  }
  return salts;
}

// Fills the table. Files whose key columns turn out to be damaged are marked in `bad`.
Status ReadKeys(const ExecuteContext& context, const KeyPlan& plan, uint64_t seed, Scan& scan, KeyTable& table,
                std::vector<std::unique_ptr<KeyReader>>& readers, std::vector<std::optional<BadFile>>& bad) {
  for (int w = 0; w < context.pool.threads(); ++w)
    readers.push_back(std::make_unique<KeyReader>(context, plan, table, w, seed));
  const std::vector<KeyUnit> units = UnitsOf(scan.files);
  std::vector<std::optional<BadFile>> bad_units(units.size());
  FIRN_TRY(context.pool.ParallelFor(
      static_cast<int64_t>(units.size()),
      [&](int64_t i, int worker) -> Status {
        const KeyUnit& unit = units[static_cast<size_t>(i)];
        const ScannedFile& file = scan.files[unit.file];
        Status read = readers[static_cast<size_t>(worker)]->Read(unit, file);
        context.progress("keys", i + 1, static_cast<int64_t>(units.size()));
        if (read) return {};
        FIRN_TRY_ASSIGN(bad_units[static_cast<size_t>(i)], JudgeBadFile(context, file.input, std::move(read.error())));
        return {};
      },
      context.stop));
  // Of a file's several faults the first is told, whichever thread was faster.
  for (size_t i = 0; i < units.size(); ++i)
    if (bad_units[i] && !bad[units[i].file]) bad[units[i].file] = std::move(bad_units[i]);
  return {};
}

Result<DedupeCounts> Reduce(const ExecuteContext& context, Scan& scan, KeyTable& table,
                            const std::vector<uint8_t>& skip) {
  std::vector<std::vector<uint8_t>> keep(scan.files.size());
  for (size_t f = 0; f < scan.files.size(); ++f) {
    ScannedFile& file = scan.files[f];
    if (file.bad()) continue;
    keep[f] = std::move(file.keep);  // quality rules may have struck out rows
    if (keep[f].empty()) keep[f].assign(static_cast<size_t>(file.rows), 1);
  }
  std::vector<DedupeCounts> counts(KeyTable::kPartitions);
  FIRN_TRY(context.pool.ParallelFor(
      KeyTable::kPartitions,
      [&](int64_t p, int) -> Status {
        counts[static_cast<size_t>(p)] = table.Reduce(static_cast<size_t>(p), keep, skip);
        table.ReleasePartition(static_cast<size_t>(p));
        return {};
      },
      context.stop));
  for (size_t f = 0; f < scan.files.size(); ++f) scan.files[f].keep = std::move(keep[f]);
  DedupeCounts total;
  for (const DedupeCounts& one : counts) {
    total.survivors += one.survivors;
    total.duplicates += one.duplicates;
    total.ties += one.ties;
  }
  return total;
}

}  // namespace

void CountKept(ScannedFile& file) {
  if (file.keep.empty()) {
    file.group_kept = file.group_rows;
    return;
  }
  auto at = file.keep.begin();
  for (size_t g = 0; g < file.group_rows.size(); ++g) {
    const auto end = at + file.group_rows[g];
    file.group_kept[g] = std::accumulate(at, end, int64_t{0});
    at = end;
  }
}

Result<DedupeCounts> Deduplicate(const ExecuteContext& context, const DedupeStep& step, Scan& scan) {
  const uint64_t seed = std::random_device{}() | static_cast<uint64_t>(std::random_device{}()) << 32;
  FIRN_TRY_ASSIGN(KeyPlan plan, PlanKeys(step, scan.schema, ShapesByIndex(scan)));
  if (step.within_partition) plan.salts = SaltsOf(scan, seed);
  KeyTable table(context.pool.threads(), plan.encoded_order);
  std::vector<std::unique_ptr<KeyReader>> readers;  // own the encoded orders that the table points to
  std::vector<std::optional<BadFile>> bad(scan.files.size());
  FIRN_TRY(ReadKeys(context, plan, seed, scan, table, readers, bad));
  std::vector<uint8_t> skip(scan.files.size(), 0);
  for (size_t f = 0; f < bad.size(); ++f) {
    if (!bad[f]) continue;
    skip[f] = 1;
    scan.files[f].shape = nullptr;
    scan.bad_files.push_back(std::move(*bad[f]));
  }
  FIRN_TRY_ASSIGN(const DedupeCounts counts, Reduce(context, scan, table, skip));
  FIRN_TRY(context.pool.ParallelFor(static_cast<int64_t>(scan.files.size()), [&](int64_t f, int) -> Status {
    if (!scan.files[static_cast<size_t>(f)].bad()) CountKept(scan.files[static_cast<size_t>(f)]);
    return {};
  }));
  return counts;
}

}  // namespace firn
