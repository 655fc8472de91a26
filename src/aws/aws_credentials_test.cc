#include "aws/aws_credentials.h"

#include <gtest/gtest.h>

#include <map>

#include "base/test_folder_test.h"

namespace firn {
namespace {

class AwsCredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    variables_ = {{"HOME", folder_.path().string()}};
    WriteFile(folder_.path() / ".aws/credentials",
              "# made by hand\n[default]\naws_access_key_id = D1\r\naws_secret_access_key=D2\n\n"
              "[work]\naws_access_key_id=W1\naws_secret_access_key=a=b\naws_session_token = W3\n");
    WriteFile(folder_.path() / ".aws/config",
              "[default]\nregion = sa-east-1\n[profile work]\nregion=eu-west-1\ns3 =\n  region = none\n"
              "[profile role]\nrole_arn = arn:aws:iam::1:role/r\n");
  }
  Environment environment() {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }
  std::string Keys(const AwsIdentity& identity) {
    auto keys = FindAwsCredentials(identity, environment());
    if (!keys) return std::string(NameOf(keys.error().kind)) + ": " + keys.error().message;
    return keys->access_key + " " + keys->secret_key + " " + keys->session_token;
  }

  TestFolder folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(AwsCredentialsTest, TheNearestSourceWins) {
  EXPECT_EQ(Keys({}), "D1 D2 ");
  variables_["AWS_PROFILE"] = "work";
  EXPECT_EQ(Keys({}), "W1 a=b W3");
  variables_["AWS_ACCESS_KEY_ID"] = "E1";
  variables_["AWS_SECRET_ACCESS_KEY"] = "E2";
  variables_["AWS_SESSION_TOKEN"] = "E3";
  EXPECT_EQ(Keys({}), "E1 E2 E3");
  EXPECT_EQ(Keys({.profile = "default"}), "D1 D2 ");
  EXPECT_EQ(Keys({.access_key = "X1", .secret_key = "X2", .profile = "work"}), "X1 X2 ");
}

TEST_F(AwsCredentialsTest, SaysWhatIsMissing) {
  EXPECT_EQ(Keys({.access_key = "X1"}), "InvalidArgument: of access_key and secret_key only one is given");
  EXPECT_EQ(Keys({.profile = "gone"}), "NotFound: there is no profile 'gone' in the files of the AWS tools");
  EXPECT_EQ(Keys({.profile = "role"}), "Permission: no keys: none are set, and the profile 'role' has none");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "/nowhere";
  EXPECT_EQ(Keys({}), "Permission: no keys: none are set, and the profile 'default' has none");
}

TEST_F(AwsCredentialsTest, TheRegionComesFromTheSamePlaces) {
  EXPECT_EQ(FindAwsRegion({}, environment()), "sa-east-1");
  EXPECT_EQ(FindAwsRegion({.profile = "work"}, environment()), "eu-west-1");
  EXPECT_EQ(FindAwsRegion({.profile = "role"}, environment()), "us-east-1");
  variables_["AWS_DEFAULT_REGION"] = "ap-south-1";
  EXPECT_EQ(FindAwsRegion({.profile = "work"}, environment()), "ap-south-1");
  variables_["AWS_REGION"] = "ca-west-1";
  EXPECT_EQ(FindAwsRegion({}, environment()), "ca-west-1");
  EXPECT_EQ(FindAwsRegion({.region = "us-west-2"}, environment()), "us-west-2");
}

}  // namespace
}  // namespace firn
