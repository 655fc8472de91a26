#include "app/remote_execute.h"

#include <filesystem>

#include "pipeline/execute.h"
#include "store/packed_copies.h"
#include "store/working_store.h"

namespace firn {
namespace {

// Up to here the pipeline reads an object whole (format/bytes_buffer.h); of larger ones the columns that it needs.
constexpr int64_t kFetchedBytes = 8 << 20;

std::vector<ObjectInfo> SmallInputs(const ExecuteRequest& request) {
  std::vector<ObjectInfo> objects;
  for (const InputFile& input : request.inputs)
    if (input.store == nullptr && input.object.size <= kFetchedBytes) objects.push_back(input.object);
  return objects;
}

Result<ExecuteOutcome> ExecuteHere(WorkerPool& readers, const std::string& scratch, ExecuteRequest request,
                                   const ProgressCallback& progress, std::stop_token stop) {
  const std::string inputs = scratch + "/inputs-" + request.commit_id;
  std::error_code error;
  std::filesystem::create_directories(inputs, error);  // Fetch tells when it is not there
  PackedCopies copies(*request.store, readers, inputs);
  const std::vector<ObjectInfo> objects = SmallInputs(request);
  if (progress) progress("fetching", 0, std::ssize(objects));
  FIRN_TRY(copies.Fetch(objects, stop));
  WorkingStore store(*request.store, copies);
  request.store = &store;
  Result<ExecuteOutcome> outcome = Execute(request, progress, std::move(stop));
  std::filesystem::remove_all(inputs, error);
  return outcome;
}

}  // namespace

ExecuteFunction RemoteExecute(WorkerPool& readers, std::string scratch) {
  return [&readers, scratch = std::move(scratch)](const ExecuteRequest& request, const ProgressCallback& progress,
                                                  std::stop_token stop) {
    return ExecuteHere(readers, scratch, request, progress, std::move(stop));
  };
}

}  // namespace firn
