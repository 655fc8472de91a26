#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firn {

// Every key of the project file, once. Parsing, error messages, the JSON Schema and the reference page all come from
// this table.

// What a key's value may be; several bits when it has several spellings.
enum Shape : unsigned {
  kScalarShape = 1,
  kListShape = 2,   // elements are described by the row "path[]"
  kMapShape = 4,    // the keys are the rows "path.x", and no others
  kNamedShape = 8,  // names chosen by the user; values are described by the row "path.*"
};

// What a scalar must look like.
enum class Form {
  kText,
  kInteger,
  kBoolean,
  kAny,        // any scalar; keeps its YAML type
  kChoice,     // one of `allowed`
  kDate,       // yesterday, today, or 2025-11-03
  kDuration,   // 90s, 60m, 1h30m, 7d
  kTimeOfDay,  // 00:30
  kTimeZone,   // IANA name
  kSchedule,   // cron(...), rate(...), at(...)
  kThreshold,  // number, percentage, or duration
  kOneByte,    // a single byte, not a line end
  kOrder,      // column, `column asc`, `column desc`
  kLocation,   // prefix in the lake
  kKeyPrefix,  // how an object's key in the lake begins
  kSize,       // 512MB, 2GiB
  kHiveType,   // bigint, decimal(18,2), struct<a:int>
};

enum class Presence { kOptional, kRequired };

enum class NameForm {
  kAny,       // any text that is not empty
  kResource,  // letters, digits, '_' and '-'; 1 to 255
  kArgument,  // as in ${NAME}
};

struct ProjectKey {
  std::string_view path;  // "jobs.*.write.files": '*' is a name of the user's, "[]" an element
  unsigned shapes = kScalarShape;
  Form form = Form::kText;
  Presence presence = Presence::kOptional;
  // Verbatim text of a scalar. Absent lists and named maps are empty; an absent fixed map takes its keys' defaults when
  // `filled`.
  std::string_view default_value = {};
  bool filled = false;
  std::string_view allowed = {};                          // kChoice: "a|b|c"
  std::string_view unit = {};                             // for the reference
  int64_t minimum = std::numeric_limits<int64_t>::min();  // kInteger
  int64_t maximum = std::numeric_limits<int64_t>::max();
  size_t min_items = 0;             // kListShape
  bool one_key = false;             // kMapShape: exactly one of its keys
  bool ordered = false;             // kNamedShape: the order of names has a meaning
  NameForm names = NameForm::kAny;  // kNamedShape
  std::string_view doc = {};        // one line
};

// A value that is well known elsewhere and refused here, with the reason.
struct RefusedChoice {
  std::string_view path;
  std::string_view value;
  std::string_view reason;
  std::string_view hint;
};

[[nodiscard]] std::span<const ProjectKey> ProjectKeys();  // parents before children
[[nodiscard]] std::span<const RefusedChoice> RefusedChoices();
[[nodiscard]] std::vector<std::string> AllowedOf(const ProjectKey& key);
[[nodiscard]] bool HasDefault(const ProjectKey& key);
// Whether ${NAME} may stand in the value: everywhere in a job but its arguments.
[[nodiscard]] bool TakesArguments(const ProjectKey& key);

// The table as a tree.
struct KeyNode {
  const ProjectKey* key = nullptr;                                         // nullptr for the root
  std::vector<std::pair<std::string, std::unique_ptr<KeyNode>>> children;  // kMapShape, in table order
  std::unique_ptr<KeyNode> any_name;                                       // kNamedShape
  std::unique_ptr<KeyNode> element;                                        // kListShape

  [[nodiscard]] const KeyNode* Find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> ChildNames() const;
  [[nodiscard]] unsigned shapes() const { return key == nullptr ? unsigned{kMapShape} : key->shapes; }
};

[[nodiscard]] const KeyNode& ProjectKeyTree();
// The node of a path as the table writes it, e.g. "jobs.*". The path must be in the table.
[[nodiscard]] const KeyNode& KeyNodeAt(std::string_view path);

}  // namespace firn
