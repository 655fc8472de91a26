#include <benchmark/benchmark.h>

#include <set>

#include "format/parquet_output.h"
#include "sample_day.h"

// One column at a time: decoding it, and moving it from the small files into one row group. The difference is the
// writer. The sum over all columns is the floor of a consolidation.
namespace firn::bench {
namespace {

// As firn itself decides after a sample (pipeline/plain_columns.cc).
const std::set<std::string> kPlain = {"chargeback_id", "transaction_id", "created_at",
                                      "updated_at",    "amount",         "merchant_id",
                                      "note",          "card_last4",     "customer.address.postal_code"};

SampleDay& Day() {
  static auto* day = new SampleDay;  // outlives everything, as libraries' statics do not
  return *day;
}

void DecodeColumn(benchmark::State& state, size_t leaf) {
  const std::vector<OpenSlice> slices = Day().OpenAll();
  LeafReader reader;
  int64_t values = 0;
  for (auto _ : state)
    for (const OpenSlice& slice : slices)
      slice.Read(reader, leaf, [&](const LeafBatch& batch) { values += batch.levels; });
  state.SetItemsProcessed(values);
}

void MoveColumn(benchmark::State& state, size_t leaf) {
  const std::vector<OpenSlice> slices = Day().OpenAll();
  LeafReader reader;
  for (auto _ : state) {
    auto output = ParquetOutput::Create(Day().store().Create("out/a.parquet").value(), Day().scan().schema,
                                        {.codec = "snappy", .plain_columns = kPlain});
    if (!output || !(*output)->BeginRowGroup(SampleDay::kRows)) return state.SkipWithError("cannot write");
    const auto column = static_cast<int>(leaf);
    for (const OpenSlice& slice : slices)
      slice.Read(reader, leaf, [&](const LeafBatch& batch) { (*output)->Write(column, batch); });
    (*output)->EndColumn(column);
    // The object stays unfinished: the other columns are missing.
  }
  state.SetItemsProcessed(state.iterations() * SampleDay::kRows);
}

void MoveAllColumns(benchmark::State& state) {
  const std::vector<OpenSlice> slices = Day().OpenAll();
  const auto columns = static_cast<int>(Day().layout().leaves().size());
  LeafReader reader;
  for (auto _ : state) {
    auto output = ParquetOutput::Create(Day().store().Create("out/a.parquet").value(), Day().scan().schema,
                                        {.codec = "snappy", .plain_columns = kPlain});
    if (!output || !(*output)->BeginRowGroup(SampleDay::kRows)) return state.SkipWithError("cannot write");
    for (int column = 0; column < columns; ++column)
      for (const OpenSlice& slice : slices)
        slice.Read(reader, static_cast<size_t>(column),
                   [&](const LeafBatch& batch) { (*output)->Write(column, batch); });
    if (!(*output)->EndRowGroup() || !(*output)->Finish()) return state.SkipWithError("cannot write");
    if (!Day().store().Remove("out/a.parquet")) return state.SkipWithError("cannot remove");  // a name is used once
  }
  state.SetItemsProcessed(state.iterations() * SampleDay::kRows);
}

void Register() {
  const parquet::SchemaDescriptor& columns = Day().layout().descriptor();
  for (int leaf = 0; leaf < columns.num_columns(); ++leaf) {
    const std::string name = columns.Column(leaf)->path()->ToDotString();
    const auto at = static_cast<size_t>(leaf);
    benchmark::RegisterBenchmark(("DecodeColumn/" + name).c_str(),
                                 [at](benchmark::State& state) { DecodeColumn(state, at); });
    benchmark::RegisterBenchmark(("MoveColumn/" + name).c_str(),
                                 [at](benchmark::State& state) { MoveColumn(state, at); });
  }
  benchmark::RegisterBenchmark("MoveAllColumns", MoveAllColumns);
}

}  // namespace
}  // namespace firn::bench

int main(int argc, char** argv) {
  firn::bench::Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
