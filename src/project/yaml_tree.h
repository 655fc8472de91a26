#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/finding.h"

namespace firn {

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlEntry;

// A YAML document as a plain value that knows where each part was written, in whichever file. Aliases and merge keys
// are already expanded, within limits.
struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  std::string text;      // kScalar
  bool quoted = false;   // kScalar: quoted or a block, so it is text whatever it looks like
  std::string argument;  // kScalar: the job argument that the value came from, when it did
  SourcePosition position;
  std::vector<YamlNode> items;     // kList
  std::vector<YamlEntry> entries;  // kMap, in the order written; keys are unique

  [[nodiscard]] const YamlNode* Find(std::string_view key) const;  // of a map; nullptr when absent
  [[nodiscard]] const YamlEntry* FindEntry(std::string_view key) const;
  // Follows keys down through maps; nullptr as soon as one is absent.
  [[nodiscard]] const YamlNode* At(std::initializer_list<std::string_view> keys) const;
};

struct YamlEntry {
  std::string key;
  SourcePosition position;  // of the key
  YamlNode value;
};

struct YamlLimits {
  size_t bytes = 1 << 20;  // of the file
  size_t nodes = 100'000;  // after aliases are expanded, counting anchored copies: a bomb stops here
  size_t depth = 64;
};

// Parses one document. `file` is its name in findings. Nothing when a finding makes the tree useless (bytes that are
// not UTF-8, broken YAML, a limit); a duplicate key is a finding, and the first one stands. An empty document is a
// kNull node.
//
// Two words are read whole where strict YAML would split them inside { } and [ ]: an argument ${NAME}, and cron(...).
[[nodiscard]] std::optional<YamlNode> ParseYaml(const std::string& file, std::string bytes, Findings& findings,
                                                const YamlLimits& limits = {});

// What a plain (unquoted) scalar says by YAML's core schema.
enum class ScalarKind { kText, kInteger, kNumber, kBoolean };
[[nodiscard]] ScalarKind ScalarKindOf(const YamlNode& node);
[[nodiscard]] std::optional<int64_t> ParseInteger(std::string_view text);
[[nodiscard]] std::optional<bool> ParseBoolean(std::string_view text);  // true, True, TRUE, false, ...

}  // namespace firn
