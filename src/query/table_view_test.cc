#include "query/query_fixture_test.h"

namespace firn {
namespace {

using testing::HasSubstr;

// Files as they are, read through the types of the catalog. Tables without a snapshot: their folders are listed.
class TableView : public QueryTest {
 protected:
  Schema WideSchema() {
    Type instant = Make(TypeKind::kTimestamp);
    instant.utc = true;
    Type wall = Make(TypeKind::kTimestamp);
    wall.unit = TimeUnit::kMillis;
    Type nanos = Make(TypeKind::kTimestamp);
    nanos.unit = TimeUnit::kNanos;
    return {{{"id", Make(TypeKind::kInt64)},
             {"amount", Make(TypeKind::kDecimal)},
             {"ok", Make(TypeKind::kBoolean)},
             {"name", Make(TypeKind::kString)},
             {"day", Make(TypeKind::kDate)},
             {"at", instant},
             {"wall", wall},
             {"nanos", nanos},
             {"bytes", Make(TypeKind::kBinary)},
             {"uuid", Make(TypeKind::kUuid)},
             {"x", Make(TypeKind::kDouble)},
             {"s", Make(TypeKind::kStruct, {{"a", Make(TypeKind::kInt32)},
                                            {"b", Make(TypeKind::kList, {{"element", Make(TypeKind::kString)}})}})},
             {"m", Make(TypeKind::kMap, {{"key", Make(TypeKind::kString)}, {"value", Make(TypeKind::kInt32)}})}}};
  }
  static constexpr const char* kWideTypes =
      "SELECT string_agg(DISTINCT concat_ws(' ', typeof(id), typeof(amount), typeof(ok), typeof(name), typeof(day), "
      "typeof(\"at\"), typeof(wall), typeof(nanos), typeof(bytes), typeof(uuid), "
      "typeof(x), typeof(s), typeof(m)), ';') FROM wide";
  static constexpr const char* kExpectedTypes =
      "\"BIGINT DECIMAL(12,2) BOOLEAN VARCHAR DATE TIMESTAMP WITH TIME ZONE TIMESTAMP TIMESTAMP_NS BLOB UUID DOUBLE "
      "STRUCT(a INTEGER, b VARCHAR[]) MAP(VARCHAR, INTEGER)\"\n";
  static constexpr const char* kExpectedRow =
      "\"1\",\"10.50\",\"true\",\"a \"\"b\"\"\",\"2025-11-03\",\"2025-11-03 01:02:03.000004+00\",\"2025-11-03 "
      "01:02:03.004\",\"2025-11-03 01:02:03.000000005\",\"\\x00\\xFF\","
      "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\",\"0.1\",\"{\"\"a\"\":1,\"\"b\"\":[\"\"x\"\",null]}\",\"{\"\"k\"\":7}"
      "\"\n";
};

TEST_F(TableView, ParquetKeepsEveryType) {
  PutTable("wide", WideSchema());
  WriteFile("wide/a.parquet",
            "SELECT 1::BIGINT AS id, 10.50::DECIMAL(12,2) AS amount, true AS ok, 'a \"b\"' AS name, DATE '2025-11-03' "
            "AS day, TIMESTAMPTZ '2025-11-03 01:02:03.000004+00' AS at, "
            "'2025-11-03 01:02:03.004'::TIMESTAMP_MS AS wall, '2025-11-03 01:02:03.000000005'::TIMESTAMP_NS AS nanos, "
            "'\\x00\\xFF'::BLOB AS bytes, "
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS uuid, 0.1::DOUBLE AS x, {'a': 1, 'b': ['x', NULL]} AS s, "
            "MAP {'k': 7} AS m");
  WriteFile("wide/b.parquet", "SELECT 2::INTEGER AS id, 1::DECIMAL(4,1) AS amount, 'unknown' AS other");
  EXPECT_EQ(Ask(kWideTypes), kExpectedTypes);
  EXPECT_EQ(Ask("SELECT * FROM wide WHERE id = 1"), kExpectedRow);
  EXPECT_EQ(Ask("SELECT id, amount, ok, name, s FROM wide WHERE id = 2"), "\"2\",\"1.00\",,,\n");
}

TEST_F(TableView, CsvHasTheCatalogsTypes) {
  PutTable("wide", WideSchema(), {}, "csv");
  WriteText("wide/a.csv",
            "m,s,x,uuid,bytes,nanos,wall,at,day,name,ok,amount,id\n"
            "\"{\"\"k\"\":7}\",\"{\"\"a\"\":1,\"\"b\"\":[\"\"x\"\",null]}\",0.1,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,"
            "AP8=,2025-11-03T01:02:03.000000005,2025-11-03T01:02:03.004,"
            "2025-11-03T01:02:03.000004Z,2025-11-03,\"a \"\"b\"\"\",true,10.50,1\n");
  WriteText("wide/b.csv", "id,name\n2,\n3,\"\"\n4,#x\n5,\"two\nlines\"\n");
  EXPECT_EQ(Ask(kWideTypes), kExpectedTypes);
  EXPECT_EQ(Ask("SELECT * FROM wide WHERE id = 1"), kExpectedRow);
  EXPECT_EQ(Ask("SELECT id, name, name IS NULL FROM wide WHERE id > 1 ORDER BY id"),
            "\"2\",,\"true\"\n\"3\",\"\",\"false\"\n\"4\",\"#x\",\"false\"\n\"5\",\"two\nlines\",\"false\"\n");
}

TEST_F(TableView, CsvFollowsItsOptions) {
  const Schema schema = {{{"id", Make(TypeKind::kInt32)}, {"name", Make(TypeKind::kString)}}};
  PutTable("plain", schema, {}, "csv",
           Json{{"csv", {{"delimiter", ";"}, {"header", false}, {"quote", "'"}, {"null_text", "NULL"}}}});
  WriteText("plain/a.csv", "1;'it''s; \"x\"'\n2;NULL\n3;'NULL'\n4;\n");
  EXPECT_EQ(Ask("SELECT id, name, name IS NULL FROM plain ORDER BY id"),
            "\"1\",\"it's; \"\"x\"\"\",\"false\"\n\"2\",,\"true\"\n\"3\",\"NULL\",\"false\"\n\"4\",\"\",\"false\"\n");
}

TEST_F(TableView, CsvFollowsWhatTheProjectFileDeclares) {
  const Schema schema = {{{"id", Make(TypeKind::kInt32)}, {"name", Make(TypeKind::kString)}}};
  PutTable("plain", schema, {}, "csv", Json{{"delimiter", ";"}, {"header", false}, {"null_text", "-"}});
  WriteText("plain/a.csv", "1;a\n2;-\n");
  EXPECT_EQ(Ask("SELECT id, name FROM plain ORDER BY id"), "\"1\",\"a\"\n\"2\",\n");
}

TEST_F(TableView, WhatARunWroteCountsMoreThanWhatIsDeclared) {
  const Schema schema = {{{"id", Make(TypeKind::kInt32)}, {"name", Make(TypeKind::kString)}}};
  PutTable("plain", schema, {}, "csv", Json{{"delimiter", ";"}, {"csv", {{"delimiter", "|"}}}});
  WriteText("plain/a.csv", "id|name\n1|a;b\n");
  EXPECT_EQ(Ask("SELECT id, name FROM plain"), "\"1\",\"a;b\"\n");
}

// As runs read them: each file as it is written, columns by name or by place.
TEST_F(TableView, CsvOfOthersIsLookedAt) {
  const Schema schema{
      {{"id", Make(TypeKind::kInt64)}, {"name", Make(TypeKind::kString)}, {"col3", Make(TypeKind::kInt32)}}};
  PutTable("t", schema, {}, "csv");
  WriteText("t/a.csv", "id,name\n1,a\n\"\",\"\"\n");
  WriteText("t/b.csv", "name;id\nb;2\n");
  WriteText("t/c.csv", "3,c\n");
  WriteText("t/d.csv", "");
  WriteText("t/e.csv", "name,id\n");
  WriteText("t/f.csv", "id|name|\n6|f|\n");
  WriteText("t/g.csv", "id,name,\n7,g,\n");
  EXPECT_EQ(Ask("SELECT * FROM t ORDER BY id"),
            "\"1\",\"a\",\n\"2\",\"b\",\n\"3\",\"c\",\n\"6\",\"f\",\n\"7\",\"g\",\n,\"\",\n");
  PutTable("u", schema, {}, "csv");
  WriteText("u/a.csv", "id,name,,more\n1,a,5,x\n");
  EXPECT_EQ(Ask("SELECT * FROM u"), "\"1\",\"a\",\"5\"\n");
}

TEST_F(TableView, TextsAreCsvAndJson) {
  const TableRecord table =
      PutTable("t", {{{"id", Make(TypeKind::kInt64)}, {"name", Make(TypeKind::kString)}}}, {"year"}, "text");
  for (const std::string year : {"2024", "2025"}) PutPartition(table, {{year}}, "t/year=" + year);
  WriteText("t/year=2024/a.csv", "id,name\n1,a\n");
  WriteText("t/year=2024/b.json", "[{\"id\": 2,\n\"name\": \"b\"}]");
  WriteText("t/year=2025/c.csv", "{\"id\": 3}\n");
  WriteText("t/year=2025/d", "name\tid\nd\t4\n");
  WriteText("t/year=2025/e.parquet", "none of it");
  EXPECT_EQ(Ask("SELECT * FROM t ORDER BY id"),
            "\"1\",\"a\",\"2024\"\n\"2\",\"b\",\"2024\"\n\"3\",,\"2025\"\n\"4\",\"d\",\"2025\"\n");
}

TEST_F(TableView, CsvThatDoesNotFitNamesTheValue) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}}, {}, "csv");
  WriteText("t/a.csv", "id\n1\nx\n");
  const Error error = ErrorOf("SELECT sum(id) FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kMismatch);
  EXPECT_THAT(error.message, HasSubstr("'x'"));
}

TEST_F(TableView, JsonLinesHaveTheCatalogsTypes) {
  PutTable("wide", WideSchema(), {}, "json");
  WriteText(
      "wide/a.json",
      R"({"id":1,"amount":10.50,"ok":true,"name":"a \"b\"","day":"2025-11-03","at":"2025-11-03T01:02:03.000004Z","wall":"2025-11-03T01:02:03.004",)"
      R"("nanos":"2025-11-03T01:02:03.000000005","bytes":"AP8=","uuid":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","x":0.1,"s":{"a":1,"b":["x",null]},"m":{"k":7}})"
      "\n{\"id\":9007199254740993,\"other\":1}\n");
  EXPECT_EQ(Ask(kWideTypes), kExpectedTypes);
  EXPECT_EQ(Ask("SELECT * FROM wide WHERE id = 1"), kExpectedRow);
  EXPECT_EQ(Ask("SELECT id, name FROM wide WHERE id > 1"), "\"9007199254740993\",\n");
}

TEST_F(TableView, JsonKeepsEveryDigitOfWideDecimals) {
  Type wide = Make(TypeKind::kDecimal);
  wide.precision = 38;
  PutTable("t",
           {{{"id", Make(TypeKind::kInt64)},
             {"amount", wide},
             {"note/~", Make(TypeKind::kString)},
             {"s", Make(TypeKind::kStruct, {{"d", wide}, {"x", Make(TypeKind::kDouble)}})},
             {"bytes", Make(TypeKind::kBinary)},
             {"ok", Make(TypeKind::kBoolean)}}},
           {"day"}, "json");
  const TableRecord table = catalog_->GetTable(TableName("t")).value();
  PutPartition(table, {{"1"}}, "t/1");
  PutPartition(table, {{"2"}}, "t/2");
  WriteText(
      "t/1/a.json",
      R"({"id":9007199254740993,"amount":-99999999999999999999.99,"note/~":"-1.5 \" 7 {","s":{"d":12345678901234567890.12,"x":1e300},"bytes":"AP8=","ok":true})"
      "\n{ \"id\" : 2, \"amount\": null}\n{}\n");
  WriteText("t/2/b.json", "{\"id\":4,\"amount\":0.10,\"note/~\":12.50}\n");
  EXPECT_EQ(Ask("SELECT * FROM t ORDER BY id"),
            "\"2\",,,,,,\"1\"\n\"4\",\"0.10\",\"12.50\",,,,\"2\"\n"
            "\"9007199254740993\",\"-99999999999999999999.99\",\"-1.5 \"\" 7 {\","
            "\"{\"\"d\"\":12345678901234567890.12,\"\"x\"\":1e300}\",\"\\x00\\xFF\",\"true\",\"1\"\n"
            ",,,,,,\"1\"\n");
  WriteText("t/2/b.json", "{\"amount\":\"abc\"}\n");
  EXPECT_EQ(ErrorOf("SELECT sum(amount) FROM t").kind, ErrorKind::kMismatch);
}

TEST_F(TableView, FilesOfOtherFormatsAreLeftOut) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}});
  WriteFile("t/a.parquet", "SELECT 1 AS id");
  WriteFile("t/b", "SELECT 2 AS id");
  WriteText("t/readme.txt", "not data");
  EXPECT_EQ(Ask("SELECT sum(id) FROM t"), "\"3\"\n");
}

TEST_F(TableView, ATableWithoutColumnsSaysWhatToDo) {
  PutTable("t", {}, {}, "csv");
  WriteText("t/a.csv", "id\n1\n");
  const Error error = ErrorOf("SELECT * FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("no columns of table 't'"));
  EXPECT_THAT(error.hint, HasSubstr("columns:"));
}

TEST_F(TableView, PartitionKeysAreTextInEveryFormat) {
  for (const std::string format : {"parquet", "csv", "json"}) {
    const std::string name = "t_" + format;
    const TableRecord table = PutTable(name,
                                       {{{"id", Make(TypeKind::kInt32)},
                                         {"file_index", Make(TypeKind::kInt32)},
                                         {"filename", Make(TypeKind::kString)}}},
                                       {"year", "day"}, format);
    int id = 0;
    for (const std::string day : {"1", "2", "__HIVE_DEFAULT_PARTITION__"}) {
      PutPartition(table, {{"2025", day}}, name + "/2025/" + day);
      for (const char* file : {"a", "b"})
        WriteFile(name + "/2025/" + day + "/" + file,
                  "SELECT " + std::to_string(++id) + " AS id, 7 AS file_index, 'f' AS filename",
                  format == "csv" ? "FORMAT csv, HEADER" : "FORMAT " + format);
    }
    EXPECT_EQ(Ask("SELECT * FROM " + name + " ORDER BY id LIMIT 3"),
              "\"1\",\"7\",\"f\",\"2025\",\"1\"\n\"2\",\"7\",\"f\",\"2025\",\"1\"\n\"3\",\"7\",\"f\",\"2025\",\"2\"\n")
        << format;
    EXPECT_EQ(Ask("SELECT day, sum(id), count(*) FROM " + name + " GROUP BY day ORDER BY day"),
              "\"1\",\"3\",\"2\"\n\"2\",\"7\",\"2\"\n,\"11\",\"2\"\n")
        << format;
    EXPECT_EQ(Ask("SELECT max(year) || max(day) FROM " + name + " WHERE day = '2'"), "\"20252\"\n") << format;
    EXPECT_EQ(Ask("SELECT id FROM " + name + " WHERE day IS NULL ORDER BY id"), "\"5\"\n\"6\"\n") << format;
  }
}

TEST_F(TableView, AFilesOwnColumnNamedAsAPartitionKeyIsNotSeen) {
  const TableRecord table = PutTable("t", {{{"id", Make(TypeKind::kInt32)}}}, {"year"});
  PutPartition(table, {{"2025"}}, "t/year=2025");
  WriteFile("t/year=2025/a.parquet", "SELECT 1 AS id, 1999 AS year");
  EXPECT_EQ(Ask("SELECT * FROM t"), "\"1\",\"2025\"\n");
}

TEST_F(TableView, AnEmptyTableHasItsColumns) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}, {"s", Make(TypeKind::kList, {{"element", Make(TypeKind::kNull)}})}}},
           {"year"});
  EXPECT_EQ(Write("SELECT * FROM t", ResultFormat::kCsv), "\"id\",\"s\",\"year\"\n");
  EXPECT_EQ(Ask("SELECT count(*) FROM t"), "\"0\"\n");
}

TEST_F(TableView, SkipsHiddenFiles) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}});
  WriteFile("t/a.parquet", "SELECT 1 AS id");
  for (const char* key : {"t/_SUCCESS", "t/.a.parquet.crc", "t/_temporary/0/b.parquet"}) WriteText(key, "x");
  EXPECT_EQ(Ask("SELECT count(*) FROM t"), "\"1\"\n");
}

TEST_F(TableView, NamesThatLookLikePatternsAreNames) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}});
  WriteFile("t/a[1].parquet", "SELECT 1 AS id");
  WriteFile("t/it's *?.parquet", "SELECT 2 AS id");
  EXPECT_EQ(Ask("SELECT sum(id) FROM t"), "\"3\"\n");
}

TEST_F(TableView, ABrokenFileIsNamed) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}});
  WriteFile("t/a.parquet", "SELECT 1 AS id");
  WriteText("t/broken.parquet", std::string(500, 'x'));
  const Error error = ErrorOf("SELECT * FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
  EXPECT_THAT(error.message, HasSubstr("broken.parquet"));
}

TEST_F(TableView, ColumnsThatDifferByCaseOnlyAreRefused) {
  const Field lower{"a", Make(TypeKind::kInt32)};
  const Field upper{"A", Make(TypeKind::kInt32)};
  WriteFile("t/a.parquet", "SELECT 1 AS a");
  WriteFile("t/b.parquet", "SELECT 2 AS A");
  PutTable("t", {{lower, upper}});
  PutTable("keyed", {{upper}}, {"a"});
  PutTable("nested", {{{"s", Make(TypeKind::kList, {{"element", Make(TypeKind::kStruct, {lower, upper})}})}}}, {},
           "json");
  for (const auto& [table, names] : std::map<std::string, std::string>{
           {"t", "'a' and 'A'"}, {"keyed", "'A' and 'a'"}, {"nested", "'s.element.a' and 's.element.A'"}}) {
    const Error error = ErrorOf("SELECT count(*) FROM " + table);
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported) << error.Text();
    EXPECT_THAT(error.message, HasSubstr("table '" + table + "' has the columns " + names));
    EXPECT_THAT(error.hint, HasSubstr("one spelling"));
  }
}

// A file that came after the last crawl.
TEST_F(TableView, AFilesColumnIsNotTakenForOneOfAnotherCase) {
  const Type a = Make(TypeKind::kStruct, {{"a", Make(TypeKind::kInt32)}});
  PutTable("t", {{{"a", Make(TypeKind::kInt32)}, {"l", Make(TypeKind::kList, {{"element", a}})}}});
  WriteFile("t/a.parquet", "SELECT 1 AS a, [{'a': 1}] AS l, 7 AS unknown");
  EXPECT_EQ(Ask("SELECT a, l FROM t"), "\"1\",\"[{\"\"a\"\":1}]\"\n");
  for (const char* select : {"SELECT 2 AS A", "SELECT 1 AS a, [{'A': 2}] AS l"}) {
    WriteFile("t/b.parquet", select);
    const Error error = ErrorOf("SELECT * FROM t");
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported) << error.Text();
    EXPECT_THAT(error.message, HasSubstr(PathOf("t/b.parquet") + " has a column 'A', table 't' has 'a'"));
  }
}

// As firn writes it: base64 at every depth.
TEST_F(TableView, BytesWithinValuesAreDecoded) {
  const Type bytes = Make(TypeKind::kBinary);
  const Type s = Make(TypeKind::kStruct, {{"b", bytes}, {"x", Make(TypeKind::kInt32)}});
  const Schema schema = {{{"s", s},
                          {"l", Make(TypeKind::kList, {{"element", Make(TypeKind::kList, {{"element", bytes}})}})},
                          {"m", Make(TypeKind::kMap, {{"key", Make(TypeKind::kDate)}, {"value", s}})}}};
  PutTable("c", schema, {}, "csv");
  PutTable("j", schema, {}, "json");
  WriteText("j/a.json", R"({"s":{"b":"AP8=","x":1},"l":[["YWJj",null],null],"m":{"2025-01-01":{"b":"","x":null}}})"
                        "\n{\"s\":null,\"l\":[],\"m\":{}}\n{}\n");
  WriteText("c/a.csv",
            "s,l,m\n"
            R"("{""b"":""AP8="",""x"":1}","[[""YWJj"",null],null]","{""2025-01-01"":{""b"":"""",""x"":null}}")"
            "\n,[],{}\n,,\n");
  for (const std::string table : {"c", "j"}) {
    EXPECT_EQ(Ask("SELECT CAST(s AS VARCHAR), CAST(l AS VARCHAR), CAST(m AS VARCHAR) FROM " + table),
              "\"{'b': \\x00\\xFF, 'x': 1}\",\"[[abc, NULL], NULL]\",\"{2025-01-01={'b': '', 'x': NULL}}\"\n"
              ",\"[]\",\"{}\"\n,,\n")
        << table;
    EXPECT_EQ(Ask("SELECT DISTINCT typeof(s), typeof(l), typeof(m) FROM " + table),
              "\"STRUCT(b BLOB, x INTEGER)\",\"BLOB[][]\",\"MAP(DATE, STRUCT(b BLOB, x INTEGER))\"\n")
        << table;
  }
}

TEST_F(TableView, CsvKeepsTheSpacesAroundNamesAndValues) {
  const Schema schema = {{{" sp ", Make(TypeKind::kString)}, {"b", Make(TypeKind::kString)}}};
  PutTable("t", schema, {}, "csv");
  WriteText("t/a.csv", " sp ,b\n x ,\"  \"\n");
  WriteText("t/b.csv", "b,\" sp \"\n2, y\n");
  EXPECT_EQ(Ask("SELECT \" sp \", b FROM t ORDER BY 1"), "\" x \",\"  \"\n\" y\",\"2\"\n");
}

TEST_F(TableView, CsvNamesThatAHeaderCannotTellApartAreRefused) {
  const Type text = Make(TypeKind::kString);
  const Json written = {{"csv", {{"delimiter", ","}, {"header", true}, {"quote", "\""}, {"null_text", ""}}}};
  const TableRecord table_t = PutTable("t", {{{"a", text}, {" a", text}}}, {}, "csv", written);
  PutTable("u", {{{"a", text}, {"", text}}}, {}, "csv");
  WriteText("t/a.csv", "a, a\n1,2\n");
  WriteText("u/a.csv", "a,\"\"\n1,2\n");
  EXPECT_EQ(Ask("SELECT * FROM t"), "\"1\",\"2\"\n");
  CommitFiles(table_t, {{{}, File("t/a.csv")}});
  for (const std::string table : {"t", "u"}) {
    const Error error = ErrorOf("SELECT * FROM " + table);
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported) << error.Text();
    EXPECT_THAT(error.message, HasSubstr("of table '" + table + "' from "));
  }
}

TEST_F(TableView, CsvLinesMayBeLong) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}, {"s", Make(TypeKind::kString)}}}, {}, "csv");
  WriteText("t/a.csv", "id,s\n1," + std::string(15'000'000, 'x') + "\n2,y\n");
  EXPECT_EQ(Ask("SELECT id, length(s) FROM t ORDER BY id"), "\"1\",\"15000000\"\n\"2\",\"1\"\n");
  WriteText("t/a.csv", "id,s\n1," + std::string(17'000'000, 'x') + "\n2,y\n");
  const Error error = ErrorOf("SELECT id, length(s) FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
  EXPECT_THAT(error.message, HasSubstr(PathOf("t/a.csv")));
  EXPECT_THAT(error.message, HasSubstr("Maximum line size of 16000000 bytes exceeded"));
  EXPECT_THAT(error.hint, HasSubstr("as Parquet"));
  EXPECT_LT(error.Text().size(), 1000U);
}

TEST_F(TableView, CsvThatDoesNotParseIsNamed) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}, {"s", Make(TypeKind::kString)}}}, {}, "csv");
  WriteText("t/a.csv", "id,s\n1,x\n");
  std::string lines = "id,s\n";
  for (int i = 0; i < 100'000; ++i) lines += "1,x\n";
  for (const auto& [text, message] : std::map<std::string, std::string>{
           {lines + "3,y,z,4\n", ": CSV Error on Line: 100002"}, {"id,s\n1,x\n3,y,z,4\n", ": CSV Error on Line: 3"}}) {
    WriteText("t/b.csv", text);
    const Error error = ErrorOf("SELECT sum(id) FROM t");
    EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
    EXPECT_THAT(error.message, HasSubstr(PathOf("t/b.csv") + message));
    EXPECT_THAT(error.Text(), testing::Not(HasSubstr("Possible")));
    EXPECT_THAT(error.hint, HasSubstr("write it again"));
  }
}

TEST_F(TableView, TimesInNanosecondsAreCutToMicroseconds) {
  Type time = Make(TypeKind::kTime);
  time.unit = TimeUnit::kNanos;
  PutTable("t", {{{"t", time}}});
  WriteFile("t/a.parquet", "SELECT '23:59:59.999999999'::TIME_NS AS t");
  WriteFile("t/b.parquet", "SELECT '01:02:03'::TIME AS t");
  EXPECT_EQ(Ask("SELECT t FROM t ORDER BY t"), "\"01:02:03\"\n\"23:59:59.999999\"\n");
  EXPECT_EQ(Ask("SELECT DISTINCT typeof(t) FROM t"), "\"TIME\"\n");
}

// The engine does not say in which file its footer's bytes make no sense.
TEST_F(TableView, AFileWithDamagedBytesIsNamed) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}});
  for (const char* name : {"t/a.parquet", "t/b.parquet", "t/c.parquet"}) WriteFile(name, "SELECT 1 AS id");
  std::fstream file(root_ / "t/b.parquet", std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(-100, std::ios::end) << std::string(80, '\xFF');
  file.close();
  const Error error = ErrorOf("SELECT sum(id) FROM t");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt) << error.Text();
  EXPECT_THAT(error.message, HasSubstr(PathOf("t/b.parquet")));
  EXPECT_THAT(error.hint, HasSubstr("write it again"));
}

TEST_F(TableView, AFormatThatCannotBeQueriedIsSaidSo) {
  PutTable("t", {{{"id", Make(TypeKind::kInt32)}}}, {}, "orc");
  WriteText("t/a.orc", "x");
  EXPECT_EQ(ErrorOf("SELECT * FROM t").kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace firn
