#include "schedule/object_event.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json BridgeEvent(const std::string& key, const std::string& sequencer = "1") {
  return {{"version", "0"},
          {"id", "17793124-05d4-b198-2fde-7ededc63b103"},
          {"detail-type", "Object Created"},
          {"source", "aws.s3"},
          {"account", "111122223333"},
          {"time", "2021-11-12T00:00:00Z"},
          {"region", "ca-central-1"},
          {"resources", {"arn:aws:s3:::bronze"}},
          {"detail",
           {{"version", "0"},
            {"bucket", {{"name", "bronze"}}},
            {"object", {{"key", key}, {"size", 5}, {"etag", "b1946ac9"}, {"sequencer", sequencer}}},
            {"reason", "PutObject"}}}};
}

Json Record(const std::string& key, const std::string& name = "ObjectCreated:Put") {
  return {{"eventVersion", "2.1"},
          {"eventSource", "aws:s3"},
          {"eventName", name},
          {"s3",
           {{"s3SchemaVersion", "1.0"},
            {"bucket", {{"name", "bronze"}}},
            {"object", {{"key", key}, {"size", 1024}, {"eTag", "d41d8cd9"}, {"sequencer", "0A"}}}}}};
}

std::vector<std::string> KeysOf(const std::string& text) {
  const auto events = ReadObjectEvents(text);
  if (!events) return {events.error().message};
  std::vector<std::string> keys;
  for (const ObjectCreated& object : events->created) keys.push_back(object.bucket + ":" + object.key);
  return keys;
}

TEST(ObjectEvents, KeysOfEventBridgeAreAsTheyAre) {
  EXPECT_THAT(KeysOf(BridgeEvent("sales/a+b%20c ü.csv").dump()), ElementsAre("bronze:sales/a+b%20c ü.csv"));
}

TEST(ObjectEvents, KeysOfNotificationsAreUrlDecoded) {
  const Json notification = {{"Records", {Record("sales/a+b%2Bc%20%C3%BC.csv")}}};
  EXPECT_THAT(KeysOf(notification.dump()), ElementsAre("bronze:sales/a b+c ü.csv"));
}

TEST(ObjectEvents, ReadsMessagesOfQueuesAndTopics) {
  const std::string notification = Json{{"Records", {Record("a.csv")}}}.dump();
  const Json sqs = {{"Records", {{{"eventSource", "aws:sqs"}, {"body", notification}}}}};
  const Json sns = {{"Records", {{{"EventSource", "aws:sns"}, {"Sns", {{"Message", notification}}}}}}};
  const Json topic_to_queue = {{"Type", "Notification"}, {"Message", notification}};
  EXPECT_THAT(KeysOf(sqs.dump()), ElementsAre("bronze:a.csv"));
  EXPECT_THAT(KeysOf(sns.dump()), ElementsAre("bronze:a.csv"));
  EXPECT_THAT(KeysOf(topic_to_queue.dump()), ElementsAre("bronze:a.csv"));
}

TEST(ObjectEvents, OneAKeyTheLatestBySequencer) {
  // The shorter sequencer is filled with zeros on its right.
  const Json events = {BridgeEvent("a", "0055AE"), BridgeEvent("b"), BridgeEvent("a", "0055AEB"),
                       BridgeEvent("a", "00")};
  const auto read = ReadObjectEvents(events.dump());
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->created.size(), 2U);
  EXPECT_EQ(read->created[0].key, "a");
  EXPECT_EQ(read->created[0].sequencer, "0055AEB");
  EXPECT_EQ(read->created[1].key, "b");
}

TEST(ObjectEvents, ReadsOneALine) {
  EXPECT_THAT(KeysOf(BridgeEvent("a").dump() + "\n\n" + BridgeEvent("b").dump() + "\r\n"),
              ElementsAre("bronze:a", "bronze:b"));
  EXPECT_THAT(KeysOf(""), IsEmpty());
}

TEST(ObjectEvents, OtherEventsAreCounted) {
  Json removed = BridgeEvent("a");
  removed["detail-type"] = "Object Deleted";
  const Json events = {removed,
                       {{"Service", "Amazon S3"}, {"Event", "s3:TestEvent"}},
                       {{"Records", {Record("b", "ObjectRemoved:Delete")}}},
                       BridgeEvent("c")};
  const auto read = ReadObjectEvents(events.dump());
  ASSERT_TRUE(read.has_value()) << read.error().Text();
  EXPECT_EQ(read->created.size(), 1U);
  EXPECT_EQ(read->others, 3);
}

TEST(ObjectEvents, SaysWhatIsWrongWithWhich) {
  EXPECT_THAT(KeysOf("[{}]"), ElementsAre(HasSubstr("event 1: neither")));
  EXPECT_THAT(KeysOf("x"), ElementsAre(HasSubstr("line 1")));
  EXPECT_THAT(KeysOf("[" + BridgeEvent("a").dump() + ",7]"), ElementsAre(HasSubstr("event 2: an event is")));
  EXPECT_THAT(KeysOf(Json{{"Records", {Record("a%2")}}}.dump()), ElementsAre(HasSubstr("not URL-encoded")));
  EXPECT_THAT(KeysOf(BridgeEvent("").dump()), ElementsAre(HasSubstr("names no object's key")));
  Json odd = BridgeEvent("a");
  odd["detail"] = "text";
  EXPECT_THAT(KeysOf(odd.dump()), ElementsAre(HasSubstr("names no object's key")));
}

RC_GTEST_PROP(ObjectEvents, AnyTextIsReadOrRefused, (std::string text)) {
  const auto read = ReadObjectEvents(text);
  RC_ASSERT(read.has_value() || read.error().kind == ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace firn
