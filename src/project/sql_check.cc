#include "project/sql_check.h"

#include <fmt/format.h>

#include <memory>

#include "pipeline/step_syntax.h"
#include "project/arguments.h"
#include "project/structure_check.h"

namespace firn {
namespace {

class SqlCheck {
 public:
  explicit SqlCheck(Findings& findings) : findings_(findings) {}

  void Job(const YamlNode& job) {
    Findings reported_before;
    const YamlNode filled = FillWithSamples(job, reported_before);
    const YamlNode* steps = filled.Find("steps");
    if (steps == nullptr) return;
    for (const YamlNode& step : steps->items) OneStep(step);
  }

 private:
  void OneStep(const YamlNode& step) {
    if (const YamlNode* select = step.Find("select"))
      for (const YamlNode& expression : select->items) Judge(expression, SelectStep{{expression.text}});
    if (const YamlNode* filter = step.Find("filter")) Judge(*filter, FilterStep{filter->text});
    if (const YamlNode* sql = step.Find("sql")) Judge(*sql, SqlStep{sql->text});
    if (const YamlNode* cast = step.Find("cast"))
      for (const YamlEntry& column : cast->entries) Judge(column.value, CastStep{{{column.key, column.value.text}}});
  }

  void Judge(const YamlNode& written, const Step& step) {
    if (engine_ == nullptr) {
      auto opened = SqlEngine::Open({.threads = 1});
      if (!opened) return findings_.Add(written.position, opened.error().message, opened.error().hint);
      engine_ = std::move(*opened);
    }
    if (const Status read = CheckStepSyntax(*engine_, step); !read)
      findings_.Add(written.position,
                    fmt::format("{} cannot be read as SQL: {}", Quoted(written.text), read.error().message),
                    "Write it as in a SELECT of DuckDB's SQL.");
  }

  Findings& findings_;
  std::unique_ptr<SqlEngine> engine_;  // from the first SQL on
};

}  // namespace

void CheckSql(const YamlNode& root, Findings& findings) {
  const YamlNode* jobs = root.Find("jobs");
  if (jobs == nullptr) return;
  SqlCheck check(findings);
  for (const YamlEntry& job : jobs->entries) check.Job(job.value);
}

}  // namespace firn
