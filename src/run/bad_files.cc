#include "run/bad_files.h"

#include "base/json.h"

namespace firn {
namespace {

constexpr std::string_view kFolder = "/bad-files/";

// A second name for the same bytes: no room is needed, and removing the object in its table keeps the copy.
Result<bool> StageCopy(ObjectStore& store, const ObjectKey& key, const std::string& staged) {
  Status linked = store.Link(key, staged + std::string(kFolder) + key);
  if (linked) return true;
  if (linked.error().kind == ErrorKind::kNotFound) return false;
  return std::unexpected(std::move(linked.error()));
}

}  // namespace

Status StageBadFiles(ObjectStore& store, const std::vector<BadFile>& bad_files, const std::string& staged,
                     const std::string& published, const std::string& list) {
  std::string lines;
  for (const BadFile& bad : bad_files) {
    FIRN_TRY_ASSIGN(const bool copied, StageCopy(store, bad.key, staged));
    const Json copy = copied ? Json(published + std::string(kFolder) + bad.key) : Json();
    const Json line = {{"object", bad.key}, {"reason", bad.reason}, {"copy", copy}};
    lines += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  FIRN_TRY_ASSIGN(const auto writer, store.Create(staged + "/" + list));
  FIRN_TRY(writer->Append(lines));
  return StatusOf(writer->Finish());
}

}  // namespace firn
