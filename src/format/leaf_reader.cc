#include "format/leaf_reader.h"

#include <fmt/format.h>
#include <parquet/exception.h>

#include <algorithm>
#include <array>

namespace firn {
namespace {

// Values decoded at a time: 16 bytes each for strings, so that a batch stays in the second-level cache.
constexpr int64_t kBatch = 4096;

constexpr std::array<int16_t, kBatch> kZeros{};  // repetition levels of a column without repetition

[[noreturn]] void RowsDiffer(int64_t claimed) {
  throw parquet::ParquetException(fmt::format("a column does not hold the {} rows that the footer claims", claimed));
}

// dictionary[numbers[i]] for each of them.
template <class T>
void Gather(const T* dictionary, const int32_t* numbers, int64_t count, T* values) {
  for (int64_t i = 0; i < count; ++i) values[i] = dictionary[numbers[i]];
}

// Moves the wanted values and levels to the front. Returns how many of each are left.
template <class T>
std::pair<int64_t, int64_t> Compact(const uint8_t* keep, int64_t levels, int16_t* def, int16_t max_def, T* values,
                                    int64_t count) {
  int64_t kept = 0;
  int64_t kept_values = 0;
  if (count == levels) {  // no NULL: a value for each row
    for (int64_t i = 0; i < levels; ++i) {
      values[kept] = values[i];
      kept += keep[i];
    }
    if (max_def > 0) std::fill_n(def, kept, max_def);
    return {kept, kept};
  }
  int64_t next = 0;
  for (int64_t i = 0; i < levels; ++i) {
    const bool has_value = def[i] == max_def;
    if (keep[i] != 0) {
      def[kept++] = def[i];
      if (has_value) values[kept_values++] = values[next];
    }
    next += has_value ? 1 : 0;
  }
  return {kept, kept_values};
}

}  // namespace

struct LeafReader::Task {
  const parquet::ColumnDescriptor* column;  // of the file; nullptr: it lacks the leaf
  const LeafMapping& mapping;
  const uint8_t* keep;
  int64_t rows;
  int64_t most;  // of these, how many are asked for at least
  const LeafSink& sink;
};

void LeafReader::ReadFirst(const RowGroupSource& group, const LeafMapping& mapping, const uint8_t* keep, int64_t rows,
                           int64_t most, const LeafSink& sink) {
  if (mapping.source < 0) return EmitNulls({nullptr, mapping, keep, rows, most, sink});
  const Task task{group.schema.Column(mapping.source), mapping, keep, rows, most, sink};
  def_.resize(kBatch);
  rep_.resize(kBatch);
  if (group.rows != nullptr) {
    array_decoder_.Begin(*group.rows, mapping.source, *task.column);
    return ReadFrom(array_decoder_, task);
  }
  const ChunkPlace& place = group.chunks[static_cast<size_t>(mapping.source)];
  const ChunkBytes chunk = group.source->Read(place);
  decoder_.Begin(chunk.view(), place, *task.column);
  ReadFrom(decoder_, task);
}

template <class Decoder>
void LeafReader::ReadFrom(Decoder& decoder, const Task& task) {
  switch (task.column->physical_type()) {
    case parquet::Type::BOOLEAN:
      return ReadAs<parquet::BooleanType>(decoder, task);
    case parquet::Type::INT32:
      return ReadAs<parquet::Int32Type>(decoder, task);
    case parquet::Type::INT64:
      return ReadAs<parquet::Int64Type>(decoder, task);
    case parquet::Type::INT96:
      return ReadAs<parquet::Int96Type>(decoder, task);
    case parquet::Type::FLOAT:
      return ReadAs<parquet::FloatType>(decoder, task);
    case parquet::Type::DOUBLE:
      return ReadAs<parquet::DoubleType>(decoder, task);
    case parquet::Type::BYTE_ARRAY:
      return ReadAs<parquet::ByteArrayType>(decoder, task);
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return ReadAs<parquet::FLBAType>(decoder, task);
    default:
      throw parquet::ParquetException("a column has an unknown physical type");
  }
}

template <class Physical, class Decoder>
void LeafReader::ReadAs(Decoder& decoder, const Task& task) {
  if (task.mapping.source_max_rep == 0) return ReadFlat<Physical>(decoder, task);
  ReadRepeated<Physical>(decoder, task);
}

template <class Physical, class Decoder>
void LeafReader::ReadFlat(Decoder& decoder, const Task& task) {
  using T = typename Physical::c_type;
  const auto max_def = static_cast<int16_t>(task.mapping.source_max_def);
  T* const values = values_.Room<T>(kBatch);
  int64_t row = 0;
  // A whole reading goes on to the end of the chunk, for rows that the footer does not know of.
  while ((row < task.most || task.most == task.rows) && decoder.template HasNext<Physical>()) {
    const auto read = decoder.template Read<Physical>(kBatch, def_.data(), nullptr, values);
    if (row + read.levels > task.rows) RowsDiffer(task.rows);
    if (max_def == 0) std::fill_n(def_.data(), read.levels, int16_t{0});
    std::pair<int64_t, int64_t> kept{read.levels, read.values};
    const auto compact = [&](auto* what) {
      if (task.keep != nullptr) kept = Compact(task.keep + row, read.levels, def_.data(), max_def, what, read.values);
    };
    LeafBatch batch{.def = def_.data(), .rep = kZeros.data(), .data = values};
    if (read.numbers != nullptr) {
      compact(read.numbers);
      Gather(decoder.template dictionary<Physical>(), read.numbers, kept.second, values);
      batch.numbers = read.numbers;
      batch.dictionary = decoder.template dictionary<Physical>();
      batch.dictionary_size = decoder.dictionary_size();
    } else {
      compact(values);
    }
    row += read.levels;
    if (kept.first == 0) continue;
    batch.levels = batch.rows = kept.first;
    batch.values = kept.second;
    Emit(task, batch);
  }
  if (row < task.most) RowsDiffer(task.rows);
}

// Batches end at row boundaries, so rows that span pages are gathered first; strings are copied, as their page may be
// gone by then.
template <class Physical, class Decoder>
void LeafReader::ReadRepeated(Decoder& decoder, const Task& task) {
  using T = typename Physical::c_type;
  const LeafMapping& mapping = task.mapping;
  T* const values = values_.Room<T>(kBatch);
  int64_t kept = 0;
  int64_t row = -1;
  int64_t rows_kept = 0;
  kept_def_.clear();
  kept_rep_.clear();
  const auto flush = [&] {
    if (rows_kept == 0) return;
    Emit(task, {.levels = static_cast<int64_t>(kept_def_.size()),
                .rows = rows_kept,
                .def = kept_def_.data(),
                .rep = kept_rep_.data(),
                .values = kept,
                .data = kept_values_.As<T>()});
    kept = 0;
    kept_def_.clear();
    kept_rep_.clear();
    rows_kept = 0;
    bytes_.Clear();
  };
  const auto keep_value = [&](T value) {
    if constexpr (std::is_same_v<Physical, parquet::ByteArrayType>) {
      const std::string_view copy = bytes_.Keep({reinterpret_cast<const char*>(value.ptr), value.len});
      value.ptr = reinterpret_cast<const uint8_t*>(copy.data());
    } else if constexpr (std::is_same_v<Physical, parquet::FLBAType>) {
      const auto length = static_cast<size_t>(task.column->type_length());
      value.ptr =
          reinterpret_cast<const uint8_t*>(bytes_.Keep({reinterpret_cast<const char*>(value.ptr), length}).data());
    }
    kept_values_.Room<T>(kept + 1)[kept] = value;
    ++kept;
  };
  while (decoder.template HasNext<Physical>()) {
    const auto read = decoder.template Read<Physical>(kBatch, def_.data(), rep_.data(), values);
    if (read.numbers != nullptr) Gather(decoder.template dictionary<Physical>(), read.numbers, read.values, values);
    int64_t next = 0;
    for (int64_t i = 0; i < read.levels; ++i) {
      const bool has_value = def_[i] == mapping.source_max_def;
      if (rep_[i] == 0) {
        if (++row >= task.rows) RowsDiffer(task.rows);
        if (static_cast<int64_t>(kept_def_.size()) >= kBatch) flush();
        if (task.keep == nullptr || task.keep[row] != 0) ++rows_kept;
      }
      if (row < 0) RowsDiffer(task.rows);
      if ((task.keep == nullptr || task.keep[row] != 0) && rep_[i] <= mapping.keep_rep) {
        kept_def_.push_back(def_[i]);
        kept_rep_.push_back(rep_[i]);
        if (has_value && mapping.has_values) keep_value(values[next]);
      }
      next += has_value ? 1 : 0;
    }
  }
  if (row + 1 != task.rows) RowsDiffer(task.rows);
  flush();
}

void LeafReader::EmitNulls(const Task& task) {
  const int64_t rows = task.keep == nullptr
                           ? task.rows
                           : std::count_if(task.keep, task.keep + task.rows, [](uint8_t k) { return k != 0; });
  kept_def_.assign(static_cast<size_t>(std::min(rows, kBatch)), 0);
  kept_rep_.assign(kept_def_.size(), 0);
  for (int64_t done = 0; done < rows;) {
    const int64_t now = std::min(rows - done, kBatch);
    task.sink({.levels = now, .rows = now, .def = kept_def_.data(), .rep = kept_rep_.data()});
    done += now;
  }
}

void LeafReader::Emit(const Task& task, LeafBatch batch) {
  const LeafMapping& mapping = task.mapping;
  if (!mapping.def_is_identity) {
    auto* levels = const_cast<int16_t*>(batch.def);  // our own buffer
    for (int64_t i = 0; i < batch.levels; ++i) levels[i] = mapping.def[static_cast<size_t>(levels[i])];
  }
  if (!mapping.has_values) {
    batch.values = 0;
    batch.data = nullptr;
    batch.numbers = nullptr;
  } else {
    const void* const converted = Convert(mapping.conversion, batch.data, batch.values, conversion_);
    if (converted != batch.data) batch.numbers = nullptr;  // the dictionary is of unconverted values
    batch.data = converted;
  }
  task.sink(batch);
}

}  // namespace firn
