#include "dynamodb/kept_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/json.h"
#include "dynamodb/item_line.h"
#include "dynamodb/table_scanner.h"
#include "store/object_key.h"

namespace firn {
namespace {

constexpr int kStateVersion = 1;
constexpr std::string_view kStatePrefix = "state-";

bool IsState(const ObjectKey& key) {
  return LastSegmentOf(key).starts_with(kStatePrefix);
}

Json SavedJson(const KeptScanFacts& facts, const std::vector<int64_t>& pages, const ScanState& state) {
  return {{"version", kStateVersion},
          {"holder", facts.holder},
          {"table_id", facts.table_id},
          {"begun_ns", facts.begun_ns},
          {"expires_ns", facts.expires_ns},
          {"items", facts.items},
          {"bytes", facts.bytes},
          {"done", facts.done},
          {"pages", pages},
          {"scan", state.ToJson()}};
}

bool IsCount(const Json& json) {
  return json.is_number_integer() && json >= 0;
}

bool IsSaved(const Json& json) {
  return json.is_object() && json.value("version", Json()) == Json(kStateVersion) &&
         json.value("holder", Json()).is_string() && json.value("table_id", Json()).is_string() &&
         IsCount(json.value("begun_ns", Json())) && IsCount(json.value("expires_ns", Json())) &&
         IsCount(json.value("items", Json())) && IsCount(json.value("bytes", Json())) &&
         json.value("done", Json()).is_boolean() && json.contains("scan") && json.value("pages", Json()).is_array() &&
         std::ranges::all_of(json["pages"], IsCount);
}

std::unexpected<Error> FailKept(const std::string& folder, std::string_view what) {
  return Fail(ErrorKind::kCorrupt, fmt::format("the kept scan {} {}", folder, what), "It begins anew");
}

}  // namespace

KeptScan::KeptScan(ObjectStore& store, ScanPlan plan, KeptScanFacts facts, ScanState state)
    : store_(store),
      plan_(std::move(plan)),
      state_(std::move(state)),
      facts_(std::move(facts)),
      pages_(static_cast<size_t>(state_.segments())) {}

Status KeptScan::Run(PageSource& source, const std::function<void(int64_t)>& on_items, std::stop_token stop) {
  WorkerPool pool(state_.segments());
  TableScanner scanner(source, pool);
  const PageTaker take = [&](int segment, const ItemPage& page) {
    Status taken = Take(segment, page);
    if (taken) on_items(facts().items);
    return taken;
  };
  FIRN_TRY(scanner.Scan(plan_.selection, state_, take, std::move(stop), plan_.page_items));
  const std::scoped_lock lock(mutex_);
  if (facts_.done) return {};
  facts_.done = true;
  return KeepState();
}

KeptScanFacts KeptScan::facts() const {
  const std::scoped_lock lock(mutex_);
  return facts_;
}

// The page first, then the state that counts it: a page that no state counts is written over.
Status KeptScan::Take(int segment, const ItemPage& page) {
  const auto at = static_cast<size_t>(segment);
  std::string lines;
  for (const Item& item : page.items) {
    AppendExportLine(item, lines);
    lines += '\n';
  }
  if (!lines.empty()) {
    std::string key;
    {
      const std::scoped_lock lock(mutex_);
      key = PageKey(at, pages_[at]);
    }
    FIRN_TRY(store_.Remove(key));
    FIRN_TRY_ASSIGN(const auto writer, store_.Create(key));
    FIRN_TRY(writer->Append(lines));
    FIRN_TRY(writer->Finish());
  }
  const std::scoped_lock lock(mutex_);
  state_.Advance(segment, page.last_key);  // here, so that the state and what it counts are of one moment
  if (!lines.empty()) ++pages_[at];
  facts_.items += std::ssize(page.items);
  facts_.bytes += std::ssize(lines);
  facts_.done = state_.done();
  return KeepState();
}

// The caller holds the lock.
Status KeptScan::KeepState() {
  FIRN_TRY_ASSIGN(const auto writer, store_.Create(StateKey(state_number_ + 1)));
  FIRN_TRY(writer->Append(SavedJson(facts_, pages_, state_).dump()));
  FIRN_TRY(writer->Finish());
  if (state_number_ > 0) FIRN_TRY(store_.Remove(StateKey(state_number_)));
  ++state_number_;
  return {};
}

std::string KeptScan::PageKey(size_t segment, int64_t number) const {
  return fmt::format("{}/segment-{:03}/page-{:06}.json", facts_.folder, segment, number);
}

std::string KeptScan::StateKey(int64_t number) const {
  return fmt::format("{}/{}{:012}.json", facts_.folder, kStatePrefix, number);
}

Result<std::vector<ObjectInfo>> KeptScan::Pages() {
  const std::scoped_lock lock(mutex_);
  FIRN_TRY_ASSIGN(const auto listed, store_.List(facts_.folder));
  std::map<std::string_view, const ObjectInfo*> by_key;
  for (const ObjectInfo& object : listed) by_key.emplace(object.key, &object);
  std::vector<ObjectInfo> pages;
  int64_t bytes = 0;
  for (size_t segment = 0; segment < pages_.size(); ++segment)
    for (int64_t number = 0; number < pages_[segment]; ++number) {
      const auto found = by_key.find(PageKey(segment, number));
      if (found == by_key.end()) return FailKept(facts_.folder, "lacks pages");
      pages.push_back(*found->second);
      bytes += found->second->size;
    }
  if (bytes != facts_.bytes) return FailKept(facts_.folder, "has pages of other sizes than it wrote");
  return pages;
}

// A state as it was read.
struct KeptScans::Saved {
  KeptScanFacts facts;
  Json json;
  int64_t number = 0;
};

Result<KeptScans::Saved> KeptScans::Read(const std::string& folder, const std::vector<ObjectInfo>& objects) {
  const ObjectInfo* newest = nullptr;  // by key, and so by number
  for (const ObjectInfo& object : objects)
    if (IsState(object.key)) newest = &object;
  if (newest == nullptr) return FailKept(folder, "has no state");
  FIRN_TRY_ASSIGN(const Bytes bytes, store_.Read(*newest));
  Saved saved{.facts = {}, .json = Json::parse(bytes.view(), nullptr, false)};
  if (!IsSaved(saved.json)) return FailKept(folder, "has a state that is none");
  const std::string_view number = LastSegmentOf(newest->key).substr(kStatePrefix.size());
  saved.number = std::strtoll(std::string(number).c_str(), nullptr, 10);
  saved.facts = {.name = folder.substr(0, folder.find('/')),
                 .folder = folder,
                 .holder = saved.json["holder"],
                 .table_id = saved.json["table_id"],
                 .begun_ns = saved.json["begun_ns"],
                 .expires_ns = saved.json["expires_ns"],
                 .items = saved.json["items"],
                 .bytes = saved.json["bytes"],
                 .done = saved.json["done"]};
  return saved;
}

Result<std::vector<KeptScanFacts>> KeptScans::List() {
  std::vector<KeptScanFacts> scans;
  FIRN_TRY_ASSIGN(const FolderListing names, store_.ListFolder(""));
  for (const std::string& name : names.folders) {
    FIRN_TRY_ASSIGN(const FolderListing unique, store_.ListFolder(name));
    for (const std::string& folder : unique.folders) {
      FIRN_TRY_ASSIGN(const FolderListing inside, store_.ListFolder(folder));
      if (inside.objects.empty() && inside.folders.empty()) continue;  // gone, or about to begin
      Result<Saved> saved = Read(folder, inside.objects);
      if (saved) {
        scans.push_back(std::move(saved->facts));
      } else if (saved.error().kind == ErrorKind::kCorrupt) {
        FIRN_TRY(Remove(folder));
      } else if (saved.error().kind != ErrorKind::kNotFound && saved.error().kind != ErrorKind::kMismatch) {
        return std::unexpected(std::move(saved.error()));  // those two: it moved on meanwhile, and so is somebody's
      }
    }
  }
  return scans;
}

Result<std::unique_ptr<KeptScan>> KeptScans::Begin(const ScanPlan& plan, KeptScanFacts facts) {
  facts.folder = facts.name + "/" + RandomHex(random_, 16);
  facts.items = facts.bytes = 0;
  facts.done = false;
  auto scan =
      std::unique_ptr<KeptScan>(new KeptScan(store_, plan, std::move(facts), ScanState(plan.selection, plan.segments)));
  FIRN_TRY(scan->KeepState());
  return scan;
}

Result<std::unique_ptr<KeptScan>> KeptScans::GoOn(const ScanPlan& plan, const KeptScanFacts& facts,
                                                  const std::string& holder) {
  FIRN_TRY_ASSIGN(const FolderListing inside, store_.ListFolder(facts.folder));
  FIRN_TRY_ASSIGN(Saved saved, Read(facts.folder, inside.objects));
  FIRN_TRY_ASSIGN(ScanState state, ScanState::Parse(saved.json["scan"], plan.selection, plan.segments));
  if (std::ssize(saved.json["pages"]) != state.segments()) return FailKept(facts.folder, "has a state that is none");
  auto scan = std::unique_ptr<KeptScan>(new KeptScan(store_, plan, std::move(saved.facts), std::move(state)));
  scan->pages_ = saved.json["pages"].get<std::vector<int64_t>>();
  scan->state_number_ = saved.number;
  FIRN_TRY(StatusOf(scan->Pages()));
  scan->facts_.holder = holder;
  FIRN_TRY(scan->KeepState());
  return scan;
}

// The states first: without one, the folder is nobody's.
Status KeptScans::Remove(const std::string& folder) {
  FIRN_TRY_ASSIGN(const FolderListing inside, store_.ListFolder(folder));
  for (const ObjectInfo& object : inside.objects)
    if (IsState(object.key)) FIRN_TRY(store_.Remove(object.key));
  return store_.RemovePrefix(folder);
}

}  // namespace firn
