#include "project/environment_name.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace firn {
namespace {

constexpr std::string_view kPlace = "${env}";

class EnvironmentPut {
 public:
  explicit EnvironmentPut(const std::string& env) : env_(env) {}

  void Into(YamlNode& node) {
    Into(node.text, node.position);
    for (YamlNode& item : node.items) Into(item);
    for (YamlEntry& entry : node.entries) {
      Into(entry.key, entry.position);
      Into(entry.value);
    }
  }

  // The first place that there was.
  [[nodiscard]] const std::optional<SourcePosition>& first() const { return first_; }

 private:
  void Into(std::string& text, const SourcePosition& position) {
    for (size_t at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at)) {
      if (at > 0 && text[at - 1] == '$') {  // $${env} is the text
        at += kPlace.size();
        continue;
      }
      if (!first_) first_ = position;
      if (env_.empty()) return;
      text.replace(at, kPlace.size(), env_);
      at += env_.size();
    }
  }

  const std::string& env_;
  std::optional<SourcePosition> first_;
};

void CheckArguments(const YamlNode& root, Findings& findings) {
  const YamlNode* jobs = root.Find("jobs");
  if (jobs == nullptr) return;
  for (const YamlEntry& job : jobs->entries)
    if (const YamlNode* arguments = job.value.Find("arguments"))
      if (const YamlEntry* taken = arguments->FindEntry("env"))
        findings.Add(taken->position, "an argument cannot be called 'env': ${env} is the environment's name",
                     "Give it another name.");
}

}  // namespace

bool PutInEnvironment(YamlNode& root, const std::string& env, Findings& findings) {
  CheckArguments(root, findings);
  EnvironmentPut put(env);
  put.Into(root);
  if (!put.first() || !env.empty()) return true;
  findings.Add(*put.first(), "${env} is the environment's name, and none was given",
               "Choose one: `firn -e NAME ...`, with a file firn.NAME.yaml, which may be empty.");
  return false;
}

}  // namespace firn
