#pragma once

#include <nlohmann/json.hpp>

namespace firn {

// JSON as a value; keys keep the order in which they were written, so output is stable and reads well.
using Json = nlohmann::ordered_json;

}  // namespace firn
