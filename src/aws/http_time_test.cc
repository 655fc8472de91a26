#include "aws/http_time.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

TEST(HttpTime, IsReadInBothForms) {
  EXPECT_EQ(ParseHttpTimeNs("Mon, 12 Oct 2009 17:50:30 GMT"), 1'255'369'830'000'000'000);
  EXPECT_EQ(ParseIsoTimeNs("2009-10-12T17:50:30Z"), 1'255'369'830'000'000'000);
  EXPECT_EQ(ParseIsoTimeNs("yesterday"), 0);
}

}  // namespace
}  // namespace firn
