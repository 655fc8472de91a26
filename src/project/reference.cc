#include "project/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "project/key_table.h"
#include "project/structure_check.h"

namespace firn {
namespace {

constexpr std::string_view kIntroduction = R"(# The project file

<!-- Generated from src/project/key_table.cc. To change it, change the table, then: FIRN_UPDATE_DOCS=1 project_test --gtest_filter='Reference*' -->

A project is a folder with a `firn.yaml`. `firn validate` checks it without a lake and reports every mistake with file,
line, column and a hint. `docs/reference/firn.schema.json` is the JSON Schema of this page: put
`# yaml-language-server: $schema=<path to it>` on the first line, and an editor completes the keys.

`x.*` is a name that you choose, `x[]` an element of a list. A key that is not on this page is an error.

## Environments

`firn -e prod ...` reads `firn.prod.yaml` over `firn.yaml`. Maps merge deep; scalars and lists replace; `null` removes
a key, and removing what is not there is an error. The overlay may be empty, and has to exist.

## Variables

`variables` hold what differs by environment. `${var.NAME}` stands for one in any text, in names, too: with
`variables: {env: test}`, `cat-${var.env}-normalize` is `cat-test-normalize`. Alone it keeps its type; `$${var.NAME}`
is the text `${var.NAME}`. An overlay that says `variables: {env: prod}` renames all of it.

## Arguments

A job's `arguments` have a type and a default. The type is that of the default: `yesterday`, `today` and dates like
`2025-11-03` are dates, `10` is an integer, `true` a boolean, all else a string (also `007` and quoted numbers).
`{type: date, default: yesterday, allowed: [...]}` says both; without `default`, every run has to give a value.

`${NAME}` stands for the argument in any value of the job. Alone it keeps its type (`files: ${OUTPUT_FILE_COUNT}` is
an integer); within a longer text it is put in as text, as it is: quote it yourself in SQL. `$${NAME}` is the text
`${NAME}`. `yesterday` and `today` are days in the project's `timezone` at the moment when a run starts.

A run overrides arguments with `--arg NAME=VALUE`; a schedule with its own `arguments`. A job argument named `DRY_RUN`
whose value is true makes the run a dry run, as `--dry-run` does.

## Notation

- A duration is a number and a unit, or several: `90s`, `60m`, `1h30m`, `7d`.
- An order is a column, alone or followed by `asc` or `desc`. Quote a column with spaces inside the text: `'"paid at" desc'`.
- `${NAME}`, `${var.NAME}` and `cron(...)` need no quotes, also inside `{ }` and `[ ]`. Editors that check strict YAML want them quoted there.
- Anchors, aliases and `<<` work. A file has at most 1 MiB, 100,000 values with aliases expanded, and 64 levels.

## Keys
)";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string TypeText(const ProjectKey& key) {
  std::string type = DescribeExpected(key);
  if (key.form == Form::kChoice && key.shapes & kScalarShape) {
    type.clear();
    for (const std::string& value : AllowedOf(key)) type += fmt::format("{}`{}`", type.empty() ? "" : ", ", value);
    if (key.shapes & kListShape) type += ", or a list";
  }
  if (!key.unit.empty()) type += fmt::format(" ({})", key.unit);
  return Escaped(type);
}

std::string DefaultText(const ProjectKey& key) {
  if (key.presence == Presence::kRequired) return "**required**";
  if (!HasDefault(key)) return "";
  return key.default_value.empty() ? "`\"\"`" : fmt::format("`{}`", Escaped(key.default_value));
}

std::string Row(const ProjectKey& key) {
  std::string doc = Escaped(key.doc);
  for (const RefusedChoice& refused : RefusedChoices())
    if (refused.path == key.path)
      doc += fmt::format(" `{}` is refused: {}. {}", refused.value, refused.reason, refused.hint);
  return fmt::format("| `{}` | {} | {} | {} |\n", key.path, TypeText(key), DefaultText(key), doc);
}

std::string_view SectionOf(const ProjectKey& key) {
  return key.path.substr(0, key.path.find_first_of(".["));
}

bool HasSection(std::string_view section) {
  return std::ranges::any_of(ProjectKeys(),
                             [&](const ProjectKey& key) { return key.path != section && SectionOf(key) == section; });
}

}  // namespace

std::string ProjectReferenceMarkdown() {
  constexpr std::string_view kHead = "\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
  std::string text(kIntroduction);
  std::string_view section;
  for (const ProjectKey& key : ProjectKeys()) {
    const std::string_view own = HasSection(SectionOf(key)) ? SectionOf(key) : "project";
    if (own != section) text += fmt::format("\n### {}\n{}", own, kHead);
    section = own;
    text += Row(key);
  }
  return text;
}

}  // namespace firn
