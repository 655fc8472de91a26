#include "aws/json_service.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/crc32.h"

namespace firn {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

HttpExchange Answer(int status, std::string body, HttpFields headers = {}) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return {std::move(response), true};
}

HttpExchange NoAnswer(bool sent) {
  return {Fail(ErrorKind::kUnavailable, "no answer from http://h: reset"), sent};
}

// A server that answers what the test has put down, and keeps what it was asked.
class PlayedServer : public HttpSender {
 public:
  HttpExchange Exchange(const HttpRequest& request) override {
    requests.push_back(request);
    bodies.emplace_back(request.body);
    if (answers.empty()) return Answer(500, "no answer was put down");
    HttpExchange next = answers.front();
    answers.pop_front();
    return next;
  }

  std::deque<HttpExchange> answers;
  std::vector<HttpRequest> requests;
  std::vector<std::string> bodies;
};

class JsonServiceTest : public testing::Test {
 protected:
  Result<JsonReply> Call(bool repeatable = true) {
    JsonCall call;
    call.operation = "Scan";
    call.doing = "scan table 't'";
    call.request = {{"TableName", "t"}};
    call.repeatable = repeatable;
    return service_.Call(call);
  }
  void Put(HttpExchange answer) { server_.answers.push_back(std::move(answer)); }

  PlayedServer server_;
  FakeClock clock_{1'440'938'160'000'000'000};
  SeededRandom random_{3};
  std::vector<nanoseconds> pauses_;
  bool stopped_ = false;
  Retries retries_{{.budget = seconds(60), .max_tries = 4}, clock_, random_, [this](nanoseconds pause) {
                     pauses_.push_back(pause);
                     clock_.Advance(pause);
                     return !stopped_;
                   }};
  JsonService service_{{"dynamodb", "DynamoDB_20120810", "1.0"},
                       {"http", "h:1"},
                       "eu-west-1",
                       {"key", "secret", ""},
                       seconds(7),
                       server_,
                       clock_,
                       retries_};
};

TEST_F(JsonServiceTest, AsksAsTheProtocolSays) {
  Put(Answer(200, R"({"Count":0})"));
  const auto reply = Call();
  ASSERT_TRUE(reply) << reply.error().Text();
  EXPECT_EQ(reply->body, Json({{"Count", 0}}));
  EXPECT_FALSE(reply->refusal);
  EXPECT_FALSE(reply->in_doubt);
  const HttpRequest& request = server_.requests.front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://h:1/");
  EXPECT_EQ(server_.bodies.front(), R"({"TableName":"t"})");
  EXPECT_EQ(request.stall_timeout, seconds(7));
  EXPECT_TRUE(request.once);
  const std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
  EXPECT_EQ(headers.at("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(headers.at("x-amz-target"), "DynamoDB_20120810.Scan");
  EXPECT_EQ(headers.at("authorization").find("AWS4-HMAC-SHA256 Credential=key/20150830/eu-west-1/dynamodb/"), 0U);
}

TEST_F(JsonServiceTest, ARefusalIsAReplyWithItsBody) {
  Put(Answer(
      400, R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":{}})",
      {{"x-amzn-requestid", "7H"}}));
  const auto reply = Call();
  ASSERT_TRUE(reply) << reply.error().Text();
  EXPECT_EQ(reply->refusal->code, "ConditionalCheckFailedException");
  EXPECT_EQ(reply->refusal->message, "no");
  EXPECT_EQ(reply->refusal->request_id, "7H");
  EXPECT_TRUE(reply->body.contains("Item"));
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(JsonServiceTest, ReadsTheCodeAndTheMessageWhereverTheyAre) {
  Put(Answer(400, R"({"Message":"big"})", {{"x-amzn-errortype", "AccessDeniedException:http://x"}}));
  Put(Answer(400, R"({"code":"ValidationException","message":"v"})"));
  Put(Answer(404, "<html>not here</html>"));
  EXPECT_EQ(Call()->refusal->code, "AccessDeniedException");
  const auto second = Call();
  EXPECT_EQ(second->refusal->code + second->refusal->message, "ValidationExceptionv");
  EXPECT_EQ(KindOf(*Call()->refusal), ErrorKind::kNotFound);
}

TEST_F(JsonServiceTest, TriesAgainWhatPassesByItself) {
  for (const auto& failure : {Answer(400, R"({"__type":"a#ThrottlingException"})"),
                              Answer(400, R"({"__type":"a#ProvisionedThroughputExceededException"})"),
                              Answer(400, R"({"__type":"RequestLimitExceeded"})"), Answer(500, "{}"), Answer(503, ""),
                              NoAnswer(true), NoAnswer(false)}) {
    pauses_.clear();
    Put(failure);
    Put(Answer(200, "{}"));
    EXPECT_TRUE(Call());
    EXPECT_EQ(pauses_.size(), 1U);
  }
}

TEST_F(JsonServiceTest, SignsEachTryAnew) {
  Put(Answer(503, "", {{"retry-after", "5"}}));
  Put(Answer(200, "{}"));
  ASSERT_TRUE(Call());
  EXPECT_NE(server_.requests[0].headers, server_.requests[1].headers);
}

TEST_F(JsonServiceTest, IsUnavailableOnceTheBudgetIsSpent) {
  for (int i = 0; i < 4; ++i)
    Put(Answer(400, R"({"__type":"ThrottlingException","message":"slow"})", {{"x-amzn-requestid", "7H"}}));
  const auto reply = Call();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(reply.error().message.find(
                "cannot scan table 't': the service says ThrottlingException, slow (request 7H) (tried 4 times in "),
            0U)
      << reply.error().message;
  EXPECT_EQ(server_.requests.size(), 4U);
}

TEST_F(JsonServiceTest, WaitsAsTheServiceAsksForInSecondsOrUntilADate) {
  Put(Answer(503, "", {{"retry-after", "20"}}));
  Put(Answer(503, "", {{"retry-after", "Sun, 30 Aug 2015 12:36:50 GMT"}}));
  Put(Answer(200, "{}"));
  ASSERT_TRUE(Call());
  ASSERT_EQ(pauses_.size(), 2U);
  EXPECT_EQ(pauses_[0], seconds(20));
  EXPECT_EQ(pauses_[1], seconds(30));  // 20 of the 50 are over
}

TEST_F(JsonServiceTest, GivesUpWhenTheServiceAsksForMoreThanTheBudget) {
  Put(Answer(503, "", {{"retry-after", "61"}}));
  EXPECT_EQ(Call().error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(JsonServiceTest, AStopEndsTheTries) {
  stopped_ = true;
  Put(NoAnswer(true));
  EXPECT_EQ(Call().error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(server_.requests.size(), 1U);
}

TEST_F(JsonServiceTest, AsksAgainWhenTheAnswerIsDamaged) {
  const std::string body = R"({"Count":1})";
  Put(Answer(200, body, {{"x-amz-crc32", "1"}}));
  Put(Answer(200, body, {{"x-amz-crc32", "one"}}));
  Put(Answer(200, body.substr(0, 5)));
  Put(Answer(200, body, {{"x-amz-crc32", std::to_string(Crc32(body))}}));
  const auto reply = Call();
  ASSERT_TRUE(reply) << reply.error().Text();
  EXPECT_TRUE(reply->in_doubt);
  EXPECT_EQ(server_.requests.size(), 4U);
}

TEST_F(JsonServiceTest, SaysWhenAnEarlierTryMayHaveBeenCarriedOut) {
  Put(NoAnswer(true));
  Put(Answer(200, "{}"));
  EXPECT_TRUE(Call()->in_doubt);
  Put(Answer(500, "{}"));
  Put(Answer(200, "{}"));
  EXPECT_TRUE(Call()->in_doubt);
  Put(NoAnswer(false));
  Put(Answer(400, R"({"__type":"ThrottlingException"})"));
  Put(Answer(200, "{}"));
  EXPECT_FALSE(Call()->in_doubt);
}

TEST_F(JsonServiceTest, WhatMustNotBeDoneTwiceIsNotTriedAgainOnceItMayBeDone) {
  for (const auto& lost : {NoAnswer(true), Answer(500, "{}"), Answer(200, "{")}) {
    Put(lost);
    const auto reply = Call(false);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::kUnknownOutcome);
    EXPECT_NE(reply.error().message.find("it may have been done"), std::string::npos);
  }
  EXPECT_TRUE(pauses_.empty());
  Put(NoAnswer(false));
  Put(Answer(400, R"({"__type":"ThrottlingException"})"));
  Put(Answer(200, "{}"));
  EXPECT_TRUE(Call(false));
}

TEST_F(JsonServiceTest, RefusesTextThatIsNotUtf8) {
  JsonCall call;
  call.doing = "write";
  call.request = {{"Text", "\xFF"}};
  EXPECT_EQ(service_.Call(call).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_TRUE(server_.requests.empty());
}

TEST(OpenJsonService, ChecksItsSettings) {
  const SystemClock clock;
  SystemRandom random;
  const Environment empty = [](const char*) { return std::optional<std::string>(); };
  Retries retries({}, clock, random, PauseUnlessStopped({}));
  JsonServiceSettings settings;
  const auto kind = [&] {
    const auto service = OpenJsonService({"dynamodb", "D"}, settings, retries, clock, empty);
    return service ? "none" : std::string(NameOf(service.error().kind));
  };
  EXPECT_EQ(kind(), "Permission");
  settings.identity = {.access_key = "k", .secret_key = "s"};
  EXPECT_EQ(kind(), "none");
  settings.endpoint = "nowhere";
  EXPECT_EQ(kind(), "InvalidArgument");
}

}  // namespace
}  // namespace firn
