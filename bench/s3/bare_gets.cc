// Reads every object below a prefix of a bucket through Arrow's S3 file system, in threads, and throws the bytes away.
//
// usage: firn_bare_gets HOST:PORT BUCKET/PREFIX THREADS ACCESS_KEY SECRET_KEY
// Prints {"seconds": ..., "objects": ..., "bytes": ...}: listing and reading, without starting.
#include <arrow/buffer.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/util/thread_pool.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Total {
  std::atomic<size_t> next = 0;
  std::atomic<int64_t> bytes = 0;
};

arrow::Status ReadObject(arrow::fs::FileSystem& s3, const arrow::fs::FileInfo& object, Total& total) {
  ARROW_ASSIGN_OR_RAISE(auto stream, s3.OpenInputStream(object));
  ARROW_ASSIGN_OR_RAISE(auto bytes, stream->Read(object.size()));
  total.bytes += bytes->size();
  return stream->Close();
}

arrow::Status Run(char** argv) {
  const auto threads = static_cast<size_t>(std::atoi(argv[3]));
  arrow::fs::S3GlobalOptions global = arrow::fs::S3GlobalOptions::Defaults();
  global.log_level = arrow::fs::S3LogLevel::Off;
  ARROW_RETURN_NOT_OK(arrow::fs::InitializeS3(global));
  auto options = arrow::fs::S3Options::FromAccessKey(argv[4], argv[5]);
  options.endpoint_override = argv[1];
  options.scheme = "http";
  options.region = "us-east-1";
  ARROW_RETURN_NOT_OK(arrow::io::SetIOThreadPoolCapacity(static_cast<int>(threads)));
  ARROW_ASSIGN_OR_RAISE(const auto s3, arrow::fs::S3FileSystem::Make(options));
  const auto start = std::chrono::steady_clock::now();
  arrow::fs::FileSelector selector;
  selector.base_dir = argv[2];
  selector.recursive = true;
  ARROW_ASSIGN_OR_RAISE(const auto objects, s3->GetFileInfo(selector));
  Total total;
  std::vector<arrow::Status> statuses(threads);
  std::vector<std::thread> workers;
  for (size_t worker = 0; worker < threads; ++worker)
    workers.emplace_back([&, worker] {
      for (size_t i = total.next++; i < objects.size() && statuses[worker].ok(); i = total.next++)
        if (objects[i].IsFile()) statuses[worker] = ReadObject(*s3, objects[i], total);
    });
  for (std::thread& worker : workers) worker.join();
  for (const arrow::Status& status : statuses) ARROW_RETURN_NOT_OK(status);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("{\"seconds\": %.3f, \"objects\": %zu, \"bytes\": %lld}\n", seconds.count(), objects.size(),
              static_cast<long long>(total.bytes));
  return arrow::fs::FinalizeS3();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: firn_bare_gets HOST:PORT BUCKET/PREFIX THREADS ACCESS_KEY SECRET_KEY\n", stderr);
    return 2;
  }
  const arrow::Status status = Run(argv);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
