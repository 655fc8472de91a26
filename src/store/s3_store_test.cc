#include "store/s3_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "aws/faulty_proxy_test.h"
#include "env/worker_pool.h"
#include "store/conformance_test.h"
#include "store/object_key.h"
#include "store/retrying_store.h"
#include "store/s3_server_test.h"

namespace firn {
namespace {

using Deed = Mishap::Deed;

constexpr size_t kPart = 5 << 20;

// The first `times` requests that start like this.
MishapRule Spoil(std::string start, Deed deed, int64_t times) {
  return [start = std::move(start), deed, times, done = int64_t{0}](const std::string& request, int64_t) mutable {
    return request.starts_with(start) && done++ < times ? deed : Deed::kNone;
  };
}

// A new lake on a real server, reached directly and through a proxy that counts and spoils.
class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() : S3StoreTest("versitygw") {}
  explicit S3StoreTest(const std::string& server)
      : settings_(SettingsOfNewLake(server)),
        proxy_(settings_.endpoint),
        direct_(OpenTestStore(settings_)),
        store_(OpenTestStore(ThroughProxy())),
        retrying_(*store_, {}, clock_, random_, [this](auto pause) {
          clock_.Advance(pause);
          between_tries_();
          return true;
        }) {}

  S3Settings ThroughProxy() {
    S3Settings settings = settings_;
    settings.endpoint = proxy_.endpoint();
    settings.stall_timeout = std::chrono::seconds(1);
    settings.part_bytes = kPart;
    return settings;
  }
  // "GET", "HEAD": what was asked since the last SetRule.
  std::vector<std::string> Methods() {
    std::vector<std::string> methods;
    for (const std::string& request : proxy_.Requests()) methods.push_back(request.substr(0, request.find(' ')));
    return methods;
  }
  std::string PathOf(const std::string& key) { return "/" + settings_.bucket + "/" + settings_.prefix + "/" + key; }
  void PutMany(int64_t count) {
    WorkerPool pool(16);
    ASSERT_TRUE(pool.ParallelFor(count, [&](int64_t i, int) {
      return StatusOf(Put(*direct_, "many/" + std::to_string(i), std::to_string(i)));
    }));
    proxy_.SetRule({});
  }

  using Names = std::vector<std::string>;

  FakeClock clock_;
  SeededRandom random_{1};
  S3Settings settings_;
  FaultyProxy proxy_;
  std::function<void()> between_tries_ = [] {};
  std::unique_ptr<S3Store> direct_;
  std::unique_ptr<S3Store> store_;
  RetryingStore retrying_;
};

class OnEachServer : public S3StoreTest, public testing::WithParamInterface<const char*> {
 protected:
  OnEachServer() : S3StoreTest(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Servers, OnEachServer, testing::ValuesIn(kS3Servers),
                         [](const auto& server) { return std::string(server.param); });

TEST_P(OnEachServer, ListsInPagesOfAThousandAndReadsEachObjectWithOneGet) {
  PutMany(1'500);
  const std::vector<ObjectInfo> objects = store_->List("many").value();
  ASSERT_EQ(objects.size(), 1'500U);
  EXPECT_EQ(Methods(), (Names{"GET", "GET"}));
  EXPECT_TRUE(std::ranges::is_sorted(objects, {}, &ObjectInfo::key));

  proxy_.SetRule({});
  WorkerPool pool(64);
  EXPECT_TRUE(pool.ParallelFor(std::ssize(objects), [&](int64_t i, int) -> Status {
    FIRN_TRY_ASSIGN(const Bytes bytes, store_->Read(objects[i]));
    EXPECT_EQ(JoinKey("many", bytes.view()), objects[i].key);
    return {};
  }));
  const std::vector<std::string> requests = proxy_.Requests();
  EXPECT_EQ(Methods(), Names(1'500, "GET"));
  EXPECT_EQ(std::set(requests.begin(), requests.end()).size(), 1'500U);

  proxy_.SetRule({});
  EXPECT_TRUE(store_->RemovePrefix("many"));
  EXPECT_EQ(Methods(), (Names{"GET", "GET", "POST", "POST", "DELETE"}));
  EXPECT_TRUE(store_->List("")->empty());
}

TEST_P(OnEachServer, WritesWhatFitsIntoAPartAtOnceAndMoreInParts) {
  ASSERT_TRUE(Put(*store_, "small", std::string(kPart, 's')));
  EXPECT_EQ(Methods(), (Names{"PUT", "HEAD"}));
  proxy_.SetRule({});
  std::string bytes(2 * kPart + 1, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 24);
  const ObjectInfo large = Put(*store_, "large", bytes).value();
  EXPECT_EQ(Methods(), (Names{"POST", "PUT", "PUT", "PUT", "POST", "HEAD"}));
  EXPECT_EQ(store_->Read(large)->view(), bytes);
  EXPECT_EQ(store_->ReadRange(large, kPart - 1, 3)->view(), bytes.substr(kPart - 1, 3));
  EXPECT_EQ(KindOf(Put(*store_, "large", bytes)), ErrorKind::kAlreadyExists);
  EXPECT_EQ(store_->List("").value().front(), large);
}

TEST_P(OnEachServer, LinksAnObjectOfSeveralParts) {
  const std::string bytes(kPart + 7, 'b');
  const ObjectInfo large = Put(*store_, "large", bytes).value();
  ASSERT_TRUE(store_->Link("large", "linked"));
  const ObjectInfo linked = store_->Stat("linked").value();
  EXPECT_EQ(store_->Read(linked)->view(), bytes);
  // As S3 computes it. SeaweedFS computes the ETag of a copied part in its own way.
  if (GetParam() == std::string("versitygw")) EXPECT_EQ(linked.etag, large.etag);
  EXPECT_EQ(KindOf(store_->Link("large", "linked")), ErrorKind::kAlreadyExists);
}

TEST_P(OnEachServer, GivesUpTheUploadOfAWriterThatIsNotFinished) {
  {
    auto writer = store_->Create("a").value();
    ASSERT_TRUE(writer->Append(std::string(kPart + 1, 'x')));
  }
  EXPECT_EQ(Methods(), (Names{"POST", "PUT", "DELETE"}));
  EXPECT_EQ(Ask(settings_.endpoint, "DELETE", PathOf("a")).status, 204);  // nothing is there
  EXPECT_TRUE(store_->List("")->empty());
}

TEST_P(OnEachServer, DoesNotShowAFoldersOwnObject) {
  ASSERT_EQ(Ask(settings_.endpoint, "PUT", PathOf("a/")).status, 200);
  ASSERT_TRUE(Put(*store_, "a/b"));
  EXPECT_EQ(KeysOf(store_->List("").value()), Names{"a/b"});
  EXPECT_EQ(store_->ListFolder("")->folders, Names{"a"});
  EXPECT_EQ(KeysOf(store_->ListFolder("a")->objects), Names{"a/b"});
  EXPECT_TRUE(store_->RemovePrefix("a"));
  EXPECT_TRUE(store_->List("")->empty());
}

TEST_P(OnEachServer, SaysWhatIsWrongWithKeysAndBuckets) {
  S3Settings wrong = settings_;
  wrong.identity.secret_key = "wrong";
  EXPECT_EQ(KindOf(OpenTestStore(wrong)->List("")), ErrorKind::kPermission);
  EXPECT_EQ(OpenTestStore(wrong)->List("").error().hint, "The secret key is wrong");
  EXPECT_EQ(KindOf(OpenTestStore(wrong)->Stat("a")), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(OpenTestStore(wrong)->Read({"a", 1, 0, "1"})), ErrorKind::kPermission);
  EXPECT_EQ(KindOf(Put(*OpenTestStore(wrong), "a")), ErrorKind::kPermission);
  wrong.identity.access_key = "nobody";
  EXPECT_EQ(KindOf(OpenTestStore(wrong)->List("")), ErrorKind::kPermission);
  S3Settings gone = settings_;
  gone.bucket = "no-such-bucket";
  EXPECT_EQ(KindOf(OpenTestStore(gone)->List("")), ErrorKind::kNotFound);
  EXPECT_EQ(OpenTestStore(gone)->List("").error().hint, "Make the bucket, or name the right one");
}

TEST_F(S3StoreTest, SaysWhichRegionTheBucketIsIn) {
  settings_.identity.region = "eu-west-1";
  const auto listed = OpenTestStore(settings_)->List("");
  EXPECT_EQ(KindOf(listed), ErrorKind::kInvalidArgument);
  EXPECT_NE(listed.error().message.find("(the bucket is in us-east-1)"), std::string::npos) << listed.error().message;
}

TEST_F(S3StoreTest, AServerThatIsNotThereIsUnavailable) {
  settings_.endpoint = "http://127.0.0.1:1";
  const auto listed = OpenTestStore(settings_)->List("");
  EXPECT_EQ(KindOf(listed), ErrorKind::kUnavailable);
  EXPECT_EQ(listed.error().message.find("cannot list firn-tests/" + settings_.prefix +
                                        "/: no answer from http://127.0.0.1:1: "),
            0U)
      << listed.error().message;
}

TEST_F(S3StoreTest, NeverMixesBytesWhateverHappensToARead) {
  const ObjectInfo object = Put(*direct_, "a", std::string(100'000, 'a')).value();
  for (const Deed deed : {Deed::kSlowDown, Deed::kReset, Deed::kStall, Deed::kShort, Deed::kLoseAnswer}) {
    SCOPED_TRACE(static_cast<int>(deed));
    proxy_.SetRule(Spoil("GET ", deed, 1));
    const auto read = store_->Read(object);
    EXPECT_EQ(KindOf(read), ErrorKind::kUnavailable);
    EXPECT_NE(read.error().message.find("cannot read a: "), std::string::npos) << read.error().message;
  }
  proxy_.SetRule(Spoil("GET ", Deed::kOtherETag, 1));
  EXPECT_EQ(KindOf(store_->Read(object)), ErrorKind::kMismatch);
}

TEST_F(S3StoreTest, SurvivesWhatPasses) {
  const std::string bytes(100'000, 'a');
  const ObjectInfo object = Put(*direct_, "a/b", bytes).value();
  for (const Deed deed : {Deed::kSlowDown, Deed::kReset, Deed::kStall, Deed::kShort, Deed::kLoseAnswer}) {
    SCOPED_TRACE(static_cast<int>(deed));
    proxy_.SetRule(Spoil("GET ", deed, 2));
    EXPECT_EQ(retrying_.Read(object)->view(), bytes);
    EXPECT_EQ(Methods(), (Names{"GET", "GET", "GET"}));
    if (deed == Deed::kStall) continue;  // each takes its time
    proxy_.SetRule(Spoil("GET ", deed, 1));
    EXPECT_EQ(retrying_.List("a").value(), std::vector{object});
    proxy_.SetRule(Spoil("HEAD ", deed, 1));
    EXPECT_EQ(retrying_.Stat("a/b").value(), object);
  }
}

TEST_F(S3StoreTest, AnObjectThatIsReplacedBetweenTwoTriesIsAMismatch) {
  const ObjectInfo object = Put(*direct_, "a", std::string(100'000, 'a')).value();
  between_tries_ = [&] {
    ASSERT_TRUE(direct_->Remove("a"));
    ASSERT_TRUE(Put(*direct_, "a", std::string(100'000, 'b')));
  };
  proxy_.SetRule(Spoil("GET ", Deed::kReset, 1));
  EXPECT_EQ(KindOf(retrying_.Read(object)), ErrorKind::kMismatch);
  EXPECT_EQ(KindOf(retrying_.ReadRange(object, 5, 10)), ErrorKind::kMismatch);
  EXPECT_EQ(KindOf(retrying_.ReadRange(object, 5, 0)), ErrorKind::kMismatch);
}

TEST_F(S3StoreTest, AWriteWhoseAnswerIsLostIsRecognised) {
  for (const Deed deed : {Deed::kSlowDown, Deed::kReset, Deed::kLoseAnswer}) {
    const std::string key = "small-" + std::to_string(static_cast<int>(deed));
    proxy_.SetRule(Spoil("PUT ", deed, 2));
    const auto info = Put(retrying_, key, key);
    ASSERT_TRUE(info) << info.error().Text();
    EXPECT_EQ(direct_->Read(*info)->view(), key);
    EXPECT_EQ(KindOf(Put(retrying_, key, "other")), ErrorKind::kAlreadyExists);
  }
}

TEST_F(S3StoreTest, EachStepOfALargeWriteIsRepeated) {
  const std::string bytes(2 * kPart + 1, 'z');
  for (const char* request : {"POST ", "PUT ", "HEAD "}) {
    for (const Deed deed : {Deed::kSlowDown, Deed::kLoseAnswer, Deed::kInternalError}) {
      if (deed == Deed::kInternalError && request != std::string("POST ")) continue;  // has no body to say it in
      SCOPED_TRACE(request + std::to_string(static_cast<int>(deed)));
      const std::string key = std::string(request, 3) + std::to_string(static_cast<int>(deed));
      proxy_.SetRule(Spoil(request, deed, 2));
      const auto info = Put(retrying_, key, bytes);
      ASSERT_TRUE(info) << info.error().Text();
      EXPECT_EQ(direct_->Read(*info)->view(), bytes);
    }
  }
}

TEST_F(S3StoreTest, ACompletionWhoseAnswerIsLostIsRecognised) {
  const std::string bytes(kPart + 1, 'z');
  proxy_.SetRule([](const std::string& request, int64_t before) {
    const bool completes = request.starts_with("POST ") && request.find("uploadId=") != std::string::npos;
    return completes && before == 0 ? Deed::kLoseAnswer : Deed::kNone;
  });
  const auto info = Put(retrying_, "a", bytes);
  ASSERT_TRUE(info) << info.error().Text();
  EXPECT_EQ(direct_->Read(*info)->view(), bytes);
}

TEST_F(S3StoreTest, ALinkIsMadeOnceWhateverHappensToItsAnswer) {
  const ObjectInfo object = Put(*direct_, "a", "bytes").value();
  for (const Deed deed : {Deed::kSlowDown, Deed::kLoseAnswer, Deed::kInternalError}) {
    const std::string key = "linked-" + std::to_string(static_cast<int>(deed));
    proxy_.SetRule(Spoil("PUT ", deed, 1));
    const Status linked = retrying_.Link("a", key);
    ASSERT_TRUE(linked) << linked.error().Text();
    EXPECT_EQ(direct_->Stat(key)->etag, object.etag);
  }
}

TEST_F(S3StoreTest, AnAppendThatFailedKeepsTheObjectFromAppearing) {
  proxy_.SetRule(Spoil("PUT ", Deed::kSlowDown, 1));
  auto writer = store_->Create("a").value();
  EXPECT_EQ(KindOf(writer->Append(std::string(kPart + 1, 'x'))), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(writer->Finish()), ErrorKind::kInternal);
  writer.reset();
  EXPECT_TRUE(direct_->List("")->empty());
}

TEST_F(S3StoreTest, SaysWhenSomebodyElseReplacesWhatItJustWrote) {
  auto writer = store_->Create("a").value();
  ASSERT_TRUE(writer->Append("ours"));
  proxy_.SetRule([this](const std::string& request, int64_t) {
    if (request.starts_with("HEAD ")) EXPECT_EQ(Ask(settings_.endpoint, "PUT", PathOf("a"), "theirs").status, 200);
    return Deed::kNone;
  });
  EXPECT_EQ(KindOf(writer->Finish()), ErrorKind::kConflict);
}

}  // namespace
}  // namespace firn
