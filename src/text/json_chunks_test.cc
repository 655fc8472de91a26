#include "text/json_chunks.h"

#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JsonChunksTest : public ::testing::Test {
 protected:
  ObjectInfo Put(std::string_view bytes) {
    EXPECT_TRUE(store_.Remove("a.json"));
    auto writer = store_.Create("a.json");
    EXPECT_TRUE((*writer)->Append(bytes).has_value());
    return (*writer)->Finish().value();
  }
  static std::string Compressed(arrow::Compression::type type, const std::string& bytes) {
    const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
    const auto* const input = reinterpret_cast<const uint8_t*>(bytes.data());
    const auto size = static_cast<int64_t>(bytes.size());
    std::string out(static_cast<size_t>(codec->MaxCompressedLen(size, input)), '\0');
    const int64_t written =
        codec->Compress(size, input, static_cast<int64_t>(out.size()), reinterpret_cast<uint8_t*>(out.data()))
            .ValueOrDie();
    out.resize(static_cast<size_t>(written));
    return out;
  }

  // "line: record" of each, whatever the size of chunks.
  std::vector<std::string> Records(std::string_view bytes) {
    const ObjectInfo object = Put(bytes);
    std::vector<std::string> first;
    for (const size_t chunk_bytes : {1, 2, 3, 5, 8, 13, 1'000'000}) {
      std::vector<std::string> records;
      problem_.clear();
      JsonChunks chunks(store_, object, chunk_bytes);
      for (;;) {
        auto chunk = chunks.Next();
        if (!chunk) problem_ = chunk.error().Text();
        if (!chunk || !*chunk) break;
        for (const RecordChunk::Record& record : (*chunk)->records)
          records.push_back(std::to_string(record.line) + ": " + (*chunk)->bytes.substr(record.offset, record.size));
      }
      if (chunk_bytes == 1)
        first = records;
      else
        EXPECT_EQ(records, first) << chunk_bytes;
    }
    return first;
  }

  // What ends the reading of damaged bytes.
  std::string ProblemOf(std::string_view bytes) {
    JsonChunks chunks(store_, Put(bytes), 1'000'000);
    for (;;) {
      auto chunk = chunks.Next();
      if (!chunk) return chunk.error().Text();
      if (!*chunk) return {};
    }
  }

  MemoryStore store_;
  std::string problem_;
};

TEST_F(JsonChunksTest, OneRecordALine) {
  EXPECT_THAT(Records("{\"a\":1}\n\n  {\"a\":2}  \r\n{broken\n{\"a\":\"}\"}"),
              ElementsAre("1: {\"a\":1}", "3:   {\"a\":2}  \r", "4: {broken", "5: {\"a\":\"}\"}"));
  EXPECT_EQ(problem_, "");
}

TEST_F(JsonChunksTest, RecordsOnSeveralLines) {
  EXPECT_THAT(Records("\n{\n \"a\": \"}{\\\"\"\n}\n\n{\"b\": [1,\n2]}{\"c\":3}\n"),
              ElementsAre("2: {\n \"a\": \"}{\\\"\"\n}", "6: {\"b\": [1,\n2]}", "7: {\"c\":3}"));
}

TEST_F(JsonChunksTest, TheElementsOfAnArray) {
  EXPECT_THAT(Records("[\n  {\"a\": 1},\n  {\"b\": [\n2]} , 7,\"x,]\"\n]\n"),
              ElementsAre("2: {\"a\": 1}", "3: {\"b\": [\n2]}", "4: 7", "4: \"x,]\""));
  EXPECT_EQ(problem_, "");
  EXPECT_THAT(Records("[]"), ElementsAre());
  EXPECT_EQ(problem_, "");
}

TEST_F(JsonChunksTest, NothingAtAll) {
  for (const char* bytes : {"", " ", "\n\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(Records(bytes), ElementsAre());
    EXPECT_EQ(problem_, "");
  }
}

TEST_F(JsonChunksTest, AByteOrderMarkIsNoRecord) {
  EXPECT_THAT(Records("\xEF\xBB\xBF{\"a\":1}\n"), ElementsAre("1: {\"a\":1}"));
  Records(std::string_view("\xFF\xFE{\0\"\0", 6));
  EXPECT_THAT(problem_, HasSubstr("Convert it to UTF-8"));
}

TEST_F(JsonChunksTest, CompressedObjectsAreToldByTheirBytes) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{\"a\":" + std::to_string(i) + "}\n";
  const auto plain = Records(text);
  const std::string gzip = Compressed(arrow::Compression::GZIP, text);
  EXPECT_EQ(Records(gzip), plain);
  EXPECT_EQ(Records(gzip + gzip).size(), 2000U);
  EXPECT_EQ(Records(Compressed(arrow::Compression::ZSTD, text)), plain);
  EXPECT_THAT(ProblemOf(gzip.substr(0, gzip.size() / 2)), HasSubstr("end too early"));
  std::string broken = gzip;
  for (size_t i = 100; i < 200; ++i) broken[i] = '\x55';
  EXPECT_THAT(ProblemOf(broken), HasSubstr("a.json"));
}

TEST_F(JsonChunksTest, WhatCannotBeCutIsNamedWithItsLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\n\"a\": 1\n}\n{\n\"b\":", "a.json:4: the record that begins here does not end"},
      {"{\n}\n]\n", "a.json:3: an object must begin here, not ']"},
      {"[{\"a\":1}\n{\"b\":2}]", "a.json:2: ',' or ']' must follow an element, not '{'"},
      {"[{\"a\":1},\n", "a.json:2: the array does not end"},
      {"[{\"a\":1}]\n\n{}", "a.json:3: something follows the array"},
      {"[{\"a\":1},\n]", "a.json:2: an element must follow the ','"},
      {"[,{}]", "a.json:1: an object must begin here, not ','"}};
  for (const auto& [bytes, problem] : cases) {
    Records(bytes);
    EXPECT_THAT(problem_, HasSubstr(problem)) << bytes;
  }
}

TEST_F(JsonChunksTest, ARecordOfAnyLengthIsNotKeptWhole) {
  Records("{\"a\":\"" + std::string(size_t{70} << 20, 'x'));
  EXPECT_THAT(problem_, HasSubstr("a.json:1:"));
}

}  // namespace
}  // namespace firn
