#include "catalog/bookmark_rows.h"

#include <string>

namespace firn {

Status BookmarkRows::Add(const JobName& job, int64_t run_number, std::span<const BookmarkEntry> entries) {
  for (const BookmarkEntry& entry : entries)
    FIRN_TRY(
        database_.Run("INSERT INTO bookmarks (job, key, size, etag, run_number) VALUES (?, ?, ?, ?, ?) "
                      "ON CONFLICT DO NOTHING",
                      job, entry.key, entry.size, entry.etag, run_number));
  return {};
}

Result<std::vector<ObjectInfo>> BookmarkRows::NotIn(const JobName& job, std::span<const ObjectInfo> objects) {
  std::vector<ObjectInfo> fresh;
  for (const ObjectInfo& object : objects) {
    FIRN_TRY_ASSIGN(Cursor row,
                    database_.Query("SELECT 1 FROM bookmarks WHERE job = ? AND key = ? AND size = ? AND etag = ?", job,
                                    object.key, object.size, object.etag));
    FIRN_TRY_ASSIGN(const bool known, row.Next());
    if (!known) fresh.push_back(object);
  }
  return fresh;
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
  std::vector<ObjectInfo> fresh;
  for (const ObjectInfo& object : objects) {
    FIRN_TRY_ASSIGN(Cursor row,
                    database_.Query("SELECT 1 FROM crawled WHERE table_name = ? AND key = ? AND size = ? AND "
                                    "etag = ?",
                                    table, object.key, object.size, object.etag));
    FIRN_TRY_ASSIGN(const bool known, row.Next());
    if (!known) fresh.push_back(object);
  }
  return fresh;
}

Status BookmarkRows::Remember(const TableName& table, std::span<const ObjectInfo> objects) {
  for (const ObjectInfo& object : objects)
    FIRN_TRY(
        database_.Run("INSERT OR REPLACE INTO crawled (table_name, key, size, modified_ns, etag) "
                      "VALUES (?, ?, ?, ?, ?)",
                      table, object.key, object.size, object.modified_ns, object.etag));
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
