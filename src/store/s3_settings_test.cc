#include <gtest/gtest.h>

#include "store/s3_store.h"

namespace firn {
namespace {

const Environment kNoEnvironment = [](const char*) { return std::optional<std::string>(); };

S3Settings Good() {
  S3Settings settings;
  settings.bucket = "lake";
  settings.identity = {.access_key = "k", .secret_key = "s"};
  return settings;
}

template <class Change>
std::string Refusal(Change change) {
  S3Settings settings = Good();
  change(settings);
  const auto store = OpenS3Store(settings, kNoEnvironment);
  return store ? "none" : std::string(NameOf(store.error().kind)) + ": " + store.error().message;
}

TEST(S3Settings, AreCheckedBeforeAnythingIsAsked) {
  EXPECT_EQ(Refusal([](S3Settings&) {}), "none");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.bucket = "a/b"; }), "InvalidArgument: 'a/b' is no bucket's name");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.bucket = ""; }), "InvalidArgument: '' is no bucket's name");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.prefix = "a/"; }).substr(0, 43),
            "InvalidArgument: 'a/' is no object key: it ");
  for (const char* endpoint : {"localhost:9000", "ftp://host", "http://", "http://host/path", "https://user@host"})
    EXPECT_EQ(Refusal([&](S3Settings& s) { s.endpoint = endpoint; }),
              std::string("InvalidArgument: '") + endpoint + "' is no endpoint");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.endpoint = "https://host:9000/"; }), "none");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.part_bytes = 1'000; }), "InvalidArgument: S3 takes no parts below 5 MiB");
  EXPECT_EQ(Refusal([](S3Settings& s) { s.identity = {}; }),
            "Permission: no keys: none are set, and the profile 'default' has none");
}

TEST(S3Settings, NameTheLake) {
  S3Settings settings = Good();
  EXPECT_EQ(OpenS3Store(settings, kNoEnvironment).value()->Describe(), "s3://lake");
  settings.prefix = "a/b";
  EXPECT_EQ(OpenS3Store(settings, kNoEnvironment).value()->Describe(), "s3://lake/a/b");
  EXPECT_FALSE(OpenS3Store(settings, kNoEnvironment).value()->AtomicExchange());
}

}  // namespace
}  // namespace firn
