#include "sample_day.h"

#include <fmt/format.h>

#include <cstdlib>

#include "chargeback_file.h"

namespace firn::bench {
namespace {

template <class T>
T Must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().Text());
  std::abort();
}

}  // namespace

SampleDay::SampleDay() {
  const chargebacks::Day day{.seed = 7, .rows = kRows, .distinct = kRows * 4 / 5};
  chargebacks::FileMaker maker;
  for (int f = 0; f < kFiles; ++f) {
    const auto bytes = maker.Make(day, static_cast<uint64_t>(f) * kRowsPerFile, kRowsPerFile).ValueOrDie();
    auto writer = Must(store_.Create(fmt::format("in/{:05}.parquet", f)));
    if (!writer->Append({reinterpret_cast<const char*>(bytes->data()), static_cast<size_t>(bytes->size())}))
      std::abort();
    request_.inputs.push_back({.object = Must(writer->Finish()), .format = FileFormat::kParquet, .partition = {}});
  }
  job_.name = JobName("sample");
  request_.store = &store_;
  request_.job = &job_;
  scan_ = ScanAgain();
  layout_ = Must(ParquetLayout::Of(scan_.schema));
  mappings_ = std::make_unique<ShapeMappings>(Must(ShapeMappings::Of(scan_, layout_)));
}

Scan SampleDay::ScanAgain() const {
  return Must(ScanFiles(context_, shapes_));
}

std::vector<OpenSlice> SampleDay::OpenAll() {
  std::vector<OpenSlice> slices;
  for (size_t f = 0; f < scan_.files.size(); ++f) {
    const ScannedFile& file = scan_.files[f];
    for (size_t g = 0; g < file.group_rows.size(); ++g)
      slices.push_back(Must(
          OpenSlice::Open(store_, file, {f, static_cast<int>(g), 0, file.group_rows[g]}, (*mappings_)[*file.shape])));
  }
  return slices;
}

}  // namespace firn::bench
