#include "store/retrying_store.h"

#include <utility>

namespace firn {
namespace {

template <class T>
bool IsUnavailable(const Result<T>& result) {
  return !result.has_value() && result.error().kind == ErrorKind::kUnavailable;
}

}  // namespace

class RetryingStore::Writer : public ObjectWriter {
 public:
  Writer(RetryingStore& store, std::unique_ptr<ObjectWriter> inner) : store_(store), inner_(std::move(inner)) {}

  Status Append(std::string_view bytes) override {
    return store_.retries_.Repeat([&] { return inner_->Append(bytes); });
  }
  Result<ObjectInfo> Finish() override {
    return store_.retries_.Repeat([&] { return inner_->Finish(); });
  }
  [[nodiscard]] bool Resumes() const override { return true; }

 private:
  RetryingStore& store_;
  const std::unique_ptr<ObjectWriter> inner_;
};

Result<std::vector<ObjectInfo>> RetryingStore::List(std::string_view prefix) {
  return retries_.Repeat([&] { return inner_.List(prefix); });
}

Result<FolderListing> RetryingStore::ListFolder(std::string_view prefix) {
  return retries_.Repeat([&] { return inner_.ListFolder(prefix); });
}

Result<ObjectInfo> RetryingStore::Stat(std::string_view key) {
  return retries_.Repeat([&] { return inner_.Stat(key); });
}

Result<Bytes> RetryingStore::Read(const ObjectInfo& object) {
  return retries_.Repeat([&] { return inner_.Read(object); });
}

Result<Bytes> RetryingStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  return retries_.Repeat([&] { return inner_.ReadRange(object, offset, length); });
}

Result<std::unique_ptr<ObjectWriter>> RetryingStore::Create(std::string_view key) {
  FIRN_TRY_ASSIGN(std::unique_ptr<ObjectWriter> writer, retries_.Repeat([&] { return inner_.Create(key); }));
  if (!writer->Resumes()) return writer;
  return std::make_unique<Writer>(*this, std::move(writer));
}

Status RetryingStore::Link(std::string_view from, std::string_view to) {
  bool in_doubt = false;
  return retries_.Repeat([&]() -> Status {
    Status linked = inner_.Link(from, to);
    const bool taken = !linked && linked.error().kind == ErrorKind::kAlreadyExists;
    if (taken && in_doubt) {
      FIRN_TRY_ASSIGN(const bool ours, AreOneVersion(from, to));
      if (ours) return {};
    }
    in_doubt = in_doubt || IsUnavailable(linked);
    return linked;
  });
}

Result<bool> RetryingStore::AreOneVersion(std::string_view a, std::string_view b) {
  FIRN_TRY_ASSIGN(const ObjectInfo of_a, inner_.Stat(a));
  FIRN_TRY_ASSIGN(const ObjectInfo of_b, inner_.Stat(b));
  return a != b && of_a.etag == of_b.etag && of_a.size == of_b.size;
}

Status RetryingStore::Remove(std::string_view key) {
  return retries_.Repeat([&] { return inner_.Remove(key); });
}

Status RetryingStore::RemovePrefix(std::string_view prefix) {
  return retries_.Repeat([&] { return inner_.RemovePrefix(prefix); });
}

Status RetryingStore::ExchangeFolders(std::string_view a, std::string_view b) {
  return inner_.ExchangeFolders(a, b);
}

Status RetryingStore::CheckReplaceable(std::string_view prefix) {
  return retries_.Repeat([&] { return inner_.CheckReplaceable(prefix); });
}

}  // namespace firn
