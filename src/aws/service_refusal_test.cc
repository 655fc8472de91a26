#include "aws/service_refusal.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

TEST(ServiceRefusal, HasItsCodeWithoutWhatStandsAroundIt) {
  EXPECT_EQ(BareCode("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"), "ResourceNotFoundException");
  EXPECT_EQ(BareCode("ValidationException"), "ValidationException");
  EXPECT_EQ(BareCode("a.b#Denied:http://internal.amazon.com/coral/"), "Denied");
  EXPECT_EQ(BareCode(""), "");
}

TEST(ServiceRefusal, IsAKindByItsCodeElseByItsStatus) {
  EXPECT_EQ(KindOf({400, "ProvisionedThroughputExceededException", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({400, "ThrottlingException", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({400, "RequestLimitExceeded", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({400, "ResourceNotFoundException", "", ""}), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf({400, "ValidationException", "", ""}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf({400, "AccessDeniedException", "", ""}), ErrorKind::kPermission);
  EXPECT_EQ(KindOf({400, "ExpiredTokenException", "", ""}), ErrorKind::kPermission);
  EXPECT_EQ(KindOf({400, "ResourceInUseException", "", ""}), ErrorKind::kConflict);
  EXPECT_EQ(KindOf({400, "UnknownOperationException", "", ""}), ErrorKind::kUnsupported);
  EXPECT_EQ(KindOf({400, "ANewException", "", ""}), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf({500, "InternalServerError", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({503, "", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({429, "", "", ""}), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf({403, "", "", ""}), ErrorKind::kPermission);
  EXPECT_EQ(KindOf({404, "", "", ""}), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf({302, "", "", ""}), ErrorKind::kIo);
}

TEST(ServiceRefusal, SaysWhatTheServiceSaidInOneLine) {
  const Error error = ErrorOf({400, "ThrottlingException", "Rate\nexceeded", "7H"}, "scan table 't'");
  EXPECT_EQ(error.message, "cannot scan table 't': the service says ThrottlingException, Rate exceeded (request 7H)");
  EXPECT_FALSE(error.hint.empty());
  EXPECT_EQ(ErrorOf({502, "", "", ""}, "scan").message, "cannot scan: the service says status 502");
}

}  // namespace
}  // namespace firn
