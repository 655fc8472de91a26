#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/damaged_text_test.h"
#include "project/desired_state.h"
#include "project/project.h"
#include "project/sample_project_test.h"

namespace firn {
namespace {

// What every file must keep, whatever its bytes: findings with a place and a hint, or a project that every consumer can
// use.
void Exercise(const std::string& base, const std::string& overlay) {
  const std::string env = overlay.empty() ? "" : "fuzz";
  const std::vector<Finding> findings = ValidateProjectText(env, base, overlay);
  for (const Finding& finding : findings) {
    RC_ASSERT(finding.line >= 1 && finding.column >= 1);
    RC_ASSERT(!finding.message.empty());
    RC_ASSERT(!finding.hint.empty());
  }
  const Result<Project> project = ParseProject(".", env, base, overlay);
  RC_ASSERT(project.has_value() == findings.empty());
  if (!project) {
    RC_ASSERT(project.error().kind == ErrorKind::kInvalidArgument);
    return;
  }
  const Json state = DesiredState(*project);
  RC_ASSERT(PlanDiff(state, state).empty());
  RC_ASSERT(!RenderPlan(PlanDiff(state, Json::object())).empty());
  RC_ASSERT(!Outputs(*project).dump().empty());
  for (const JobDeclaration& job : project->jobs) (void)ResolveJob(*project, job.name, {}, 1'762'131'600'000'000'000);
}

// A change that a typist or a broken disk makes.
std::string Mutated(std::string text) {
  static const std::vector<std::string> kPieces = {"{",        "}",         "[",
                                                   "]",        ": ",        ",",
                                                   "\n",       "\t",        "  ",
                                                   "- ",       "&a ",       "*a",
                                                   "<<: ",     "~",         "'",
                                                   "\"",       "#",         "|\n",
                                                   "? ",       "!!str ",    "---\n",
                                                   "${",       "${X}",      "${OUTPUT_FORMAT}",
                                                   "cron(",    "0",         "-1",
                                                   "true",     "null",      "\xff",
                                                   "\xc3\xa9", "yesterday", "99999999999999999999"};
  return DamagedText(std::move(text), kPieces, 5);
}

RC_GTEST_PROP(ProjectFuzz, SurvivesAnyBytes, (const std::string& bytes)) {
  Exercise(bytes, bytes);
}

RC_GTEST_PROP(ProjectFuzz, SurvivesYamlSoup, ()) {
  static const std::vector<std::string> kSoup = {
      "project", "tables",      "jobs",  "x",     ": ",  ":\n  ",    "\n", "{",  "}",   "[",
      "]",       ", ",          "- ",    "&a ",   "*a ", "<<: *a\n", "'",  "\"", "|\n", ">-\n",
      "? ",      "%YAML 1.2\n", "---\n", "...\n", "!t ", "#",        "\\", "\t", " "};
  std::string soup;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kSoup)))
    soup += piece;
  Exercise(soup, "");
  Exercise("project: x\n" + soup, "");
  Exercise("project: x\n", soup);
}

RC_GTEST_PROP(ProjectFuzz, SurvivesMutationsOfARealFile, ()) {
  Exercise(Mutated(kSketch), "");
}

RC_GTEST_PROP(ProjectFuzz, SurvivesMutatedOverlays, ()) {
  Exercise(kSketch, Mutated("tags: {A: b}\njobs:\n  chargebacks-consolidation:\n    arguments: {OUTPUT_FILE_COUNT: "
                            "3}\n    timeout: null\nretention: []\n"));
}

RC_GTEST_PROP(ProjectFuzz, SurvivesAnyArgument, (const std::string& name, const std::string& value)) {
  static const Project project = *ParseProject(".", "", kSketch, "");
  const JobName job("chargebacks-consolidation");
  for (const std::string& each : {name, std::string("PARTITION_DATE"), std::string("OUTPUT_FILE_COUNT"),
                                  std::string("OUTPUT_FORMAT"), std::string("DRY_RUN")}) {
    const auto resolved = ResolveJob(project, job, {{each, value}}, 0);
    if (resolved) RC_ASSERT(!resolved->arguments.dump().empty());
    if (!resolved) RC_ASSERT(resolved.error().kind == ErrorKind::kInvalidArgument);
  }
}

}  // namespace
}  // namespace firn
