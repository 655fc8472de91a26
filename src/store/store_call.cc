#include "store/store_call.h"

#include <array>
#include <optional>
#include <utility>

namespace firn {
namespace {

struct OperationFacts {
  std::string_view name;
  bool changes;
};

constexpr std::array<OperationFacts, kStoreOperations> kOperationFacts = {{
    {"List", false},
    {"ListFolder", false},
    {"Stat", false},
    {"Read", false},
    {"ReadRange", false},
    {"Create", false},
    {"Append", false},
    {"Finish", true},
    {"Link", true},
    {"Remove", true},
    {"RemovePrefix", true},
    {"ExchangeFolders", true},
    {"CheckReplaceable", false},
}};

}  // namespace

std::string_view NameOf(StoreOperation operation) {
  return kOperationFacts[static_cast<size_t>(operation)].name;
}
bool ChangesStore(StoreOperation operation) {
  return kOperationFacts[static_cast<size_t>(operation)].changes;
}

template <class Act, class Measure>
auto InterceptedStore::Pass(const StoreCall& call, Act act, Measure bytes_of) -> decltype(act()) {
  Verdict verdict = Before(call);
  if (verdict.deed == Verdict::Deed::kNone) return std::unexpected(std::move(verdict.error));
  auto result = act();
  After(call, result.has_value(), result.has_value() ? bytes_of(result) : 0);
  if (verdict.deed == Verdict::Deed::kHalf) return std::unexpected(std::move(verdict.error));
  return result;
}

template <class Act>
auto InterceptedStore::Pass(const StoreCall& call, Act act) -> decltype(act()) {
  return Pass(call, std::move(act), [](const auto&) { return int64_t{0}; });
}

class InterceptedStore::Writer : public ObjectWriter {
 public:
  Writer(InterceptedStore& store, std::string_view key, std::unique_ptr<ObjectWriter> inner)
      : store_(store), key_(key), inner_(std::move(inner)) {}

  Status Append(std::string_view bytes) override {
    if (failed_) return std::unexpected(*failed_);
    const StoreCall call{StoreOperation::kAppend, key_};
    Verdict verdict = store_.Before(call);
    Status status;
    if (verdict.deed != Verdict::Deed::kNone) {
      const bool whole = verdict.deed == Verdict::Deed::kWhole;
      std::string_view part = whole ? bytes : bytes.substr(0, bytes.size() / 2);
      status = inner_->Append(part);
      store_.After(call, status.has_value(), status.has_value() ? std::ssize(part) : 0);
    }
    if (verdict.deed != Verdict::Deed::kWhole) status = std::unexpected(std::move(verdict.error));
    if (!status.has_value()) failed_ = status.error();
    return status;
  }

  Result<ObjectInfo> Finish() override {
    if (failed_) return std::unexpected(*failed_);
    auto info = store_.Pass({StoreOperation::kFinish, key_}, [this] { return inner_->Finish(); });
    if (!info.has_value()) failed_ = info.error();
    return info;
  }

 private:
  InterceptedStore& store_;
  const std::string key_;
  std::unique_ptr<ObjectWriter> inner_;
  std::optional<Error> failed_;  // an object that lacks bytes must not appear, even if the program overlooked the error
};

Result<std::vector<ObjectInfo>> InterceptedStore::List(std::string_view prefix) {
  return Pass({StoreOperation::kList, std::string(prefix)}, [&] { return inner_.List(prefix); });
}

Result<FolderListing> InterceptedStore::ListFolder(std::string_view prefix) {
  return Pass({StoreOperation::kListFolder, std::string(prefix)}, [&] { return inner_.ListFolder(prefix); });
}

Result<ObjectInfo> InterceptedStore::Stat(std::string_view key) {
  return Pass({StoreOperation::kStat, std::string(key)}, [&] { return inner_.Stat(key); });
}

Result<Bytes> InterceptedStore::Read(const ObjectInfo& object) {
  return Pass(
      {StoreOperation::kRead, object.key}, [&] { return inner_.Read(object); },
      [](const auto& bytes) { return static_cast<int64_t>(bytes->size()); });
}

Result<Bytes> InterceptedStore::ReadRange(const ObjectInfo& object, int64_t offset, int64_t length) {
  return Pass(
      {StoreOperation::kReadRange, object.key}, [&] { return inner_.ReadRange(object, offset, length); },
      [](const auto& bytes) { return static_cast<int64_t>(bytes->size()); });
}

Result<std::unique_ptr<ObjectWriter>> InterceptedStore::Create(std::string_view key) {
  auto create = [&]() -> Result<std::unique_ptr<ObjectWriter>> {
    FIRN_TRY_ASSIGN(std::unique_ptr<ObjectWriter> writer, inner_.Create(key));
    return std::make_unique<Writer>(*this, key, std::move(writer));
  };
  return Pass({StoreOperation::kCreate, std::string(key)}, create);
}

Status InterceptedStore::Link(std::string_view from, std::string_view to) {
  return Pass({StoreOperation::kLink, std::string(to)}, [&] { return inner_.Link(from, to); });
}

Status InterceptedStore::Remove(std::string_view key) {
  return Pass({StoreOperation::kRemove, std::string(key)}, [&] { return inner_.Remove(key); });
}

Status InterceptedStore::RemovePrefix(std::string_view prefix) {
  const StoreCall call{StoreOperation::kRemovePrefix, std::string(prefix)};
  Verdict verdict = Before(call);
  if (verdict.deed == Verdict::Deed::kNone) return std::unexpected(std::move(verdict.error));
  const bool whole = verdict.deed == Verdict::Deed::kWhole;
  Status status = whole ? inner_.RemovePrefix(prefix) : RemoveHalf(prefix);
  After(call, status.has_value(), 0);
  if (!whole) return std::unexpected(std::move(verdict.error));
  return status;
}

Status InterceptedStore::RemoveHalf(std::string_view prefix) {
  FIRN_TRY_ASSIGN(std::vector<ObjectInfo> objects, inner_.List(prefix));
  for (size_t i = 0; i < objects.size() / 2; ++i) FIRN_TRY(inner_.Remove(objects[i].key));
  return {};
}

Status InterceptedStore::ExchangeFolders(std::string_view a, std::string_view b) {
  return Pass({StoreOperation::kExchangeFolders, std::string(b)}, [&] { return inner_.ExchangeFolders(a, b); });
}

Status InterceptedStore::CheckReplaceable(std::string_view prefix) {
  return Pass({StoreOperation::kCheckReplaceable, std::string(prefix)},
              [&] { return inner_.CheckReplaceable(prefix); });
}

}  // namespace firn
