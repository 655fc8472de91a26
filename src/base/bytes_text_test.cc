#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"
#include "base/crc32.h"
#include "base/printable.h"

namespace firn {
namespace {

std::string Base64(std::string_view bytes) {
  std::string text;
  AppendBase64(bytes, text);
  return text;
}

TEST(Base64, AsTheExamplesOfRfc4648) {
  const std::string_view all = "foobar";
  const char* encoded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (size_t size = 0; size <= all.size(); ++size) {
    EXPECT_EQ(Base64(all.substr(0, size)), encoded[size]);
    EXPECT_EQ(DecodeBase64(encoded[size]), all.substr(0, size));
  }
}

TEST(Base64, HoldsEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(DecodeBase64(Base64(bytes)), bytes);
}

TEST(Base64, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zg==Zg==", "Zm9v\n", "Zm-_"})
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
}

TEST(Crc32, AsItsCatalogueSays) {
  EXPECT_EQ(Crc32(""), 0U);
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(Crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
}

TEST(Printable, IsOneShortLine) {
  EXPECT_EQ(Printable("a\nb\x1B[31m\x7F\xC3\xA9"), "a b [31m \xC3\xA9");
  EXPECT_EQ(Printable(std::string(1'000, 'x')).size(), 300U);
}

}  // namespace
}  // namespace firn
