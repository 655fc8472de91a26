#include "pipeline/text_inputs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "schema/names.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TextInputsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.store = &store_;
    request_.job = &job_;
    request_.staging_prefix = "staging/out";
    request_.quarantine_prefix = "staging/quarantine";
    request_.commit_id = "c1";
    job_.write.format = FileFormat::kJson;
  }

  ObjectInfo Put(const std::string& key, std::string_view bytes) {
    auto writer = store_.Create(key);
    EXPECT_TRUE((*writer)->Append(bytes));
    return (*writer)->Finish().value();
  }
  void Land(const std::string& key, std::string_view bytes, bool existing = false,
            FileFormat format = FileFormat::kJson) {
    request_.inputs.push_back({.object = Put(key, bytes), .format = format, .existing = existing});
  }
  void LandCsv(const std::string& key, std::string_view bytes) { Land(key, bytes, false, FileFormat::kCsv); }
  static Schema SchemaOf(const std::string& text) { return {ParseHiveType("struct<" + text + ">").value().children}; }

  // The rows that were written, as JSON lines; what is wrong otherwise.
  std::vector<std::string> Rows(int threads = 2) {
    EXPECT_TRUE(store_.RemovePrefix("staging"));
    request_.threads = threads;
    const auto outcome = Execute(request_, [](auto, auto, auto) {}, {});
    if (!outcome) return {outcome.error().Text()};
    outcome_ = *outcome;
    if (job_.write.mode != WriteMode::kMerge)
      EXPECT_EQ(outcome_.records_read, outcome_.records_written + outcome_.rows_rejected);
    std::vector<std::string> rows;
    for (const OutputFile& file : outcome_.outputs) {
      const Bytes bytes = store_.Read(file.object).value();
      for (std::string_view rest = bytes.view(); !rest.empty();) {
        const size_t end = rest.find('\n');
        rows.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
      }
    }
    return rows;
  }
  std::vector<Json> BadRecords() {
    std::vector<Json> records;
    const Bytes bytes = store_.Read(store_.Stat("staging/quarantine/bad-records-c1.jsonl").value()).value();
    for (std::string_view rest = bytes.view(); !rest.empty();) {
      const size_t end = rest.find('\n');
      records.push_back(Json::parse(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    return records;
  }

  MemoryStore store_;
  JobDefinition job_;
  ExecuteRequest request_;
  ExecuteOutcome outcome_;
};

TEST_F(TextInputsTest, RowsComeInTheOrderOfObjectsAndLines) {
  Land("in/b.json", "{\"a\":3}\n{\"a\":4}\n");
  Land("in/a.json", "[{\"a\":1},\n{\"a\":2, \"b\":\"x\"}]");
  EXPECT_THAT(Rows(),
              ElementsAre(R"({"a":1,"b":null})", R"({"a":2,"b":"x"})", R"({"a":3,"b":null})", R"({"a":4,"b":null})"));
  EXPECT_EQ(outcome_.bytes_read, 16 + 27);
}

// Types are told by all records of all objects, in parts of large ones and in small ones, whatever the threads.
TEST_F(TextInputsTest, TypesAreInferredOverAllObjects) {
  std::string large;
  for (int i = 0; i < 400'000; ++i) large += fmt::format("{{\"i\":{},\"late\":{}}}\n", i, i);
  large += "{\"i\":0.5,\"late\":\"text\"}\n";
  Land("in/a.json", large);
  Land("in/b.json", "{\"i\":1,\"late\":{\"o\":1}}\n");
  const auto rows = Rows(2);
  ASSERT_THAT(rows, SizeIs(400'002));
  EXPECT_EQ(rows[7], R"({"i":7,"late":"7"})");
  EXPECT_EQ(rows[400'000], R"({"i":0.5,"late":"text"})");
  EXPECT_EQ(rows[400'001], R"({"i":1,"late":"{\"o\":1}"})");
  EXPECT_EQ(Rows(1), rows);
}

TEST_F(TextInputsTest, WhatDoesNotFitFailsTheRunOrIsKept) {
  request_.table_schema = SchemaOf("n:int");
  Land("in/a.json", "{\"n\":1}\n{\"n\":\"many\"}\n{\"n\":2\n{\"n\":3}\n");
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("in/a.json:2: column 'n': 'many' is no int")));
  job_.read.bad_files = BadFiles::kQuarantine;
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1})", R"({"n":3})"));
  EXPECT_EQ(outcome_.rows_rejected, 2);
  const auto bad = BadRecords();
  ASSERT_THAT(bad, SizeIs(2));
  EXPECT_EQ(bad[0]["line"], 2);
  EXPECT_EQ(bad[0]["column"], "n");
  EXPECT_EQ(bad[0]["text"], "many");
  EXPECT_EQ(bad[1]["object"], "in/a.json");
  EXPECT_EQ(bad[1]["text"], "{\"n\":2");
}

TEST_F(TextInputsTest, ADamagedObjectIsLeftOutWhole) {
  job_.read.bad_files = BadFiles::kQuarantine;
  Land("in/a.json", "{\"n\":1}\n");
  Land("in/b.json", "{\n\"n\":2}\n{\n\"n\":");
  Land("in/c.json", "{\"n\":3}\n");
  std::string large = "[";
  for (int i = 0; i < 800'000; ++i) large += "{\"n\":1234567},\n";
  Land("in/d.json", large);
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1})", R"({"n":3})"));
  ASSERT_THAT(outcome_.bad_files, SizeIs(2));
  EXPECT_EQ(outcome_.bad_files[0].key, "in/b.json");
  EXPECT_THAT(outcome_.bad_files[0].reason, HasSubstr("in/b.json:3: the record that begins here does not end"));
  EXPECT_THAT(outcome_.bad_files[1].reason, HasSubstr("the array does not end"));
  job_.read.bad_files = BadFiles::kFail;
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("in/b.json:3:")));
}

// Both paths: with a step that changes values, and without.
TEST_F(TextInputsTest, RejectedRowsNameTheirObject) {
  Land("in/a.json", "{\"n\":1}\n{\"n\":20}\n");
  Land("in/b.json", "{\"n\":2}\n{\"n\":3}\n{\"n\":30}\n");
  const Step expect = ExpectStep{{{R"(ColumnValues "n" < 10)", QualityAction::kQuarantine}}};
  for (const bool general : {false, true}) {
    job_.steps = general ? std::vector<Step>{FilterStep{"true"}, expect} : std::vector<Step>{expect};
    EXPECT_THAT(Rows(), ElementsAre(R"({"n":1})", R"({"n":2})", R"({"n":3})"));
    const Bytes lines = store_.Read(store_.Stat("staging/quarantine/rejected-rows-c1.jsonl").value()).value();
    EXPECT_EQ(lines.view(),
              "{\"rule\":\"ColumnValues \\\"n\\\" < 10\",\"object\":\"in/a.json\",\"row\":1,\"record\":{\"n\":20}}\n"
              "{\"rule\":\"ColumnValues \\\"n\\\" < 10\",\"object\":\"in/b.json\",\"row\":2,\"record\":{\"n\":30}}\n");
  }
}

TEST_F(TextInputsTest, AnObjectWithoutRecordsIsFine) {
  Land("in/a.json", "");
  Land("in/b.json", "[]");
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_EQ(outcome_.records_read, 0);
}

TEST_F(TextInputsTest, ATableSaysWhatBecomesOfNewColumns) {
  request_.table_schema = SchemaOf("n:int");
  Land("in/a.json", "{\"n\":1,\"z\":true}\n");
  request_.schema_change = SchemaChange::kFreeze;
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1})"));
  request_.schema_change = SchemaChange::kFail;
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("in/a.json:1: the table has no column 'z'")));
  // No quarantine makes a strict table take less: small objects and parts of large ones alike.
  job_.read.bad_files = BadFiles::kQuarantine;
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("no column 'z'")));
  std::string large;
  while (large.size() < (size_t{9} << 20)) large += "{\"n\":1,\"z\":true}\n";
  request_.inputs.clear();
  Land("in/b.json", large);
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("no column 'z'")));
}

TEST_F(TextInputsTest, ExistingRowsAreReadByTheTableThatHoldsThem) {
  job_.write.mode = WriteMode::kMerge;
  job_.steps = {DedupeStep{{"id"}, {{"at"}}}};
  request_.table_schema = SchemaOf("id:bigint,at:timestamp");
  request_.existing_schema = SchemaOf("id:bigint,at:timestamp");
  Land("out/a.json", "{\"id\":1,\"at\":\"2025-11-03T00:00:00.000000\"}\n{\"id\":2,\"at\":null}\n", true);
  Land("in/a.json", "{\"id\":2,\"at\":\"2025-11-04T00:00:00\"}\n{\"id\":1,\"at\":\"2025-11-02T00:00:00\"}\n");
  EXPECT_THAT(Rows(), ElementsAre(R"({"id":1,"at":"2025-11-03T00:00:00.000000"})",
                                  R"({"id":2,"at":"2025-11-04T00:00:00.000000"})"));
}

TEST_F(TextInputsTest, CsvGoesByTheNamesInItsHeaders) {
  LandCsv("in/a.csv", "n,s\n1,x\n");
  LandCsv("in/b.csv", "s;d;n\ny;2025-11-03;2\n");
  LandCsv("in/c.csv", "s,n\n");
  LandCsv("in/d.csv", "");
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1,"s":"x","d":null})", R"({"n":2,"s":"y","d":"2025-11-03"})"));
}

TEST_F(TextInputsTest, AWarningSaysThatNothingTellsTheHeader) {
  LandCsv("in/a.csv", "name,city\nAda,London\n");
  EXPECT_THAT(Rows(), SizeIs(2));
  EXPECT_THAT(outcome_.warnings, ElementsAre(HasSubstr("in/a.csv: nothing tells whether the first line is a header")));
  request_.table_schema = SchemaOf("city:string,name:string");
  EXPECT_THAT(Rows(), ElementsAre(R"({"city":"London","name":"Ada"})"));
  EXPECT_THAT(outcome_.warnings, IsEmpty());
}

TEST_F(TextInputsTest, TypesOfCsvAreInferredOverAllObjects) {
  std::string large = "i,late,day\n";
  for (int i = 0; i < 1'200'000; ++i) large += fmt::format("{},{},2025-11-03\n", i, i);
  large += "0.5,007,2025-11-03T06:30:00\n";
  ASSERT_GT(large.size(), size_t{16} << 20);
  LandCsv("in/a.csv", large);
  LandCsv("in/b.csv", "i,late,day\n1,2,\n");
  const auto rows = Rows(2);
  ASSERT_THAT(rows, SizeIs(1'200'002));
  EXPECT_EQ(rows[7], R"({"i":7,"late":"7","day":"2025-11-03"})");
  EXPECT_EQ(rows[1'200'000], R"({"i":0.5,"late":"007","day":"2025-11-03T06:30:00"})");
  EXPECT_EQ(Rows(1), rows);
}

TEST_F(TextInputsTest, RecordsOfCsvThatDoNotFitFailTheRunOrAreKept) {
  request_.table_schema = SchemaOf("n:int,s:string");
  request_.schema_change = SchemaChange::kFreeze;
  LandCsv("in/a.csv", "n,s\n1,\"two\nlines\"\nmany,x\n2\n3,y\n4,\"open\n5,z\n");
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("in/a.csv:4: column 'n': 'many' is no int")));
  job_.read.bad_files = BadFiles::kQuarantine;
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1,"s":"two\nlines"})", R"({"n":3,"s":"y"})"));
  EXPECT_EQ(outcome_.rows_rejected, 3);
  const auto bad = BadRecords();
  ASSERT_THAT(bad, SizeIs(3));
  EXPECT_EQ(bad[0]["column"], "n");
  EXPECT_EQ(bad[1]["line"], 5);
  EXPECT_EQ(bad[1]["text"], "2");
  EXPECT_EQ(bad[2]["line"], 7);
  EXPECT_EQ(bad[2]["text"], "4,\"open\n5,z");
}

TEST_F(TextInputsTest, AFileOfCsvWithABadHeaderIsABadFile) {
  LandCsv("in/a.csv", "n,n\n1,2\n");
  LandCsv("in/b.csv", "n\n3\n");
  request_.csv.header = true;
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("in/a.csv:1: the header names the column 'n' twice")));
  job_.read.bad_files = BadFiles::kQuarantine;
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":3})"));
  ASSERT_THAT(outcome_.bad_files, SizeIs(1));
  std::string large = "n,n\n";
  while (large.size() < (size_t{9} << 20)) large += "1234567,1234567\n";
  LandCsv("in/c.csv", large);
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":3})"));
  EXPECT_THAT(outcome_.bad_files, SizeIs(2));
}

TEST_F(TextInputsTest, TextsAreToldApartByTheirContent) {
  Land("in/a.csv", "n,s\n1,x\n", false, FileFormat::kText);
  Land("in/b.json", "[\n{\"n\": 2,\n\"t\": \"late\"}]", false, FileFormat::kText);
  Land("in/c.csv", "{\"n\": 3}\n", false, FileFormat::kText);
  Land("in/d", "s\tn\ny\t4\n", false, FileFormat::kText);
  EXPECT_THAT(Rows(), ElementsAre(R"({"n":1,"s":"x","t":null})", R"({"n":2,"s":null,"t":"late"})",
                                  R"({"n":3,"s":null,"t":null})", R"({"n":4,"s":"y","t":null})"));
}

// Values of all types, as written and read again: by the table's types, with its settings.
TEST_F(TextInputsTest, CsvThatFirnWroteGivesTheSameValues) {
  const std::string rows =
      R"({"b":true,"i":-9223372036854775808,"u":"","d":"12345678901234567890.12","f":1e-7,"day":"2025-11-03","at":"2025-11-03T06:30:00.123456","bin":"AP8=","s":{"a":1,"l":["x",null,""]},"l":[1,2],"m":{"k":0.5}})"
      "\n"
      R"({"b":null,"i":null,"u":null,"d":null,"f":null,"day":null,"at":null,"bin":null,"s":null,"l":null,"m":null})"
      "\n"
      R"({"b":false,"i":1,"u":"NIL; 'quoted'\r\nline","d":"-0.10","f":"NaN","day":"0001-01-01","at":"1969-12-31T23:59:59.999999","bin":"","s":{"a":null,"l":null},"l":[],"m":{}})"
      "\n"
      R"({"b":false,"i":1,"u":"NIL","d":"0.00","f":"-Infinity","day":"9999-12-31","at":"2025-11-03T06:30:00.000000","bin":"eA==","s":{"a":2,"l":[]},"l":[null],"m":{"":null}})"
      "\n";
  const std::string columns =
      "b:boolean,i:bigint,u:string,d:decimal(22,2),f:double,day:date,at:timestamp,bin:binary,"
      "s:struct<a:int,l:array<string>>,l:array<bigint>,m:map<string,double>";
  request_.table_schema = SchemaOf(columns);
  Land("in/a.json", rows);
  const auto expected = Rows();
  ASSERT_THAT(expected, SizeIs(4));
  const std::vector<InputFile> json = request_.inputs;
  for (const CsvOptions& options :
       {CsvOptions{}, CsvOptions{.delimiter = ";", .header = false, .quote = "'", .null_text = "NIL"},
        CsvOptions{.delimiter = "\t"}}) {
    request_.inputs = json;
    job_.write.format = FileFormat::kCsv;
    job_.write.csv = options;
    (void)Rows();
    const std::string csv(store_.Read(outcome_.outputs.at(0).object).value().view());
    request_.inputs.clear();
    EXPECT_TRUE(store_.RemovePrefix("again"));
    LandCsv("again/a.csv", csv);
    request_.csv = {.delimiter = options.delimiter[0],
                    .quote = options.quote[0],
                    .header = options.header,
                    .null_text = options.null_text};
    job_.write.format = FileFormat::kJson;
    EXPECT_EQ(Rows(), expected) << csv;
  }
}

TEST_F(TextInputsTest, CsvWithOneColumnKeepsNullAndEmpty) {
  request_.table_schema = SchemaOf("s:string");
  request_.csv = {.delimiter = ',', .header = false};
  LandCsv("in/a.csv", "\n\"\"\nx\n\n");
  EXPECT_THAT(Rows(), ElementsAre(R"({"s":null})", R"({"s":""})", R"({"s":"x"})", R"({"s":null})"));
}

TEST_F(TextInputsTest, CsvOfTheWrittenTableIsMergedAsItWasWritten) {
  job_.write.mode = WriteMode::kMerge;
  job_.steps = {DedupeStep{{"id"}, {{"at"}}}};
  request_.table_schema = SchemaOf("id:bigint,at:timestamp,s:string");
  request_.existing_schema = request_.table_schema;
  request_.existing_csv = {.delimiter = ';', .header = false, .null_text = "NIL"};
  Land("out/a.csv", "1;2025-11-03T00:00:00.000000;NIL\n2;NIL;x,y\n", true, FileFormat::kCsv);
  LandCsv("in/a.csv", "at,id,s\n2025-11-04 00:00,2,new\n2025-11-02 00:00,1,old\n");
  EXPECT_THAT(Rows(), ElementsAre(R"({"id":1,"at":"2025-11-03T00:00:00.000000","s":null})",
                                  R"({"id":2,"at":"2025-11-04T00:00:00.000000","s":"new"})"));
}

}  // namespace
}  // namespace firn
