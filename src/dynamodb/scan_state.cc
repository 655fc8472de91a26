#include "dynamodb/scan_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/printable.h"
#include "dynamodb/item_json.h"

namespace firn {
namespace {

constexpr int kVersion = 1;

std::string DigestOf(const Selection& selection) {
  const Json parts = {selection.projection, selection.filter, selection.placeholders.names,
                      ToDynamoJson(selection.placeholders.values)};
  return ToHex(HashBytes(parts.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

std::string SavedText(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::unexpected<Error> FailCorrupt(const char* what) {
  return Fail(ErrorKind::kCorrupt, fmt::format("the saved state of the scan {}", what), "Remove it to scan anew");
}

std::unexpected<Error> FailOther(std::string what) {
  return Fail(ErrorKind::kMismatch, "the saved state is of another scan: " + std::move(what),
              "Go on as the scan began, or remove the state to scan anew");
}

}  // namespace

ScanState::ScanState(const Selection& selection, int segments)
    : table_(selection.table),
      index_(selection.index),
      wanted_(DigestOf(selection)),
      positions_(static_cast<size_t>(std::max(1, segments))) {}

ScanState::ScanState(ScanState&& other) noexcept
    : table_(std::move(other.table_)),
      index_(std::move(other.index_)),
      wanted_(std::move(other.wanted_)),
      positions_(std::move(other.positions_)) {}

Result<ScanState> ScanState::Parse(const Json& json, const Selection& selection, int segments) {
  if (!json.is_object() || json.value("version", Json()) != Json(kVersion)) return FailCorrupt("is of another version");
  const auto saved = json.find("segments");
  if (saved == json.end() || !saved->is_array() || saved->empty()) return FailCorrupt("has no segments");
  ScanState state(selection, static_cast<int>(saved->size()));
  state.table_ = SavedText(json, "table");
  state.index_ = SavedText(json, "index");
  state.wanted_ = SavedText(json, "selection");
  FIRN_TRY(state.CheckFits(selection));
  if (state.segments() != std::max(1, segments))
    return FailOther(fmt::format("it has {} segments, not {}", state.segments(), segments));
  for (size_t i = 0; i < saved->size(); ++i) {
    const Json& position = (*saved)[i];
    if (!position.is_object()) return FailCorrupt("has a segment that is none");
    state.positions_[i].done = position.value("done", Json()) == Json(true);
    if (!position.contains("next")) continue;
    auto next = ParseDynamoJson(position["next"]);
    if (!next) return std::unexpected(std::move(next.error()).Within("the saved state of the scan"));
    state.positions_[i].next = std::move(*next);
  }
  return state;
}

Json ScanState::ToJson() const {
  Json segments = Json::array();
  const std::lock_guard lock(mutex_);
  for (const Position& position : positions_) {
    Json json = Json::object();
    if (position.done) json["done"] = true;
    if (!position.next.empty()) json["next"] = ToDynamoJson(position.next);
    segments.push_back(std::move(json));
  }
  return {{"version", kVersion},
          {"table", table_},
          {"index", index_},
          {"selection", wanted_},
          {"segments", std::move(segments)}};
}

Status ScanState::CheckFits(const Selection& selection) const {
  if (table_ != selection.table)
    return FailOther(fmt::format("of table '{}', not '{}'", Printable(table_), selection.table));
  if (index_ != selection.index)
    return FailOther(fmt::format("of index '{}', not '{}'", Printable(index_), selection.index));
  if (wanted_ != DigestOf(selection)) return FailOther("with another projection or filter");
  return {};
}

std::optional<Item> ScanState::NextStart(int segment) const {
  const std::lock_guard lock(mutex_);
  const Position& position = positions_[static_cast<size_t>(segment)];
  return position.done ? std::nullopt : std::optional(position.next);
}

bool ScanState::done() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(positions_, &Position::done);
}

void ScanState::Advance(int segment, const Item& last_key) {
  const std::lock_guard lock(mutex_);
  positions_[static_cast<size_t>(segment)] = {last_key.empty(), last_key};
}

}  // namespace firn
