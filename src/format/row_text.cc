#include "format/row_text.h"

#include <algorithm>

#include "base/check.h"

namespace firn {
namespace {

// Numbers, dates and times are written with these only, and never with none.
constexpr std::string_view kPlainLetters = "0123456789+-.:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool IsOfPlainLetters(TypeKind kind) {
  switch (kind) {
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kNull:
      return false;
    default:
      return true;
  }
}

}  // namespace

// One field of the output, with the levels that say whether it is there.
struct RowText::Node {
  TypeKind kind = TypeKind::kNull;
  int def = 0;  // the level at which the value itself is not NULL
  int rep = 0;  // of a list or map: the level of its repetition
  size_t first_leaf = 0;
  size_t end_leaf = 0;
  std::string json_name;  // "name": with the colon
  bool bare = false;      // of CSV: no value of it can need quotes
  std::vector<Node> children;
};

RowText::Node RowText::MakeNode(const Field& field, int def, int rep, size_t& leaf) const {
  Node node{.kind = field.type.kind,
            .def = def + (field.nullable ? 1 : 0),
            .rep = rep,
            .first_leaf = leaf,
            .end_leaf = leaf,
            .json_name = {},
            .children = {}};
  AppendJsonString(field.name, node.json_name);
  node.json_name.push_back(':');
  const bool repeats = node.kind == TypeKind::kList || node.kind == TypeKind::kMap;
  if (repeats) ++node.rep;
  for (const Field& child : field.type.children)
    node.children.push_back(MakeNode(child, node.def + (repeats ? 1 : 0), node.rep, leaf));
  if (field.type.children.empty()) ++leaf;
  node.end_leaf = leaf;
  return node;
}

RowText::RowText(const Schema& schema, const ParquetLayout& layout, TextFormat format, CsvDialect csv)
    : format_(format), csv_(std::move(csv)), special_({csv_.delimiter, csv_.quote, '\n', '\r'}) {
  size_t leaf = 0;
  for (const Field& field : schema.fields) {
    columns_.push_back(MakeNode(field, 0, 0, leaf));
    names_.push_back(field.name);
  }
  Check(leaf == layout.leaves().size(), "the output's schema and its Parquet layout have different leaves");
  std::vector<bool> plain(leaf, false);
  if (format == TextFormat::kCsv)
    for (const Node& column : columns_)
      if (column.children.empty()) plain[column.first_leaf] = true;
  for (Node& column : columns_)
    column.bare = csv_.null_text.empty() && IsOfPlainLetters(column.kind) && !special_.In(kPlainLetters);
  for (const LeafPath& path : layout.leaves()) {
    const parquet::ColumnDescriptor& column = *layout.descriptor().Column(path.column);
    leaves_.emplace_back(
        ValueText(path.type, column.physical_type(), column.type_length()),
        plain[static_cast<size_t>(path.column)] ? TextLeaf::Spelling::kPlain : TextLeaf::Spelling::kJson,
        path.MaxDef());
  }
}

RowText::~RowText() = default;

void RowText::Clear() {
  for (TextLeaf& leaf : leaves_) leaf.Clear();
}

std::string RowText::Header() const {
  std::string line;
  if (format_ != TextFormat::kCsv || !csv_.header) return line;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) line.push_back(csv_.delimiter);
    AppendCsvField(names_[i], line);
  }
  line.push_back('\n');
  return line;
}

void RowText::AppendLines(std::string& out) {
  if (leaves_.empty()) return;
  out.reserve(out.size() + longest_);  // slices are alike
  const size_t start = out.size();
  while (!leaves_[0].AtEnd()) {
    if (format_ == TextFormat::kCsv) {
      AppendCsvRow(out);
    } else {
      out.push_back('{');
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out.push_back(',');
        out += columns_[i].json_name;
        AppendJson(columns_[i], out);
      }
      out.push_back('}');
    }
    out.push_back('\n');
  }
  longest_ = std::max(longest_, out.size() - start);
}

void RowText::AppendCsvRow(std::string& out) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out.push_back(csv_.delimiter);
    const Node& column = columns_[i];
    TextLeaf& first = leaves_[column.first_leaf];
    if (first.Def() < column.def) {
      out += csv_.null_text;
      Skip(column);
    } else if (column.children.empty()) {
      if (column.bare)
        out += first.Value();
      else
        AppendCsvField(first.Value(), out);
      first.Advance();
    } else {
      nested_.clear();
      AppendJson(column, nested_);
      AppendCsvField(nested_, out);
    }
  }
}

void RowText::AppendCsvField(std::string_view text, std::string& out) const {
  const bool empty_line = text.empty() && columns_.size() == 1;  // which readers pass over
  if (text != csv_.null_text && !empty_line && !special_.In(text)) {
    out += text;
    return;
  }
  out.push_back(csv_.quote);
  for (;;) {  // a quote within is written twice
    const size_t quote = text.find(csv_.quote);
    if (quote == std::string_view::npos) break;
    out += text.substr(0, quote + 1);
    out.push_back(csv_.quote);
    text.remove_prefix(quote + 1);
  }
  out += text;
  out.push_back(csv_.quote);
}

void RowText::Skip(const Node& node) {
  for (size_t leaf = node.first_leaf; leaf < node.end_leaf; ++leaf) leaves_[leaf].Advance();
}

void RowText::AppendJson(const Node& node, std::string& out) {
  TextLeaf& first = leaves_[node.first_leaf];
  if (first.Def() < node.def) {
    out += "null";
    return Skip(node);
  }
  switch (node.kind) {
    case TypeKind::kStruct:
      return AppendJsonObject(node, out);
    case TypeKind::kList:
      return AppendJsonList(node, out);
    case TypeKind::kMap:
      return AppendJsonMap(node, out);
    default:
      out += first.Value();
      first.Advance();
  }
}

void RowText::AppendJsonObject(const Node& node, std::string& out) {
  out.push_back('{');
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out.push_back(',');
    out += node.children[i].json_name;
    AppendJson(node.children[i], out);
  }
  out.push_back('}');
}

void RowText::AppendJsonList(const Node& node, std::string& out) {
  TextLeaf& first = leaves_[node.first_leaf];
  out.push_back('[');
  if (first.Def() == node.def) {  // there, and empty
    Skip(node);
  } else {
    AppendJson(node.children[0], out);
    while (!first.AtEnd() && first.Rep() == node.rep) {
      out.push_back(',');
      AppendJson(node.children[0], out);
    }
  }
  out.push_back(']');
}

// A map is an object; keys that are not text are written as text.
void RowText::AppendJsonMap(const Node& node, std::string& out) {
  TextLeaf& first = leaves_[node.first_leaf];
  out.push_back('{');
  if (first.Def() == node.def) {
    Skip(node);
  } else {
    bool more = true;
    while (more) {
      const size_t start = out.size();
      AppendJson(node.children[0], out);
      if (out[start] != '"') {
        const std::string key = out.substr(start);
        out.resize(start);
        AppendJsonString(key, out);
      }
      out.push_back(':');
      AppendJson(node.children[1], out);
      more = !first.AtEnd() && first.Rep() == node.rep;
      if (more) out.push_back(',');
    }
  }
  out.push_back('}');
}

}  // namespace firn
