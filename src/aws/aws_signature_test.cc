#include "aws/aws_signature.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

// The published examples: "Signature Calculations for the Authorization Header", Amazon S3 API reference.
const AwsCredentials kExample = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
constexpr int64_t kMay24OfTheYear2013 = 1'369'353'600'000'000'000;
constexpr std::string_view kHost = "examplebucket.s3.amazonaws.com";

std::string Field(const HttpFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "(none)";
}

std::string SignatureOf(const UnsignedRequest& request) {
  const std::string all =
      Field(SignedHeaders(request, kExample, {"us-east-1", "s3"}, kMay24OfTheYear2013), "authorization");
  return all.substr(all.find("Signature=") + 10);
}

TEST(AwsSignature, OfARangeOfAnObject) {
  const UnsignedRequest request{"GET", std::string(kHost), "/test.txt", {}, {{"range", "bytes=0-9"}}, ""};
  EXPECT_EQ(SignatureOf(request), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(Field(SignedHeaders(request, kExample, {"us-east-1", "s3"}, kMay24OfTheYear2013), "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, OfAnUpload) {
  const UnsignedRequest request{
      "PUT",
      std::string(kHost),
      "/" + PercentEncode("test$file.text", true),
      {},
      {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      "Welcome to Amazon S3."};
  EXPECT_EQ(SignatureOf(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(AwsSignature, OfASubresourceWithoutValue) {
  EXPECT_EQ(SignatureOf({"GET", std::string(kHost), "/", {{"lifecycle", ""}}, {}, ""}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(AwsSignature, OfAListing) {
  EXPECT_EQ(SignatureOf({"GET", std::string(kHost), "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, ""}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(AwsSignature, CarriesTheTokenOfPassingCredentials) {
  AwsCredentials passing = kExample;
  passing.session_token = "token";
  const HttpFields headers =
      SignedHeaders({"GET", "h", "/", {}, {}, ""}, passing, {"us-east-1", "s3"}, kMay24OfTheYear2013);
  EXPECT_EQ(Field(headers, "x-amz-security-token"), "token");
  EXPECT_NE(Field(headers, "authorization").find("x-amz-date;x-amz-security-token,"), std::string::npos);
}

// "get-vanilla" and "post-vanilla" of AWS's Signature Version 4 test suite.
TEST(AwsSignature, OfAnotherServiceThanS3) {
  const AwsCredentials suite = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  const auto signature = [&](const std::string& method) {
    const HttpFields headers = SignedHeaders({method, "example.amazonaws.com", "/", {}, {}, ""}, suite,
                                             {"us-east-1", "service"}, 1'440'938'160'000'000'000);
    EXPECT_EQ(Field(headers, "x-amz-content-sha256"), "(none)");
    const std::string all = Field(headers, "authorization");
    EXPECT_NE(all.find("/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date,"), std::string::npos);
    return all.substr(all.find("Signature=") + 10);
  };
  EXPECT_EQ(signature("GET"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(signature("POST"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(PercentEncode, KeepsWhatRfc3986LeavesAndTheSlashOnDemand) {
  EXPECT_EQ(PercentEncode("a/b c+\xC3\xA9~=", true), "a/b%20c%2B%C3%A9~%3D");
  EXPECT_EQ(PercentEncode("a/b", false), "a%2Fb");
  EXPECT_EQ(EncodeQuery({{"b", "1"}, {"a-x", ""}, {"a", "/"}}), "a=%2F&a-x=&b=1");
}

TEST(Sha256Base64, OfNothing) {
  EXPECT_EQ(Sha256Base64(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

}  // namespace
}  // namespace firn
