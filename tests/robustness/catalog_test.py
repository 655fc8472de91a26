#!/usr/bin/env python3
"""A catalog file that is damaged: each verb says so in words, `doctor` says what to do, and the advice works."""
import shutil
import sqlite3
import unittest

from lake import LONG, LakeTest, project


def truncate(path):
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2 + 100])


def overwrite(path, start, length, byte=b"\xa5"):
    data = bytearray(path.read_bytes())
    data[start:start + length] = byte * length
    path.write_bytes(data)


def garbage_in_the_middle(path):
    """All pages but the first: whichever table is asked is damaged."""
    overwrite(path, 4096, path.stat().st_size - 4096)


def change(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


DAMAGES = {
    "truncated": truncate,
    "emptied": lambda path: path.write_bytes(b""),
    "a few bytes": lambda path: path.write_bytes(b"SQLite"),
    "header overwritten": lambda path: overwrite(path, 0, 100),
    "text": lambda path: path.write_text("This is not a database.\n" * 400),
    "zeros": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "garbage in the middle": garbage_in_the_middle,
    "another program's database": lambda path: (path.unlink(), change(path, "CREATE TABLE x (y)")),
    "a table is missing": lambda path: change(path, "DROP TABLE snapshots"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}
VERBS = (["tables"], ["runs"], ["run", "compact"], ["crawl", "landing-crawler"])


class DamagedCatalog(LakeTest):
    def prepare(self):
        self.lake.prepare(4, 50, "--duplicates", "0")
        for _ in range(3):
            self.lake.must_run()
        self.catalog = self.lake.path(".firn/catalog.db")
        self.whole = self.catalog.read_bytes()
        self.before, self.rows = self.lake.names(), self.folder_rows()

    def restore(self):
        if self.catalog.is_dir():
            self.catalog.rmdir()
        self.catalog.write_bytes(self.whole)
        for suffix in ("-wal", "-shm"):
            self.catalog.with_name(self.catalog.name + suffix).unlink(missing_ok=True)

    def test_each_damage_is_named_by_the_verbs_and_by_doctor(self):
        self.prepare()
        for name, damage in DAMAGES.items():
            with self.subTest(name):
                self.restore()
                damage(self.catalog)
                failures = [done for done in (self.lake.firn(*words) for words in VERBS) if done.code != 0]
                self.assertTrue(failures, "no verb noticed the damage")
                for done in failures:
                    self.assert_code(done, 1)
                    self.assert_says(done, "catalog.db", ("damaged", "corrupt", "not a database", "directory", "folder"))
                    self.assert_says(done, ("firn doctor", "Restore", "restore", "move it away"))
                doctor = self.lake.firn("doctor")
                self.assert_code(doctor, 1)
                self.assert_says(doctor, "catalog", ("restore", "move it away"))
                self.assertEqual(self.folder_rows(), self.rows, "a damaged catalog has cost data")

    def test_doctor_answers_in_json_about_a_damaged_catalog(self):
        self.prepare()
        for name in ("truncated", "header overwritten", "garbage in the middle"):
            self.restore()
            DAMAGES[name](self.catalog)
            told = self.lake.firn("doctor", "--output", "json").json()
            with self.subTest(name):
                self.assertFalse(told["healthy"])
                self.assertTrue([check for check in told["checks"] if check["state"] == "problem" and check["advice"]], told)

    def test_a_newer_schema_version_is_refused_with_both_versions(self):
        self.prepare()
        change(self.catalog, "PRAGMA user_version = 99")
        for words in (*VERBS, ["doctor"]):
            done = self.lake.firn(*words)
            with self.subTest(words[0]):
                self.assertNotEqual(done.code, 0)
                self.assert_says(done, "99", "newer firn", "catalog.db")
        connection = sqlite3.connect(self.catalog)
        self.assertEqual(connection.execute("PRAGMA user_version").fetchone(), (99,), "the newer catalog was changed")
        connection.close()

    def test_no_byte_that_changes_makes_firn_crash(self):
        """Damage that nobody notices is possible (there is no checksum); a crash or a hang is not, nor a harmed table."""
        self.prepare()
        size = len(self.whole)
        for step in range(60 if LONG else 15):
            self.restore()
            overwrite(self.catalog, (step * 7919 * 4096 // 13 + step * 131) % (size - 64), 64)
            for words in (["run", "compact"], ["doctor"]):
                done = self.lake.firn(*words)
                with self.subTest(step=step, verb=words[0]):
                    self.assertIn(done.code, (0, 1, 2), f"{done}")
                    if words[0] != "doctor":
                        self.assert_clean_message(done)
            self.assertEqual(len(self.folder_rows()), len(self.rows))

    def test_moving_the_catalog_away_works_as_doctor_says(self):
        self.prepare()
        truncate(self.catalog)
        self.catalog.rename(self.temporary / "old.db")
        for suffix in ("-wal", "-shm"):
            self.catalog.with_name(self.catalog.name + suffix).unlink(missing_ok=True)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run()["records_written"], 200)
        self.assertEqual(self.lake.count(), 200)
        self.assertEqual(len(self.lake.names()), 1)
        self.assertEqual([one for one in self.lake.problems() if "events.jsonl" not in one], [])

    def test_restoring_a_copy_works_as_doctor_says(self):
        """The copy is older than the folder: the catalog's next run brings both together again."""
        self.prepare()
        self.lake.must_run()
        self.restore()
        self.lake.must_run()
        self.assertEqual(sorted(self.folder_rows()), sorted(self.rows))
        self.assertEqual([one for one in self.lake.problems() if "events.jsonl" not in one], [])

    def test_a_wal_file_that_is_garbage_is_no_crash(self):
        self.prepare()
        self.catalog.with_name("catalog.db-wal").write_bytes(b"\xa5" * 8192)
        done = self.lake.run()
        self.assertIn(done.code, (0, 1), f"{done}")
        self.assertEqual(sorted(self.folder_rows()), sorted(self.rows))


class MissingState(LakeTest):
    def test_the_whole_firn_folder_may_go(self):
        self.lake.prepare(2, 20, "--duplicates", "0")
        self.lake.must_run()
        shutil.rmtree(self.lake.path(".firn"))
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.lake.must_run()
        self.assertEqual(len(self.lake.names()), 1)
        self.assert_agrees()

    def test_a_file_of_the_table_that_somebody_removed_is_found_by_doctor_and_mended_by_a_run(self):
        self.lake.prepare(2, 20, "--duplicates", "0")
        self.lake.must_run()
        (file,) = (self.lake.path("compacted")).rglob("*.parquet")
        file.unlink()
        done = self.lake.firn("query", "SELECT count(*) FROM compacted")
        self.assertNotEqual(done.code, 0, f"a table whose file is gone has answered{done}")
        self.assert_says(done, file.name)
        doctor = self.lake.firn("doctor")
        self.assert_code(doctor, 1)
        self.assert_says(doctor, file.name)
        self.lake.must_run()
        self.assert_agrees()



class Learned(LakeTest):
    """What crawls and runs found out about a table is true of its files, whatever the project file declares."""

    def declare(self, **tables):
        self.lake.write_project(project(lambda made: [made["tables"][name].update(keys) for name, keys in tables.items()]))

    def test_declared_columns_do_not_narrow_those_of_the_files(self):
        self.declare(landing={"columns": {"a": "int", "later": "string"}})
        self.write("x.parquet", "SELECT 1099511627776 AS a, 'x' AS chargeback_id, now() AS updated_at, 7 AS more")
        for words in (["apply"], ["crawl", "landing-crawler"], ["run", "compact"], ["apply"], ["crawl", "landing-crawler"]):
            self.lake.must(*words)
            if words[0] != "apply" or self.lake.json("runs"):
                (row,) = self.lake.query("SELECT a, more, later FROM landing")
                self.assertEqual(row, {"a": 1099511627776, "more": 7, "later": None}, words)

    def test_columns_that_do_not_fit_the_files_are_refused(self):
        self.write("x.parquet", "SELECT 1 AS a, 'x' AS chargeback_id, now() AS updated_at")
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.declare(landing={"columns": {"a": "string"}})
        done = self.lake.firn("apply")
        self.assert_code(done, 1)
        self.assert_says(done, "landing", "'a'", "int", "string", "project file")
        self.assertEqual(self.lake.query("SELECT a FROM landing"), [{"a": 1}])

    def test_a_written_table_is_read_as_it_was_written(self):
        self.declare(compacted={"format": "csv", "columns": {"chargeback_id": "int"}})
        self.lake.prepare(2, 10, "--duplicates", "0")
        self.lake.must_run()
        before = self.lake.query("SELECT count(*) AS n, min(chargeback_id) AS id FROM compacted")
        self.assertEqual(before[0]["n"], 20)
        self.lake.must("apply")
        self.assertEqual(self.lake.query("SELECT count(*) AS n, min(chargeback_id) AS id FROM compacted"), before)


if __name__ == "__main__":
    unittest.main()
