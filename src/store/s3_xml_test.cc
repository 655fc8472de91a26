#include "store/s3_xml.h"

#include <gtest/gtest.h>

#include "store/conformance_test.h"
#include "store/s3_error.h"

namespace firn {
namespace {

TEST(S3Xml, ReadsAListing) {
  const auto page = ParseListing(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
      "<IsTruncated>true</IsTruncated><NextContinuationToken>next/=</NextContinuationToken>"
      "<Contents><Key>a+b%2Fc%2Bd%C3%A9%1</Key><LastModified>2009-10-12T17:50:30.123Z</LastModified>"
      "<ETag>&quot;fba9-2&quot;</ETag><Size>5000000000</Size></Contents>"
      "<CommonPrefixes><Prefix>x%20y/</Prefix></CommonPrefixes></ListBucketResult>");
  ASSERT_TRUE(page) << page.error().Text();
  EXPECT_EQ(page->objects,
            (std::vector<ObjectInfo>{{"a b/c+d\xC3\xA9%1", 5'000'000'000, 1'255'369'830'000'000'000, "fba9-2"}}));
  EXPECT_EQ(page->folders, std::vector<std::string>{"x y/"});
  EXPECT_EQ(page->next, "next/=");
}

TEST(S3Xml, TheLastPageHasNoNext) {
  const auto page = ParseListing(
      "<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
      "<Contents><Key>a%2F+b</Key></Contents></ListBucketResult>");
  EXPECT_EQ(page->next, "");
  EXPECT_EQ(page->objects.front().key, "a%2F+b");  // not encoded: the server does not say so
}

TEST(S3Xml, ADocumentThatIsCutOrAnotherIsAskedForAgain) {
  EXPECT_EQ(KindOf(ParseListing("<ListBucketResult><Contents>")), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(ParseListing("")), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(ParseListing("<html/>")), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(ParseElement("<a><b>1</b></a>", "c")), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(ParseDeleteFaults("<Delete")), ErrorKind::kUnavailable);
  EXPECT_EQ(ParseElement("<a><b>\"1\"</b></a>", "b").value(), "1");
}

TEST(S3Xml, WritesWhatKeysMayHave) {
  EXPECT_EQ(
      DeleteDocument({"a<&>\"b", "c"}),
      "<Delete><Quiet>true</Quiet><Object><Key>a&lt;&amp;&gt;\"b</Key></Object><Object><Key>c</Key></Object></Delete>");
  EXPECT_EQ(
      CompletionDocument({"e1"}),
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part></CompleteMultipartUpload>");
}

HttpResponse Answer(int status, std::string code) {
  HttpResponse response;
  response.status = status;
  if (!code.empty()) response.body = "<Error><Code>" + code + "</Code><Message>a\nb</Message></Error>";
  return response;
}

TEST(S3Error, HasTheKindByWhatTheCallerDoesNext) {
  const auto kind = [](int status, std::string code) {
    return FailWithS3(Answer(status, std::move(code)), "read", "a").error().kind;
  };
  EXPECT_EQ(kind(404, ""), ErrorKind::kNotFound);
  EXPECT_EQ(kind(404, "NoSuchKey"), ErrorKind::kNotFound);
  EXPECT_EQ(kind(403, "AccessDenied"), ErrorKind::kPermission);
  EXPECT_EQ(kind(400, "ExpiredToken"), ErrorKind::kPermission);
  EXPECT_EQ(kind(400, "RequestTimeout"), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(409, "OperationAborted"), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(412, "PreconditionFailed"), ErrorKind::kAlreadyExists);
  EXPECT_EQ(kind(507, ""), ErrorKind::kNoSpace);
  EXPECT_EQ(kind(501, "NotImplemented"), ErrorKind::kUnsupported);
  EXPECT_EQ(kind(301, ""), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(200, "InternalError"), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(418, ""), ErrorKind::kIo);
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_EQ(kind(status, "SlowDown"), ErrorKind::kUnavailable);
}

TEST(S3Error, SaysWhatTheServerSaysInOneLine) {
  EXPECT_EQ(FailWithS3(Answer(503, "SlowDown"), "read", "a\x07").error().message,
            "cannot read a\\x07: the server says SlowDown, a b");
  EXPECT_EQ(FailWithS3(Answer(500, ""), "list", "lake").error().message,
            "cannot list lake: the server says status 500");
  EXPECT_FALSE(IsS3Success(Answer(200, "InternalError")));
  EXPECT_TRUE(IsS3Success(Answer(200, "")));
}

}  // namespace
}  // namespace firn
