#include "text/inference.h"

#include <gtest/gtest.h>

#include "schema/names.h"
#include "text/record_set.h"

namespace firn {
namespace {

RecordChunk ChunkOf(const std::vector<std::string>& records) {
  RecordChunk chunk;
  for (const std::string& record : records) {
    chunk.records.push_back({chunk.bytes.size(), record.size(), std::ssize(chunk.records) + 1});
    chunk.bytes += record + "\n";
  }
  chunk.bytes.append(JsonRecords::kPadding, ' ');
  return chunk;
}

// "a:bigint,b:string"
std::string Inferred(const std::vector<std::string>& records) {
  RecordSet set({});
  EXPECT_TRUE(set.Add("a.json", ChunkOf(records)));
  EXPECT_TRUE(set.bad().empty()) << set.bad()[0].Text();
  std::string text;
  for (const Field& field : InferSchema(set.root()).fields)
    text += (text.empty() ? "" : ",") + field.name + ":" + Describe(field.type);
  return text;
}

TEST(Inference, ReadsTypesOffValues) {
  EXPECT_EQ(Inferred({R"({"i": 1, "d": 1.0, "e": 1e2, "s": "1", "b": true, "n": null})"}),
            "i:bigint,d:double,e:double,s:string,b:boolean,n:void");
  EXPECT_EQ(Inferred({R"({"o": {"a": 1, "p": {"b": "x"}}, "l": [1, 2.5], "e": [], "m": [{"k": 1}, {"v": 2}]})"}),
            "o:struct<a:bigint,p:struct<b:string>>,l:array<double>,e:array<void>,m:array<struct<k:bigint,v:bigint>>");
}

TEST(Inference, LooksAtEveryRecord) {
  std::vector<std::string> records(5000, R"({"a": 1})");
  records.emplace_back(R"({"a": 1.5, "late": "x"})");
  EXPECT_EQ(Inferred(records), "a:double,late:string");
}

TEST(Inference, NumbersBeyond64BitsKeepTheirDigits) {
  EXPECT_EQ(Inferred({R"({"a": 9223372036854775807, "b": -9223372036854775808})"}), "a:bigint,b:bigint");
  EXPECT_EQ(Inferred({R"({"a": 9223372036854775808})", R"({"a": 1})"}), "a:decimal(38,0)");
  EXPECT_EQ(Inferred({R"({"a": )" + std::string(39, '9') + "}"}), "a:string");
  EXPECT_EQ(Inferred({R"({"a": 9223372036854775808})", R"({"a": 0.5})"}), "a:double");
}

TEST(Inference, WhatHasNoCommonTypeIsText) {
  EXPECT_EQ(Inferred({R"({"a": 1, "b": {"x": 1}, "c": [1], "d": true})", R"({"a": "x", "b": 7, "c": {}, "d": 0})"}),
            "a:string,b:string,c:string,d:string");
  EXPECT_EQ(Inferred({R"({"o": {}})"}), "o:string");
  EXPECT_EQ(Inferred({R"({"o": {}})", R"({"o": {"a": null}})"}), "o:struct<a:void>");
}

Type TypeOf(const std::string& record) {
  RecordSet set({});
  EXPECT_TRUE(set.Add("a.json", ChunkOf({record})));
  return InferSchema(set.root()).fields.at(0).type;
}

TEST(Inference, PartsUniteToWhatTheWholeWouldBe) {
  const std::vector<std::string> values = {
      "1",          "1.5", "9223372036854775808", "\"x\"", "true",       "[1]", "[\"x\"]", "[]",
      R"({"x":1})", "{}",  R"({"x":"a","y":2})",  "null",  "[{\"x\":1}]"};
  for (const std::string& a : values)
    for (const std::string& b : values) {
      RecordSet both({});
      ASSERT_TRUE(both.Add("a.json", ChunkOf({"{\"v\":" + a + "}", "{\"v\":" + b + "}"})));
      const Type united = UniteInferred(TypeOf("{\"v\":" + a + "}"), TypeOf("{\"v\":" + b + "}"));
      const Type whole = InferSchema(both.root()).fields.at(0).type;
      // An object without keys is text where it is alone.
      if (a != "{}" && b != "{}") EXPECT_EQ(Describe(united), Describe(whole)) << a << " and " << b;
    }
}

}  // namespace
}  // namespace firn
