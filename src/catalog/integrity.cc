#include "catalog/integrity.h"

#include <array>

namespace firn {
namespace {

// Each gives one text column, a row a finding.
constexpr std::array kChecks = {
    std::string_view("SELECT 'the database: ' || integrity_check FROM pragma_integrity_check "
                     "WHERE integrity_check <> 'ok'"),
    std::string_view("SELECT format('a row of %s refers to a row of %s that is missing', \"table\", parent) "
                     "FROM pragma_foreign_key_check"),
    std::string_view("SELECT format('table ''%s'' has no version %d', name, version) FROM tables t WHERE NOT EXISTS "
                     "(SELECT 1 FROM table_versions v WHERE v.table_id = t.id AND v.version = t.version)"),
    std::string_view("SELECT format('table ''%s'' has files in partition ''%s'', which is not registered', t.name, "
                     "l.partition) FROM file_lists l JOIN tables t ON t.id = l.table_id WHERE l.removed IS NULL AND "
                     "l.files > 0 AND NOT EXISTS (SELECT 1 FROM partitions p WHERE p.table_id = l.table_id AND "
                     "p.order_key = l.order_key)"),
    std::string_view(
        "SELECT format('partition ''%s'' of table ''%s'' should have %d files, %d bytes, %d rows; its list "
        "has %d, %d, %d', l.partition, t.name, l.files, l.bytes, l.rows, count(f.key), "
        "coalesce(sum(f.size), 0), coalesce(sum(f.rows), 0)) FROM file_lists l JOIN tables t ON "
        "t.id = l.table_id LEFT JOIN files f ON f.list_id = l.id GROUP BY l.id HAVING "
        "count(f.key) <> l.files OR coalesce(sum(f.size), 0) <> l.bytes OR "
        "coalesce(sum(f.rows), 0) <> l.rows"),
    std::string_view("SELECT format('snapshot %s of table ''%s'' should have %d files, %d bytes, %d rows; its "
                     "partitions have %d, %d, %d', s.id, t.name, s.files, s.bytes, s.rows, coalesce(sum(l.files), 0), "
                     "coalesce(sum(l.bytes), 0), coalesce(sum(l.rows), 0)) FROM snapshots s JOIN tables t ON "
                     "t.id = s.table_id LEFT JOIN file_lists l ON l.table_id = s.table_id AND l.removed IS NULL WHERE "
                     "s.sequence = (SELECT max(sequence) FROM snapshots WHERE table_id = s.table_id) GROUP BY s.id "
                     "HAVING coalesce(sum(l.files), 0) <> s.files OR coalesce(sum(l.bytes), 0) <> s.bytes OR "
                     "coalesce(sum(l.rows), 0) <> s.rows"),
    std::string_view(
        "SELECT format('snapshot %s of table ''%s'' is not settled, and a later one is', s.id, t.name) "
        "FROM snapshots s JOIN tables t ON t.id = s.table_id WHERE s.settled = 0 AND EXISTS (SELECT 1 FROM "
        "snapshots later WHERE later.table_id = s.table_id AND later.sequence > s.sequence AND "
        "later.settled = 1)"),
    std::string_view(
        "SELECT format('run %s has ended and still holds partition ''%s'' of table ''%s''', run, partition, "
        "table_name) FROM leases JOIN runs ON id = run WHERE state NOT IN ('STARTING', 'RUNNING', "
        "'STOPPING', 'WAITING')"),
};

Status RunCheck(Database& database, std::string_view check, std::vector<std::string>& findings) {
  FIRN_TRY_ASSIGN(Cursor row, database.Query(check));
  for (;;) {
    FIRN_TRY_ASSIGN(const bool more, row.Next());
    if (!more) return {};
    findings.push_back(row.Text(0));
  }
}

}  // namespace

Result<std::vector<std::string>> CheckCatalog(Database& database) {
  std::vector<std::string> findings;
  for (const std::string_view check : kChecks) {
    const Status done = RunCheck(database, check, findings);
    if (done) continue;
    if (done.error().kind != ErrorKind::kCorrupt) return std::unexpected(done.error());
    findings.push_back(done.error().message);
  }
  return findings;
}

}  // namespace firn
