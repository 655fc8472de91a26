#include "project/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "project/key_table.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

// Holds a committed file to what the code generates, or writes it with FIRN_UPDATE_DOCS=1.
void ExpectCommitted(const std::string& name, const std::string& generated) {
  const std::string path = std::string(FIRN_SOURCE_DIR) + "/docs/reference/" + name;
  if (std::getenv("FIRN_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << generated;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream committed;
  committed << stream.rdbuf();
  EXPECT_TRUE(committed.str() == generated)
      << path
      << " is not what the key table gives: FIRN_UPDATE_DOCS=1 project_test --gtest_filter='Reference*' writes it anew";
}

TEST(Reference, PageIsTheOneCommitted) {
  ExpectCommitted("project-file.md", ProjectReferenceMarkdown());
}

TEST(Reference, SchemaIsTheOneCommitted) {
  ExpectCommitted("firn.schema.json", ProjectJsonSchema().dump(2) + "\n");
}

TEST(Reference, PageHasEveryKey) {
  const std::string page = ProjectReferenceMarkdown();
  for (const ProjectKey& key : ProjectKeys()) EXPECT_THAT(page, HasSubstr("| `" + std::string(key.path) + "` |"));
  EXPECT_THAT(page, HasSubstr("`lzo` is refused"));
}

TEST(Reference, SchemaDescribesKeysAsTheParserReadsThem) {
  const Json schema = ProjectJsonSchema();
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["required"], Json::array({"project"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  const Json& job = schema["properties"]["jobs"]["anyOf"][0]["additionalProperties"];
  EXPECT_EQ(job["required"], Json::array({"read", "write"}));
  const Json& files = job["properties"]["write"]["properties"]["files"];
  EXPECT_EQ(files["default"], 1);
  EXPECT_EQ(files["anyOf"][0]["minimum"], 1);
  EXPECT_EQ(files["anyOf"][1]["type"], "string");  // ${NAME}
}

TEST(KeyTable, SaysSomethingOfEveryKeyOnce) {
  std::set<std::string_view> paths;
  for (const ProjectKey& key : ProjectKeys()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.doc.empty()) << key.path;
    EXPECT_EQ(key.form == Form::kChoice, !key.allowed.empty()) << key.path;
    EXPECT_FALSE(key.presence == Presence::kRequired && HasDefault(key)) << key.path;
  }
  for (const RefusedChoice& refused : RefusedChoices()) EXPECT_TRUE(paths.contains(refused.path)) << refused.path;
}

TEST(KeyTable, HasDefaultsThatAreAllowed) {
  for (const ProjectKey& key : ProjectKeys()) {
    if (key.form != Form::kChoice || !HasDefault(key)) continue;
    EXPECT_THAT(AllowedOf(key), testing::Contains(std::string(key.default_value))) << key.path;
  }
}

}  // namespace
}  // namespace firn
