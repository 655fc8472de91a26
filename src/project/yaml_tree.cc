#include "project/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "project/yaml_text.h"

namespace firn {
namespace {

// Ends the parse from within yaml-cpp's callbacks; never leaves this file.
struct ParseEnded {};

struct Anchored {
  YamlNode node;
  size_t nodes = 0;
  size_t depth = 0;
};

size_t CountNodes(const YamlNode& node) {
  size_t count = 1;
  for (const YamlNode& item : node.items) count += CountNodes(item);
  for (const YamlEntry& entry : node.entries) count += 1 + CountNodes(entry.value);
  return count;
}

size_t DepthOf(const YamlNode& node) {
  size_t depth = 0;
  for (const YamlNode& item : node.items) depth = std::max(depth, DepthOf(item));
  for (const YamlEntry& entry : node.entries) depth = std::max(depth, DepthOf(entry.value));
  return depth + 1;
}

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Turns yaml-cpp's events into a YamlNode. yaml-cpp's own node tree is not used: it forgets duplicate keys and lets
// aliases grow without limit.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string file, const YamlLimits& limits, Findings& findings)
      : file_(std::move(file)), limits_(limits), findings_(findings) {}

  [[nodiscard]] YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) End(mark, "a second document begins here", "Keep one document in a file: remove the '---'.");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Complete(NewNode(mark, YamlKind::kNull), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) End(mark, "an alias inside the value that it names", "Write the value out.");
    Count(mark, found->second.nodes);
    if (stack_.size() + found->second.depth > limits_.depth) EndTooDeep(mark);
    YamlNode node = found->second.node;
    node.position = At(mark);
    Complete(std::move(node), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckTag(mark, tag);
    YamlNode node = NewNode(mark, YamlKind::kScalar);
    node.text = RestoreWords(value);
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    Complete(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open(mark, YamlKind::kList, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open(mark, YamlKind::kMap, anchor);
  }
  void OnMapEnd() override {
    ApplyMerges(stack_.back());
    Close();
  }

 private:
  // A list or map whose end has not come yet.
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlEntry> pending;  // a key that waits for its value
    std::vector<YamlNode> merges;      // values of `<<`
    std::unordered_set<std::string> keys;
  };

  [[nodiscard]] SourcePosition At(const YAML::Mark& mark) const {
    return {file_, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
  }
  [[noreturn]] void End(const YAML::Mark& mark, std::string message, std::string hint) {
    EndAt(At(mark), std::move(message), std::move(hint));
  }
  [[noreturn]] void EndAt(const SourcePosition& at, std::string message, std::string hint) {
    findings_.Add(at, std::move(message), std::move(hint));
    throw ParseEnded();
  }
  [[noreturn]] void EndTooDeep(const YAML::Mark& mark) {
    End(mark, fmt::format("nested deeper than {} levels", limits_.depth),
        "A project file needs fewer than ten levels.");
  }

  void Count(const YAML::Mark& mark, size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes)
      End(mark, fmt::format("more than {} values, aliases included", limits_.nodes),
          "Aliases that repeat aliases grow fast: write the values out, or split the project.");
  }

  YamlNode NewNode(const YAML::Mark& mark, YamlKind kind) {
    Count(mark, 1);
    YamlNode node;
    node.kind = kind;
    node.position = At(mark);
    return node;
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    static constexpr std::array<std::string_view, 7> kCore = {"str", "int", "float", "bool", "null", "seq", "map"};
    constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag.starts_with(kPrefix) && IsOneOf(std::string_view(tag).substr(kPrefix.size()), kCore)) return;
    End(mark, fmt::format("unknown tag '{}'", RestoreWords(tag)), "Remove the tag: firn knows the type of each key.");
  }

  void Open(const YAML::Mark& mark, YamlKind kind, YAML::anchor_t anchor) {
    if (stack_.size() >= limits_.depth) EndTooDeep(mark);
    Frame frame;
    frame.node = NewNode(mark, kind);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    Complete(std::move(frame.node), frame.anchor);
  }

  void Complete(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) Remember(node, anchor);
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (Frame& frame = stack_.back(); frame.node.kind == YamlKind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.pending) {
      AcceptKey(frame, node);
    } else {
      AcceptValue(frame, std::move(node));
    }
  }

  void Remember(const YamlNode& node, YAML::anchor_t anchor) {
    Anchored anchored{node, CountNodes(node), DepthOf(node)};
    nodes_ += anchored.nodes;  // the copy costs memory too
    if (nodes_ > limits_.nodes)
      EndAt(node.position, fmt::format("more than {} values, aliases included", limits_.nodes), "Use fewer anchors.");
    anchors_[anchor] = std::move(anchored);
  }

  void AcceptKey(Frame& frame, const YamlNode& key) {
    if (key.kind != YamlKind::kScalar)
      EndAt(key.position, "a key that is not a text",
            key.kind == YamlKind::kNull ? "Write a name before the ':'."
                                        : "Keys are plain names; quote a value that starts with '{' or '['.");
    frame.pending = YamlEntry{key.text, key.position, YamlNode{}};
    frame.pending->value.quoted = key.quoted;
  }

  void AcceptValue(Frame& frame, YamlNode value) {
    YamlEntry entry = std::move(*frame.pending);
    frame.pending.reset();
    if (entry.key == "<<" && !entry.value.quoted) {
      frame.merges.push_back(std::move(value));
    } else if (!frame.keys.insert(entry.key).second) {
      const int line = frame.node.FindEntry(entry.key)->position.line;
      findings_.Add(entry.position, fmt::format("key '{}' is repeated", entry.key),
                    fmt::format("It is already on line {}: keep one of them.", line));
    } else {
      entry.value = std::move(value);
      frame.node.entries.push_back(std::move(entry));
    }
  }

  // `<<: *defaults` adds the keys that the map itself does not have; the first of several sources wins.
  void ApplyMerges(Frame& frame) {
    for (YamlNode& source : frame.merges) {
      if (source.kind == YamlKind::kList)
        for (YamlNode& item : source.items) MergeFrom(frame, item);
      else
        MergeFrom(frame, source);
    }
  }

  void MergeFrom(Frame& frame, YamlNode& source) {
    if (source.kind != YamlKind::kMap)
      EndAt(source.position, "'<<' merges maps only", "Name a map with its alias: `<<: *defaults`.");
    for (YamlEntry& entry : source.entries)
      if (frame.keys.insert(entry.key).second) frame.node.entries.push_back(std::move(entry));
  }

  const std::string file_;
  const YamlLimits limits_;
  Findings& findings_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  YamlNode root_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

// The one place where yaml-cpp's exceptions end.
bool RunParser(const std::string& file, const std::string& bytes, TreeBuilder& builder, Findings& findings) {
  try {
    std::istringstream stream(ProtectWords(bytes));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const ParseEnded&) {
    return false;
  } catch (const YAML::Exception& error) {
    const SourcePosition at{file, std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1};
    findings.Add(at, "not YAML: " + RestoreWords(error.msg),
                 HasTabIndentNear(bytes, at.line)
                     ? "Indent with spaces: YAML does not allow tabs."
                     : "Look at the indentation, and quote texts that hold ': ', '#', '{' or '['.");
  } catch (const std::exception& error) {
    findings.Add({file, 1, 1}, fmt::format("not YAML: {}", error.what()), "Check the file with a YAML editor.");
  }
  return false;
}

bool AllOf(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

bool HasLeadingZero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && AllOf(text, "0123456789");
}

bool IsNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  if (text.empty() || !AllOf(text, "0123456789.eE+-")) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

const YamlEntry* YamlNode::FindEntry(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &YamlEntry::key);
  return found == entries.end() ? nullptr : &*found;
}

const YamlNode* YamlNode::Find(std::string_view key) const {
  const YamlEntry* entry = FindEntry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const YamlNode* YamlNode::At(std::initializer_list<std::string_view> keys) const {
  const YamlNode* node = this;
  for (const std::string_view key : keys) {
    node = node->Find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::optional<YamlNode> ParseYaml(const std::string& file, std::string bytes, Findings& findings,
                                  const YamlLimits& limits) {
  if (bytes.size() > limits.bytes) {
    findings.Add({file, 1, 1}, fmt::format("the file has {} bytes, more than {}", bytes.size(), limits.bytes),
                 "A project file is short: is this the right file?");
    return std::nullopt;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (!CheckYamlBytes(file, bytes, findings)) return std::nullopt;
  TreeBuilder builder(file, limits, findings);
  if (!RunParser(file, bytes, builder, findings)) return std::nullopt;
  return builder.TakeRoot();
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with("+") || text.starts_with("-+")) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

ScalarKind ScalarKindOf(const YamlNode& node) {
  if (node.quoted) return ScalarKind::kText;
  if (ParseBoolean(node.text)) return ScalarKind::kBoolean;
  if (HasLeadingZero(node.text)) return ScalarKind::kText;  // 007 is a code, and 03 a folder's name
  if (ParseInteger(node.text)) return ScalarKind::kInteger;
  return IsNumber(node.text) ? ScalarKind::kNumber : ScalarKind::kText;
}

}  // namespace firn
