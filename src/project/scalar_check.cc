#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "env/time_zone.h"
#include "project/notation.h"
#include "project/structure_check.h"
#include "project/yaml_text.h"
#include "schema/names.h"

namespace firn {
namespace {

using Problem = std::optional<ScalarProblem>;

Problem CheckInteger(const ProjectKey& key, const YamlNode& scalar) {
  const auto value = scalar.quoted ? std::nullopt : ParseInteger(scalar.text);
  if (!value) {
    const bool only_quoted = scalar.quoted && ParseInteger(scalar.text);
    return ScalarProblem{fmt::format("must be {}, not {}", DescribeExpected(key), Quoted(scalar.text)),
                         only_quoted ? "Remove the quotes." : "Write a whole number."};
  }
  if (*value < key.minimum)
    return ScalarProblem{fmt::format("must be at least {}, not {}", key.minimum, *value),
                         fmt::format("Use {} or more.", key.minimum)};
  if (*value > key.maximum)
    return ScalarProblem{fmt::format("must be at most {}, not {}", key.maximum, *value),
                         fmt::format("Use {} or less.", key.maximum)};
  return std::nullopt;
}

Problem CheckBoolean(const YamlNode& scalar) {
  if (!scalar.quoted && ParseBoolean(scalar.text)) return std::nullopt;
  return ScalarProblem{
      fmt::format("must be true or false, not {}", Quoted(scalar.text)),
      scalar.quoted ? "Remove the quotes: true or false." : "Write true or false; yes, no, on and off are texts."};
}

Problem CheckChoice(const ProjectKey& key, const YamlNode& scalar) {
  const std::vector<std::string> allowed = AllowedOf(key);
  if (std::ranges::find(allowed, scalar.text) != allowed.end()) return std::nullopt;
  for (const RefusedChoice& refused : RefusedChoices())
    if (refused.path == key.path && refused.value == scalar.text)
      return ScalarProblem{fmt::format("'{}' is not offered: {}", refused.value, refused.reason),
                           std::string(refused.hint)};
  return ScalarProblem{fmt::format("{} is not one of: {}", Quoted(scalar.text), fmt::join(allowed, ", ")),
                       SuggestKey(scalar.text, allowed)};
}

Problem CheckTimeZone(const YamlNode& scalar) {
  const Result<std::string> date = LocalDate(scalar.text.substr(0, 100), 0);
  if (date.has_value()) return std::nullopt;
  return ScalarProblem{
      fmt::format("{} is not a time zone", Quoted(scalar.text)),
      date.error().hint.empty() ? "Use an IANA name such as America/Sao_Paulo or UTC." : date.error().hint};
}

Problem CheckSchedule(const YamlNode& scalar) {
  std::string problem = ScheduleProblem(scalar.text);
  if (problem.empty()) return std::nullopt;
  return ScalarProblem{fmt::format("{} is not a schedule: {}", Quoted(scalar.text), problem),
                       "For example cron(0 6 * * ? *), rate(6 hours) or at(2025-11-03T06:30:00)."};
}

Problem CheckHiveType(const YamlNode& scalar) {
  const Result<Type> type = ParseHiveType(scalar.text);
  if (type.has_value()) return std::nullopt;
  return ScalarProblem{
      fmt::format("{} is not a Hive type: {}", Quoted(scalar.text), type.error().message),
      type.error().hint.empty() ? "For example bigint, decimal(18,2) or array<string>." : type.error().hint};
}

Problem CheckOneByte(const YamlNode& scalar) {
  if (scalar.text.size() == 1 && scalar.text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos)
    return std::nullopt;
  return ScalarProblem{fmt::format("must be one byte and not a line end, not {}", Quoted(scalar.text)),
                       "For example \",\", \";\", \"|\" or \"\\t\"."};
}

Problem Expect(bool holds, const ProjectKey& key, const YamlNode& scalar, std::string hint) {
  if (holds) return std::nullopt;
  return ScalarProblem{fmt::format("must be {}, not {}", DescribeExpected(key), Quoted(scalar.text)), std::move(hint)};
}

std::string DescribeInteger(const ProjectKey& key) {
  if (key.minimum == std::numeric_limits<int64_t>::min()) return "an integer";
  return fmt::format("an integer of at least {}", key.minimum);
}

std::string DescribeForm(const ProjectKey& key) {
  switch (key.form) {
    case Form::kText:
      return "a text";
    case Form::kInteger:
      return DescribeInteger(key);
    case Form::kBoolean:
      return "true or false";
    case Form::kAny:
      return "a value";
    case Form::kChoice:
      return fmt::format("one of: {}", fmt::join(AllowedOf(key), ", "));
    case Form::kDate:
      return "a date (yesterday, today, or like 2025-11-03)";
    case Form::kDuration:
      return "a duration (like 90s, 60m, 1h30m or 7d)";
    case Form::kTimeOfDay:
      return "a time of day (like \"00:30\")";
    case Form::kTimeZone:
      return "an IANA time zone";
    case Form::kSchedule:
      return "cron(...), rate(...) or at(...)";
    case Form::kThreshold:
      return "a number, a percentage or a duration";
    case Form::kOneByte:
      return "one byte";
    case Form::kOrder:
      return "a column, alone or followed by asc or desc";
    case Form::kHiveType:
      return "a Hive type";
    case Form::kSize:
      return "a size (like 512MB, 2GB or 1GiB)";
    case Form::kKeyPrefix:
      return "the beginning of a key in the lake (relative, without '.', '..' or empty parts)";
    case Form::kLocation:
      return "a prefix in the lake (relative, without '.', '..' or empty parts)";
  }
  return "a value";
}

}  // namespace

std::string DescribeExpected(const ProjectKey& key) {
  std::vector<std::string> parts;
  if (key.shapes & kScalarShape) parts.push_back(DescribeForm(key));
  if (key.shapes & kListShape) parts.emplace_back("a list");
  if (key.shapes & kMapShape) parts.emplace_back("a map of keys");
  if (key.shapes & kNamedShape) parts.emplace_back("a map of names");
  return fmt::format("{}", fmt::join(parts, ", or "));
}

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 80;
  if (text.size() <= kLongest) return fmt::format("'{}'", text);
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return fmt::format("'{}...'", text.substr(0, end));
}

std::string SuggestKey(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr size_t kLongestWord = 64;
  constexpr size_t kMostCandidates = 200;
  if (candidates.size() > kMostCandidates || word.size() > kLongestWord)
    return SuggestFrom(word.substr(0, kLongestWord),
                       {candidates.begin(),
                        candidates.begin() + static_cast<ptrdiff_t>(std::min(candidates.size(), kMostCandidates))});
  return SuggestFrom(word, candidates);
}

bool IsResourceName(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool IsArgumentName(std::string_view name) {
  const std::string reference = fmt::format("${{{}}}", name.substr(0, 200));
  return name.size() <= 200 && ArgumentReferenceLength(reference) == reference.size();
}

std::optional<ScalarProblem> CheckScalar(const ProjectKey& key, const YamlNode& scalar) {
  const std::string& text = scalar.text;
  switch (key.form) {
    case Form::kText:
      return key.presence == Presence::kRequired && text.empty() ? Expect(false, key, scalar, "Write a text.")
                                                                 : std::nullopt;
    case Form::kAny:
      return std::nullopt;
    case Form::kInteger:
      return CheckInteger(key, scalar);
    case Form::kBoolean:
      return CheckBoolean(scalar);
    case Form::kChoice:
      return CheckChoice(key, scalar);
    case Form::kTimeZone:
      return CheckTimeZone(scalar);
    case Form::kSchedule:
      return CheckSchedule(scalar);
    case Form::kHiveType:
      return CheckHiveType(scalar);
    case Form::kOneByte:
      return CheckOneByte(scalar);
    case Form::kDate:
      return Expect(text == "yesterday" || text == "today" || IsIsoDate(text), key, scalar,
                    "Dates are written YYYY-MM-DD.");
    case Form::kDuration:
      return Expect(ParseDuration(text).has_value(), key, scalar, "Write the unit: s, m, h or d.");
    case Form::kTimeOfDay:
      return Expect(ParseTimeOfDay(text).has_value(), key, scalar, "Write HH:MM, from \"00:00\" to \"23:59\".");
    case Form::kThreshold:
      return Expect(IsThreshold(text), key, scalar, "For example 0, 75% or 30m.");
    case Form::kOrder:
      return Expect(ParseOrderColumn(text, true).has_value(), key, scalar,
                    "For example `updated_at desc`; one column an entry.");
    case Form::kSize:
      return Expect(ParseByteSize(text).has_value(), key, scalar, "Write the unit: MB, GB, MiB, GiB.");
    case Form::kKeyPrefix:
      return Expect(IsLocation(text), key, scalar, "For example bronze/sales/; it is relative to the lake.");
    case Form::kLocation:
      return Expect(IsLocation(text), key, scalar, "For example landing/chargebacks; `.firn` is firn's own.");
  }
  return std::nullopt;
}

}  // namespace firn
