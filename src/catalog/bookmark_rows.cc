#include "catalog/bookmark_rows.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace firn {
namespace {

// Sets of object versions, each with its owner's name.
struct Versions {
  std::string_view between;  // (owner, first key, last key, limit)
  std::string_view one;      // (owner, key, size, etag)
};
constexpr Versions kBookmarks = {
    "SELECT key, size, etag FROM bookmarks WHERE job = ? AND key BETWEEN ? AND ? "
    "ORDER BY key LIMIT ?",
    "SELECT 1 FROM bookmarks WHERE job = ? AND key = ? AND size = ? AND etag = ?"};
constexpr Versions kCrawled = {
    "SELECT key, size, etag FROM crawled WHERE table_name = ? AND key BETWEEN ? AND ? AND skipped = 0 "
    "ORDER BY key LIMIT ?",
    "SELECT 1 FROM crawled WHERE table_name = ? AND key = ? AND size = ? AND etag = ? AND skipped = 0"};
constexpr Versions kSkipped = {
    "SELECT key, size, etag FROM crawled WHERE table_name = ? AND key BETWEEN ? AND ? AND skipped = 1 "
    "ORDER BY key LIMIT ?",
    "SELECT 1 FROM crawled WHERE table_name = ? AND key = ? AND size = ? AND etag = ? AND skipped = 1"};

constexpr size_t kBlock = 512;        // objects asked for in one statement
constexpr size_t kFewest = 64;        // below, each is looked up
constexpr size_t kRowsPerObject = 4;  // so many rows read are still cheaper than a statement an object

using Order = std::vector<size_t>;  // positions in `objects`, by key

// Marks those of a block that the rows between its first and its last key hold. False when that would not pay: what
// is marked by then is right, but not all.
template <class Owner>
Result<bool> MarkRange(Database& database, const Versions& versions, const Owner& owner,
                       std::span<const ObjectInfo> objects, std::span<const size_t> block, std::vector<bool>& known) {
  if (block.size() < kFewest) return false;
  const auto most = static_cast<int64_t>(block.size() * kRowsPerObject);
  FIRN_TRY_ASSIGN(Cursor row, database.Query(versions.between, owner, objects[block.front()].key,
                                             objects[block.back()].key, most + 1));
  size_t at = 0;  // rows and objects are read side by side, both by key
  for (int64_t rows = 0;; ++rows) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) break;
    if (rows == most) return false;
    const std::string_view key = row.TextView(0);
    while (at < block.size() && objects[block[at]].key < key) ++at;
    for (size_t same = at; same < block.size() && objects[block[same]].key == key; ++same) {
      const ObjectInfo& object = objects[block[same]];
      if (object.size == row.Integer(1) && object.etag == row.TextView(2)) known[block[same]] = true;
    }
  }
  return true;
}

template <class Owner>
Status MarkOneByOne(Database& database, const Versions& versions, const Owner& owner,
                    std::span<const ObjectInfo> objects, std::span<const size_t> block, std::vector<bool>& known) {
  for (const size_t at : block) {
    const ObjectInfo& object = objects[at];
    FIRN_TRY_ASSIGN(Cursor row, database.Query(versions.one, owner, object.key, object.size, object.etag));
    FIRN_TRY_ASSIGN(known[at], row.Next());
  }
  return {};
}

// Those of `objects`, in their order, that the owner's rows do not hold at that very version. Objects of one folder lie
// side by side in the table, and are read so; where much lies between them, each is looked up.
template <class Owner>
Result<std::vector<ObjectInfo>> Unknown(Database& database, const Versions& versions, const Owner& owner,
                                        std::span<const ObjectInfo> objects) {
  Order order(objects.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto by_key = [&](size_t at) -> const std::string& { return objects[at].key; };
  if (!std::ranges::is_sorted(order, {}, by_key)) std::ranges::sort(order, {}, by_key);
  std::vector<bool> known(objects.size(), false);
  for (size_t from = 0; from < order.size(); from += kBlock) {
    const auto block = std::span<const size_t>(order).subspan(from, std::min(kBlock, order.size() - from));
    FIRN_TRY_ASSIGN(const bool marked, MarkRange(database, versions, owner, objects, block, known));
    if (!marked) FIRN_TRY(MarkOneByOne(database, versions, owner, objects, block, known));
  }
  std::vector<ObjectInfo> unknown;
  for (size_t at = 0; at < objects.size(); ++at)
    if (!known[at]) unknown.push_back(objects[at]);
  return unknown;
}

}  // namespace

Status BookmarkRows::Add(const JobName& job, int64_t run_number, std::span<const BookmarkEntry> entries) {
  for (const BookmarkEntry& entry : entries)
    FIRN_TRY(
        database_.Run("INSERT INTO bookmarks (job, key, size, etag, run_number) VALUES (?, ?, ?, ?, ?) "
                      "ON CONFLICT DO NOTHING",
                      job, entry.key, entry.size, entry.etag, run_number));
  return {};
}

Result<std::vector<ObjectInfo>> BookmarkRows::NotIn(const JobName& job, std::span<const ObjectInfo> objects) {
  return Unknown(database_, kBookmarks, job, objects);
}

Result<std::vector<BookmarkEntry>> BookmarkRows::Show(const JobName& job, int64_t limit) {
  std::vector<BookmarkEntry> entries;
  FIRN_TRY_ASSIGN(Cursor row,
                  database_.Query("SELECT key, size, etag, id FROM bookmarks JOIN runs ON number = run_number "
                                  "WHERE bookmarks.job = ? ORDER BY key, size, etag LIMIT ?",
                                  job, limit));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return entries;
    entries.push_back({row.Text(0), row.Integer(1), row.Text(2), RunId(row.Text(3))});
  }
}

Result<int64_t> BookmarkRows::Count(const JobName& job) {
  FIRN_TRY_ASSIGN(Cursor row, database_.Query("SELECT count(*) FROM bookmarks WHERE job = ?", job));
  FIRN_TRY(row.Next());
  return row.Integer(0);
}

Status BookmarkRows::Reset(const JobName& job) {
  return database_.Run("DELETE FROM bookmarks WHERE job = ?", job);
}

Status BookmarkRows::Rewind(const JobName& job, int64_t run_number) {
  return database_.Run("DELETE FROM bookmarks WHERE job = ? AND run_number > ?", job, run_number);
}

Result<std::vector<ObjectInfo>> BookmarkRows::NotSeen(const TableName& table, std::span<const ObjectInfo> objects) {
  return Unknown(database_, kCrawled, table, objects);
}

Result<std::vector<ObjectInfo>> BookmarkRows::NotSkipped(const TableName& table, std::span<const ObjectInfo> objects) {
  return Unknown(database_, kSkipped, table, objects);
}

Status BookmarkRows::Remember(const TableName& table, std::span<const ObjectInfo> objects, bool skipped) {
  for (const ObjectInfo& object : objects)
    FIRN_TRY(
        database_.Run("INSERT OR REPLACE INTO crawled (table_name, key, size, modified_ns, etag, skipped) "
                      "VALUES (?, ?, ?, ?, ?, ?)",
                      table, object.key, object.size, object.modified_ns, object.etag, skipped ? 1 : 0));
  return {};
}

// A prefix is a folder: "a/b" holds "a/b" and "a/b/c", not "a/bc". '0' is the byte behind '/'.
Status BookmarkRows::Forget(const TableName& table, std::string_view prefix) {
  if (prefix.empty()) return database_.Run("DELETE FROM crawled WHERE table_name = ?", table);
  const std::string folder(prefix);
  FIRN_TRY(database_.Run("DELETE FROM crawled WHERE table_name = ? AND key = ?", table, folder));
  return database_.Run("DELETE FROM crawled WHERE table_name = ? AND key >= ? AND key < ?", table, folder + '/',
                       folder + '0');
}

}  // namespace firn
