#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/grouped_digits.h"
#include "base/json.h"

namespace firn {

enum class OutputFormat { kTable, kCsv, kJson };

// Where a verb's answer goes: stdout, in the form that --output asks for. Messages for people go to stderr.
class Screen {
 public:
  explicit Screen(OutputFormat format) : format_(format) {}

  [[nodiscard]] bool json() const { return format_ == OutputFormat::kJson; }
  [[nodiscard]] OutputFormat format() const { return format_; }

  // A list of records with the same keys: a JSON array, CSV, or an aligned table whose heads are the keys. `empty` is
  // said on stderr when there is none.
  void Records(const Json& records, std::string_view empty) const;
  // One record: a JSON object, or "key  value" lines.
  void Record(const Json& record) const;
  // Text as it is; nothing in JSON, where Record says it all.
  void Text(std::string_view text) const;

  // Both forms of an error go where they are looked for: text to stderr; in JSON mode an object {"error": {kind,
  // message, hint}} to stdout.
  void Failure(const Error& error) const;

 private:
  OutputFormat format_;
};

// The most that a --limit takes.
inline constexpr int64_t kMostListed = 1'000'000;

// "549 MB", "3.2 s": for people, as GroupedDigits.
[[nodiscard]] std::string Counted(int64_t number, std::string_view noun);  // "1 file", "20 files"
[[nodiscard]] std::string HumanBytes(int64_t bytes);
[[nodiscard]] std::string HumanDuration(int64_t milliseconds);

}  // namespace firn
