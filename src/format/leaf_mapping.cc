#include "format/leaf_mapping.h"

#include <algorithm>

namespace firn {
namespace {

size_t CommonSteps(const LeafPath& a, const LeafPath& b) {
  size_t n = 0;
  while (n < a.steps.size() && n < b.steps.size() && a.steps[n].label == b.steps[n].label) ++n;
  return n;
}

// The file's leaf that is the output's, or else the sibling that shares the most steps with it and repeats the least
// beyond them.
const LeafPath* FindSource(const std::vector<LeafPath>& file, const LeafPath& wanted, size_t& common) {
  const LeafPath* best = nullptr;
  common = 0;
  for (const LeafPath& leaf : file) {
    const size_t n = CommonSteps(leaf, wanted);
    if (n == 0 || n < common) continue;
    if (n > common || leaf.MaxRep() < best->MaxRep()) {
      best = &leaf;
      common = n;
    }
  }
  return best;
}

// For each definition level of the file's leaf: how far along the shared steps it reaches, counted in the output's
// levels.
std::vector<int16_t> DefinitionLevels(const LeafPath& source, const LeafPath& wanted, size_t common) {
  std::vector<int16_t> map(static_cast<size_t>(source.MaxDef()) + 1);
  for (size_t level = 0; level < map.size(); ++level) {
    int used = 0;
    int reached = 0;
    for (size_t i = 0; i < common; ++i) {
      const int needs = source.steps[i].DefLevels();
      if (used + needs > static_cast<int>(level)) break;
      used += needs;
      reached += wanted.steps[i].DefLevels();
    }
    map[level] = static_cast<int16_t>(reached);
  }
  return map;
}

int Repetitions(const LeafPath& path, size_t steps) {
  return static_cast<int>(std::count_if(path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(steps),
                                        [](const LeafStep& step) { return step.repeated; }));
}

bool IsIdentity(const std::vector<int16_t>& map) {
  for (size_t i = 0; i < map.size(); ++i)
    if (map[i] != static_cast<int16_t>(i)) return false;
  return true;
}

// A required leaf cannot be made of a file that lacks it.
bool CanBeNull(const LeafPath& wanted, size_t common) {
  for (size_t i = common; i < wanted.steps.size(); ++i)
    if (wanted.steps[i].optional || wanted.steps[i].repeated) return true;
  return false;
}

std::string NameOf(const LeafPath& path) {
  std::string name;
  for (const LeafStep& step : path.steps) name += (name.empty() ? "" : ".") + step.label;
  return name;
}

Result<LeafMapping> MapLeaf(const parquet::SchemaDescriptor& file, const std::vector<LeafPath>& file_leaves,
                            const parquet::SchemaDescriptor& output, const LeafPath& wanted) {
  LeafMapping mapping;
  size_t common = 0;
  const LeafPath* source = FindSource(file_leaves, wanted, common);
  const bool whole = source != nullptr && common == wanted.steps.size() && common == source->steps.size();
  if (!whole && !CanBeNull(wanted, common))
    return Fail(ErrorKind::kMismatch, "the required column " + NameOf(wanted) + " is missing");
  if (source == nullptr) return mapping;
  if (!whole && (common == source->steps.size() || common == wanted.steps.size()))
    return Fail(ErrorKind::kMismatch, "column " + NameOf(wanted) + " is nested in one file and plain in another");
  mapping.source = source->column;
  mapping.has_values = whole;
  mapping.source_max_def = source->MaxDef();
  mapping.source_max_rep = source->MaxRep();
  mapping.keep_rep = Repetitions(*source, common);
  mapping.def = DefinitionLevels(*source, wanted, common);
  mapping.def_is_identity = whole && IsIdentity(mapping.def);
  if (!whole) return mapping;
  const parquet::ColumnDescriptor& from = *file.Column(source->column);
  const parquet::ColumnDescriptor& to = *output.Column(wanted.column);
  auto conversion = ConversionOf(source->type, from.physical_type(), from.type_length(), wanted.type,
                                 to.physical_type(), to.type_length());
  if (!conversion) return std::unexpected(std::move(conversion.error()).Within("column " + NameOf(wanted)));
  mapping.conversion = *conversion;
  return mapping;
}

}  // namespace

Result<std::vector<LeafMapping>> MapLeaves(const parquet::SchemaDescriptor& file,
                                           const std::vector<LeafPath>& file_leaves,
                                           const parquet::SchemaDescriptor& output,
                                           const std::vector<LeafPath>& output_leaves) {
  std::vector<LeafMapping> mappings;
  for (const LeafPath& wanted : output_leaves) {
    FIRN_TRY_ASSIGN(LeafMapping mapping, MapLeaf(file, file_leaves, output, wanted));
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

}  // namespace firn
