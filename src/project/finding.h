#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace firn {

// Where something stands in a project file. Lines and columns count from 1; a column is a byte.
struct SourcePosition {
  std::string file;
  int line = 1;
  int column = 1;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// One mistake in a project file: what is wrong, where, and what to do.
struct Finding {
  std::string file;
  int line = 1;
  int column = 1;
  std::string message;
  std::string hint;

  // "firn.yaml:3:5: unknown key 'tabels'", without the hint.
  [[nodiscard]] std::string Text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
  }
};

// What a check found so far. Checks go on after a finding, so that one `validate` shows them all; what is found twice
// (a job is checked with and without its arguments' values) is kept once.
class Findings {
 public:
  void Add(const SourcePosition& at, std::string message, std::string hint) {
    if (seen_.insert(at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + message).second)
      list_.push_back({at.file, at.line, at.column, std::move(message), std::move(hint)});
  }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] size_t size() const { return list_.size(); }
  [[nodiscard]] const std::vector<Finding>& list() const { return list_; }

 private:
  std::vector<Finding> list_;
  std::set<std::string> seen_;
};

}  // namespace firn
