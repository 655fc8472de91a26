#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "catalog/database.h"

namespace firn {

// JSON in a TEXT column. Bytes that are not UTF-8 become U+FFFD: a catalog that refuses a run's error message helps
// nobody.
[[nodiscard]] inline std::string StoreJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// `what` names the row in the error: "the options of table 'x'".
[[nodiscard]] inline Result<Json> LoadJson(const Database& database, const std::string& text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return database.Corrupt(std::string(what) + " are not JSON");
  return json;
}

}  // namespace firn
