#include "project/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "env/time_zone.h"
#include "project/structure_check.h"
#include "project/yaml_text.h"

namespace firn {
namespace {

constexpr std::array<std::pair<std::string_view, ArgumentType>, 4> kTypes = {{{"date", ArgumentType::kDate},
                                                                              {"integer", ArgumentType::kInteger},
                                                                              {"boolean", ArgumentType::kBoolean},
                                                                              {"string", ArgumentType::kString}}};

bool IsDateText(std::string_view text) {
  return text == "yesterday" || text == "today" || IsIsoDate(text);
}

ArgumentType TypeOfDefault(const YamlNode& scalar) {
  if (IsDateText(scalar.text)) return ArgumentType::kDate;
  switch (ScalarKindOf(scalar)) {
    case ScalarKind::kInteger:
      return ArgumentType::kInteger;
    case ScalarKind::kBoolean:
      return ArgumentType::kBoolean;
    default:
      return ArgumentType::kString;
  }
}

// "Yes, that text is a value of that type", in the one spelling that values have; nothing when it is not.
std::optional<std::string> Normalized(ArgumentType type, std::string_view text) {
  switch (type) {
    case ArgumentType::kDate:
      return IsDateText(text) ? std::optional<std::string>(text) : std::nullopt;
    case ArgumentType::kInteger:
      if (const auto value = ParseInteger(text)) return std::to_string(*value);
      return std::nullopt;
    case ArgumentType::kBoolean:
      if (const auto value = ParseBoolean(text)) return *value ? "true" : "false";
      return std::nullopt;
    case ArgumentType::kString:
      return std::string(text);
  }
  return std::nullopt;
}

std::string_view HintFor(ArgumentType type) {
  switch (type) {
    case ArgumentType::kDate:
      return "Use yesterday, today, or a date like 2025-11-03.";
    case ArgumentType::kInteger:
      return "Use a whole number.";
    case ArgumentType::kBoolean:
      return "Use true or false.";
    case ArgumentType::kString:
      return "Use a text.";
  }
  return "";
}

std::string_view Article(ArgumentType type) {
  return type == ArgumentType::kInteger ? "an" : "a";
}

// Whether `text` fits the declaration; the problem as an error otherwise.
Result<std::string> Fit(const ArgumentDeclaration& declared, std::string_view text) {
  if (!IsUtf8(text))
    return Fail(ErrorKind::kInvalidArgument, fmt::format("argument '{}': the value is not UTF-8 text", declared.name),
                "Use UTF-8.");
  const std::optional<std::string> value = Normalized(declared.type, text);
  if (!value)
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("argument '{}': {} is not {} {}", declared.name, Quoted(text), Article(declared.type),
                            NameOf(declared.type)),
                std::string(HintFor(declared.type)));
  if (!declared.allowed.empty() && std::ranges::find(declared.allowed, *value) == declared.allowed.end())
    return Fail(ErrorKind::kInvalidArgument,
                fmt::format("argument '{}': {} is not one of its allowed values", declared.name, Quoted(text)),
                fmt::format("One of: {}.", fmt::join(declared.allowed, ", ")));
  return *value;
}

void ReadAllowed(const YamlNode& list, ArgumentDeclaration& declared, Findings& findings) {
  for (const YamlNode& item : list.items) {
    if (item.kind != YamlKind::kScalar) continue;
    if (const auto value = Normalized(declared.type, item.text))
      declared.allowed.push_back(*value);
    else
      findings.Add(item.position,
                   fmt::format("{} is not {} {}, the type of argument '{}'", Quoted(item.text), Article(declared.type),
                               NameOf(declared.type), declared.name),
                   std::string(HintFor(declared.type)));
  }
}

ArgumentDeclaration Declare(const YamlEntry& entry, Findings& findings) {
  ArgumentDeclaration declared;
  declared.name = entry.key;
  declared.position = entry.position;
  const YamlNode* value = &entry.value;
  if (value->kind == YamlKind::kMap) {
    if (const YamlNode* type = value->Find("type"))
      for (const auto& [name, known] : kTypes)
        if (type->text == name) declared.type = known;
    if (const YamlNode* allowed = value->Find("allowed")) ReadAllowed(*allowed, declared, findings);
    value = value->Find("default");
  } else if (value->kind == YamlKind::kScalar) {
    declared.type = TypeOfDefault(*value);
  }
  if (value == nullptr || value->kind != YamlKind::kScalar) return declared;
  if (Result<std::string> text = Fit(declared, value->text))
    declared.default_text = *text;
  else
    findings.Add(value->position, "the default of " + text.error().message, text.error().hint);
  return declared;
}

const ArgumentDeclaration* FindDeclared(const std::vector<ArgumentDeclaration>& declared, std::string_view name) {
  const auto found = std::ranges::find(declared, name, &ArgumentDeclaration::name);
  return found == declared.end() ? nullptr : &*found;
}

std::string SuggestArgument(std::string_view name, const std::vector<ArgumentDeclaration>& declared) {
  std::vector<std::string> names;
  for (const ArgumentDeclaration& each : declared) names.push_back(each.name);
  return names.empty() ? "The job declares no arguments." : SuggestKey(name, names);
}

// Substitutes within one document part.
class Substitution {
 public:
  Substitution(const std::vector<ArgumentDeclaration>& declared, const ArgumentValues& values, Findings& findings)
      : declared_(declared), values_(values), findings_(findings) {}

  void Visit(YamlNode& node) {
    if (node.kind == YamlKind::kScalar && node.text.find("${") != std::string::npos) Fill(node);
    for (YamlNode& item : node.items) Visit(item);
    for (YamlEntry& entry : node.entries) Visit(entry.value);
  }

 private:
  void Fill(YamlNode& scalar) {
    const std::string text = std::move(scalar.text);
    const SourcePosition position = scalar.position;
    scalar.text.clear();
    for (size_t i = 0; i < text.size();) {
      const std::string_view rest = std::string_view(text).substr(i);
      const size_t escaped = rest.starts_with("$$") ? ReferenceLength(rest.substr(1)) : 0;
      const size_t length = ReferenceLength(rest);
      if (escaped > 0) {
        scalar.text += rest.substr(1, escaped);
        i += 1 + escaped;
      } else if (length > 0) {
        Put(scalar, rest.substr(0, length), length == text.size(), position);
        i += length;
      } else {
        scalar.text += text[i++];
      }
    }
  }

  static size_t ReferenceLength(std::string_view text) {
    const size_t end = text.starts_with("${") ? text.substr(0, 256).find('}') : std::string_view::npos;
    return end != std::string_view::npos && IsArgumentName(text.substr(2, end - 2)) ? end + 1 : 0;
  }

  void Put(YamlNode& scalar, std::string_view reference, bool whole, const SourcePosition& position) {
    const std::string name(reference.substr(2, reference.size() - 3));
    const auto value = values_.find(name);
    if (value == values_.end()) {
      if (FindDeclared(declared_, name) == nullptr)
        findings_.Add(position, fmt::format("no argument '{}' in this job", name), SuggestArgument(name, declared_));
      scalar.text += reference;
      return;
    }
    scalar.text += value->second.text;
    scalar.argument = name;
    if (whole) scalar.quoted = value->second.type == ArgumentType::kString || value->second.type == ArgumentType::kDate;
  }

  const std::vector<ArgumentDeclaration>& declared_;
  const ArgumentValues& values_;
  Findings& findings_;
};

}  // namespace

std::string_view NameOf(ArgumentType type) {
  for (const auto& [name, known] : kTypes)
    if (known == type) return name;
  return "";
}

Json ArgumentValue::ToJson() const {
  if (type == ArgumentType::kInteger) return ParseInteger(text).value_or(0);
  if (type == ArgumentType::kBoolean) return text == "true";
  return text;
}

std::vector<ArgumentDeclaration> DeclareArguments(const YamlNode* arguments, Findings& findings) {
  std::vector<ArgumentDeclaration> declared;
  if (arguments == nullptr) return declared;
  for (const YamlEntry& entry : arguments->entries) declared.push_back(Declare(entry, findings));
  return declared;
}

ArgumentValues SampleValues(const std::vector<ArgumentDeclaration>& declared) {
  ArgumentValues values;
  for (const ArgumentDeclaration& each : declared) {
    const std::string any = each.type == ArgumentType::kDate      ? "2000-01-01"
                            : each.type == ArgumentType::kInteger ? "1"
                                                                  : "false";
    if (each.default_text)
      values[each.name] = {each.type, *each.default_text};
    else if (!each.allowed.empty())
      values[each.name] = {each.type, each.allowed.front()};
    else if (each.type != ArgumentType::kString)
      values[each.name] = {each.type, any};
  }
  return values;
}

Result<std::string> ResolveDate(std::string_view text, std::string_view time_zone, int64_t now_ns) {
  if (text != "yesterday" && text != "today") return std::string(text);
  FIRN_TRY_ASSIGN(std::string today, LocalDate(time_zone, now_ns));
  return text == "today" ? Result<std::string>(std::move(today)) : AddDays(today, -1);
}

Result<ArgumentValue> ReadArgument(const ArgumentDeclaration& declared, std::string_view text,
                                   std::string_view time_zone, int64_t now_ns) {
  FIRN_TRY_ASSIGN(std::string value, Fit(declared, text));
  if (declared.type == ArgumentType::kDate) {
    FIRN_TRY_ASSIGN(value, ResolveDate(value, time_zone, now_ns));
  }
  return ArgumentValue{declared.type, std::move(value)};
}

Result<ArgumentValues> ResolveArguments(const std::vector<ArgumentDeclaration>& declared,
                                        const std::map<std::string, std::string>& overrides, std::string_view time_zone,
                                        int64_t now_ns) {
  for (const auto& [name, text] : overrides)
    if (FindDeclared(declared, name) == nullptr)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("no argument {}", IsUtf8(name) ? Quoted(name) : "of that name"),
                  SuggestArgument(name, declared));
  ArgumentValues values;
  for (const ArgumentDeclaration& each : declared) {
    const auto given = overrides.find(each.name);
    if (given == overrides.end() && !each.default_text)
      return Fail(ErrorKind::kInvalidArgument, fmt::format("argument '{}' has no value", each.name),
                  fmt::format("Give one: --arg {}=VALUE ({}).", each.name, NameOf(each.type)));
    const std::string& text = given != overrides.end() ? given->second : *each.default_text;
    FIRN_TRY_ASSIGN(values[each.name], ReadArgument(each, text, time_zone, now_ns));
  }
  return values;
}

YamlNode Substitute(YamlNode node, const std::vector<ArgumentDeclaration>& declared, const ArgumentValues& values,
                    Findings& findings) {
  Substitution(declared, values, findings).Visit(node);
  return node;
}

YamlNode FillWithSamples(const YamlNode& job, Findings& findings) {
  const std::vector<ArgumentDeclaration> declared = DeclareArguments(job.Find("arguments"), findings);
  YamlNode body = job;
  std::erase_if(body.entries, [](const YamlEntry& entry) { return entry.key == "arguments"; });
  return Substitute(std::move(body), declared, SampleValues(declared), findings);
}

}  // namespace firn
