#include <benchmark/benchmark.h>

#include "sample_day.h"

// What a deduplication does before rows move: open the files, and reduce keys to the rows that stay.
namespace firn::bench {
namespace {

void Scanning(benchmark::State& state) {
  const SampleDay day;
  for (auto _ : state) benchmark::DoNotOptimize(day.ScanAgain());
  state.SetItemsProcessed(state.iterations() * SampleDay::kFiles);
  state.SetLabel("items are files");
}
BENCHMARK(Scanning)->Unit(benchmark::kMillisecond);

void KeyPass(benchmark::State& state) {
  const SampleDay day;
  for (auto _ : state) {
    state.PauseTiming();
    Scan scan = day.scan();
    state.ResumeTiming();
    const auto counts = Deduplicate(day.context(), SampleDay::Dedupe(), scan);
    if (!counts || counts->duplicates == 0) state.SkipWithError("no duplicates found");
  }
  state.SetItemsProcessed(state.iterations() * SampleDay::kRows);
}
BENCHMARK(KeyPass)->Unit(benchmark::kMillisecond);

// The table alone, at a size that no cache holds.
void KeyTableReduce(benchmark::State& state) {
  constexpr uint64_t kKeys = 2'000'000;
  constexpr size_t kFileRows = 1'000'000;
  for (auto _ : state) {
    state.PauseTiming();
    KeyTable table(1, false);
    for (uint64_t i = 0; i < kKeys; ++i) {
      const uint64_t key = i % (kKeys / 5 * 4);
      const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
      table.Add(0, {HashBytes(bytes), i, KeyEntry::Location(true, i / kFileRows, i % kFileRows)});
    }
    std::vector<std::vector<uint8_t>> keep(2, std::vector<uint8_t>(kFileRows, 1));
    const std::vector<uint8_t> skip(2, 0);
    state.ResumeTiming();
    for (size_t p = 0; p < KeyTable::kPartitions; ++p) benchmark::DoNotOptimize(table.Reduce(p, keep, skip));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kKeys));
}
BENCHMARK(KeyTableReduce)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firn::bench
