#include "query/lake_files.h"

#include "query/query_fixture_test.h"
#include "store/memory_store.h"

namespace firn {
namespace {

using testing::HasSubstr;

// The lake of the fixture, in a store that no path leads to.
class FetchedQuery : public QueryTest {
 protected:
  FetchedQuery() {
    std::filesystem::create_directories(scratch_);
    far_service_ = std::make_unique<QueryService>(*catalog_, far_, fetched_, QueryOptions{.threads = 2});
    std::swap(service_, far_service_);
  }

  void Upload(const ObjectKey& key) {
    std::ifstream file(root_ / key, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    auto writer = far_.Create(key).value();
    ASSERT_TRUE(writer->Append(bytes) && writer->Finish());
  }
  [[nodiscard]] size_t fetched() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(scratch_), {}));
  }

  std::filesystem::path scratch_ = root_ / "scratch";
  MemoryStore far_;
  WorkerPool pool_{4};
  FetchedFiles fetched_{far_, pool_, scratch_.string()};
  std::unique_ptr<QueryService> far_service_;
};

TEST_F(FetchedQuery, FetchesOnlyWhatThePredicatesLeave) {
  const TableRecord table = PutTable("days", {{{"id", Make(TypeKind::kInt32)}}}, {"day"});
  std::vector<std::pair<PartitionValues, FileRecord>> files;
  for (const std::string day : {"1", "2", "3"}) {
    WriteFile("days/" + day, "SELECT " + day + " AS id");
    Upload("days/" + day);
    files.push_back({{{day}}, File("days/" + day)});
  }
  CommitFiles(table, files);
  EXPECT_EQ(Ask("SELECT * FROM days WHERE day = '2'"), "\"2\",\"2\"\n");
  EXPECT_EQ(fetched(), 1U);
  EXPECT_EQ(Ask("SELECT sum(id) FROM days"), "\"6\"\n");
  EXPECT_EQ(fetched(), 3U);
}

TEST_F(FetchedQuery, ReadsTablesThatOthersWrite) {
  const TableRecord table = PutTable("texts", {{{"id", Make(TypeKind::kInt32)}}}, {}, "csv");
  WriteText("texts/a.csv", "id\n7\n");
  Upload("texts/a.csv");
  EXPECT_EQ(Ask("SELECT id FROM texts"), "\"7\"\n");
}

TEST_F(FetchedQuery, NamesTheObjectAndNotItsCopy) {
  const TableRecord table = PutTable("days", {{{"id", Make(TypeKind::kInt32)}}});
  WriteText("days/a.parquet", "not Parquet at all");
  Upload("days/a.parquet");
  CommitFiles(table, {{{}, File("days/a.parquet")}});
  const Error error = ErrorOf("SELECT id FROM days");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr(far_.Describe()));
  EXPECT_THAT(error.message, HasSubstr("days/a.parquet"));
  EXPECT_EQ(error.message.find(scratch_.string()), std::string::npos) << error.message;
}

TEST_F(FetchedQuery, SaysWhichCommittedFileIsGone) {
  const TableRecord table = PutTable("days", {{{"id", Make(TypeKind::kInt32)}}});
  WriteFile("days/a.parquet", "SELECT 1 AS id");
  CommitFiles(table, {{{}, File("days/a.parquet")}});
  const Error error = ErrorOf("SELECT id FROM days");
  EXPECT_EQ(error.kind, ErrorKind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("days/a.parquet belongs to table 'days', and is not there"));
}

}  // namespace
}  // namespace firn
