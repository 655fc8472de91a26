#!/usr/bin/env python3
"""Input that is not what it should be: damaged files, footers that lie, columns that do not fit, keys that are no keys, files that go or change."""
import os
import pathlib
import random
import shutil
import signal
import time
import unittest

import parquet_footer
from lake import DEDUPE, LANDING_DAY, LakeTest, project

VICTIM = "chargeback_00002.parquet"
MILLION = 1_000_000


def truncate(path):
    path.write_bytes(path.read_bytes()[:-200])


def lose_the_middle(path):
    data = path.read_bytes()
    path.write_bytes(data[:1000] + data[3000:])


def swap_magic(path):
    path.write_bytes(path.read_bytes()[:-4] + b"PARE")


DAMAGES = {
    "empty (0 bytes)": lambda path: path.write_bytes(b""),
    "one byte": lambda path: path.write_bytes(b"P"),
    "only the magic number": lambda path: path.write_bytes(b"PAR1PAR1"),
    "truncated": truncate,
    "truncated to its first half": lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2]),
    "text": lambda path: path.write_text("This is not Parquet.\n" * 50),
    "zeros": lambda path: path.write_bytes(b"\0" * 5000),
    "an encrypted file's magic number": swap_magic,
    "bytes missing in the middle": lose_the_middle,
    "garbage for pages": parquet_footer.damage_pages,
    "footer size of 0": lambda path: parquet_footer.lie_about_footer_size(path, 0),
    "footer size one too small": lambda path: parquet_footer.lie_about_footer_size(path, path.stat().st_size // 20),
    "footer size beyond the file": lambda path: parquet_footer.lie_about_footer_size(path, path.stat().st_size * 2),
    "footer size of 4 GiB": lambda path: parquet_footer.lie_about_footer_size(path, 0xFFFFFFFF),
}

# (place, claim): each is wrong for a file of 20 rows.
LIES = {
    "more rows than its groups": (parquet_footer.ROWS, 21),
    "rows below zero": (parquet_footer.ROWS, -20),
    "2^62 rows": (parquet_footer.ROWS, 1 << 62),
    "a group of 2^62 rows": (parquet_footer.GROUP_ROWS, 1 << 62),
    "a group of -1 rows": (parquet_footer.GROUP_ROWS, -1),
    "values: 2^40": (parquet_footer.VALUES, 1 << 40),
    "values: fewer than rows": (parquet_footer.VALUES, 7),
    "values: -1": (parquet_footer.VALUES, -1),
    "a chunk larger than the file": (parquet_footer.PACKED_BYTES, 1 << 40),
    "a chunk of -1 bytes": (parquet_footer.PACKED_BYTES, -1),
    "a chunk of 5 bytes": (parquet_footer.PACKED_BYTES, 5),
    "pages beyond the file": (parquet_footer.DATA_OFFSET, 1 << 40),
    "pages at -1": (parquet_footer.DATA_OFFSET, -1),
    "a dictionary beyond the file": (parquet_footer.DICTIONARY_OFFSET, 1 << 40),
    "a codec that does not exist": (parquet_footer.CODEC, 99),
    "another codec than the pages'": (parquet_footer.CODEC, 6),
}


def both_rows(path):
    """The footer and its group agree with each other, and not with the pages."""
    parquet_footer.lie(path, parquet_footer.ROWS, 40)
    parquet_footer.lie(path, parquet_footer.GROUP_ROWS, 40)


LIARS = {name: lambda path, place=place, claim=claim: parquet_footer.lie(path, place, claim) for name, (place, claim) in LIES.items()}
LIARS["more rows than its pages, everywhere"] = both_rows


LIAR = "SELECT '{}' AS file, i AS n, i * 3 AS updated_at, 'note ' || i AS note FROM range(20) t(i)"

# Nothing that is needed to read the rows: the file may be taken, if its rows come out right.
HARMLESS = ("values: 2^40", "values: fewer than rows", "pages beyond the file")


class DamagedFiles(LakeTest):
    def prepare(self):
        """Two good files and a victim, 20 rows each."""
        self.lake.prepare(3, 20, "--duplicates", "0")
        self.lake.must_run()
        self.before, self.rows = self.lake.names(), self.folder_rows()
        self.victim = self.lake.path(LANDING_DAY) / VICTIM
        self.whole = self.victim.read_bytes()

    def check_failures(self, damages):
        self.prepare()
        for name, damage in damages.items():
            with self.subTest(name):
                self.victim.write_bytes(self.whole)
                damage(self.victim)
                done = self.lake.run()
                if name in HARMLESS and done.code == 0:
                    self.before = self.lake.names()
                    self.assertEqual(self.folder_rows(), self.rows, "a footer that lies has changed the rows")
                    continue
                self.assert_fails(done, VICTIM)
                self.assertEqual(self.lake.names(), self.before, f"the table changed{done}")
        self.assert_agrees()

    def test_a_damaged_file_fails_the_run_by_name(self):
        self.check_failures(DAMAGES)

    def test_a_footer_that_lies_fails_the_run_by_name(self):
        self.check_failures(LIARS)

    def test_the_run_remembers_which_file_it_was_and_what_to_do(self):
        self.prepare()
        self.victim.write_bytes(b"")
        self.lake.run()
        run = self.lake.json("runs", "--limit", "1")[0]
        self.assertEqual(run["state"], "FAILED")
        self.assertIn(VICTIM, run["error"]["message"])
        self.assertTrue(run["error"]["hint"], "`runs` does not say what to do")

    def quarantine_all(self):
        """A run with `bad_files: quarantine` over two whole files and one of each damage; ({name: path}, the run)."""
        self.lake.write_project(project(read={"bad_files": "quarantine"}))
        self.lake.prepare(2, 20, "--duplicates", "0")
        bad = {}
        for number, (name, damage) in enumerate({**DAMAGES, **LIARS}.items()):
            if name not in HARMLESS:
                bad[name] = self.lake.path(LANDING_DAY) / f"damaged_{number:02}.parquet"
                shutil.copy(self.lake.landing_files()[0], bad[name])
                damage(bad[name])
        return bad, self.lake.must("run", "compact", "--output", "json")

    def test_quarantine_leaves_out_each_damaged_file_and_says_why(self):
        bad, done = self.quarantine_all()
        told = done.json()
        reasons = {pathlib.Path(one["key"]).name: one["reason"] for one in told["bad_files"]}
        self.assertEqual(sorted(reasons), sorted(path.name for path in bad.values()))
        for name, path in bad.items():
            self.assertTrue(reasons[path.name], f"no reason for {name}")
            self.assertTrue(path.exists(), "quarantine takes a copy; the file itself stays where it is")
        self.assertEqual((told["records_read"], told["records_written"]), (40, 40), told)
        self.assert_agrees()

    def test_quarantine_keeps_a_copy_of_each_damaged_file(self):
        bad, done = self.quarantine_all()
        copies = {path.name: path.read_bytes() for path in self.lake.path("quarantine").glob("*/*/bad-files/**/*") if path.is_file()}
        self.assertEqual(sorted(copies), sorted(path.name for path in bad.values()), "quarantine/<job>/<run>/ has to hold a copy of each bad file")
        self.assertEqual(copies, {path.name: path.read_bytes() for path in bad.values()})

    def test_quarantine_warns_a_person_too(self):
        self.lake.write_project(project(read={"bad_files": "quarantine"}))
        self.prepare()
        self.victim.write_bytes(b"")
        self.assert_says(self.lake.must("run", "compact"), VICTIM)

    def run_over_liars(self, make_liar, count):
        """One run, `bad_files: quarantine`, over a whole file and `count` damaged ones; (names set aside, {file: rows})."""
        self.lake.write_project(project(read={"bad_files": "quarantine"}, steps=[{"dedupe": {"key": ["file", "n"], "by": ["updated_at"]}}]))
        self.write("whole.parquet", LIAR.format("whole"))
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")  # the catalog learns the schema from the file that is whole
        for number in range(count):
            make_liar(number, self.write(f"x{number:03}.parquet", LIAR.format(f"x{number:03}")))
        done = self.lake.run("--output", "json")
        self.assert_code(done, 0)
        return {pathlib.Path(one["key"]).stem for one in done.json()["bad_files"]}

    def test_any_number_of_a_footer_may_lie(self):
        """Each number of the footer in turn, but for the schema's own: the file is set aside, or all its rows come out right."""
        sample = self.write("sample.parquet", LIAR.format("sample"), day="..")
        places = sorted(place for place in parquet_footer.places(sample) if place[0] != 2)
        lies = [(place, claim) for place in places for claim in (-1, 0, 1 << 33)]
        bad = self.run_over_liars(lambda number, path: parquet_footer.lie(path, *lies[number]), len(lies))
        right = "count(*) FILTER (note = 'note ' || n AND updated_at = n * 3)"
        rows = dict(self.folder_rows(f"file, {right} || ' right of ' || count(*)", tail="GROUP BY file"))
        rows.pop("whole")
        for number, lie in enumerate(lies):
            name = f"x{number:03}"
            self.assertEqual(rows.get(name, "set aside"), "set aside" if name in bad else "20 right of 20", f"the lie {lie}")

    def test_any_byte_of_the_pages_may_be_wrong(self):
        """Pages have no checksum, so a value may come out wrong; the number of rows may not, and nothing may crash."""
        chance = random.Random(7)

        def flip(_, path):
            data = bytearray(path.read_bytes())
            data[chance.randrange(4, len(data) - 8 - int.from_bytes(data[-8:-4], "little"))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)

        bad = self.run_over_liars(flip, 200)
        told = self.lake.json("runs", "--limit", "1")[0]
        self.assertEqual(told["records_read"], 20 * (201 - len(bad)), told)

    def test_a_crawl_names_the_damaged_file(self):
        self.lake.prepare(3, 20)
        for name, damage in {key: DAMAGES[key] for key in ("empty (0 bytes)", "truncated", "text", "footer size beyond the file")}.items():
            bad = self.lake.path(LANDING_DAY) / "chargeback_99999.parquet"
            shutil.copy(self.lake.path(LANDING_DAY) / VICTIM, bad)
            damage(bad)
            with self.subTest(name, on_conflict="fail"):
                self.lake.write_project(project())
                self.assert_fails(self.lake.firn("crawl", "landing-crawler"), bad.name)
            with self.subTest(name, on_conflict="skip"):
                self.lake.write_project(project(lambda made: made["crawlers"]["landing-crawler"].update(on_conflict="skip")))
                told = self.lake.json("crawl", "landing-crawler")
                self.assertEqual([bad.name in one["key"] for one in told["tables"][0]["findings"]], [True], told)
            bad.unlink()

    def test_a_run_fails_when_every_file_is_bad_and_nothing_is_deleted(self):
        self.prepare()
        for path in self.lake.landing_files():
            path.write_bytes(b"")
        self.assert_fails(self.lake.run(), LANDING_DAY)
        self.assertEqual(self.lake.names(), self.before)
        self.lake.write_project(project(read={"bad_files": "quarantine"}))
        told = self.lake.run("--output", "json").json()
        self.assertEqual(self.lake.names(), self.before, f"a day of bad files has emptied the table: {told}")
        self.assertEqual(self.lake.count(), 60)

    def test_a_file_set_aside_is_not_set_aside_again_by_the_next_incremental_run(self):
        self.lake.prepare(3, 20, "--duplicates", "0")
        (self.lake.path(LANDING_DAY) / VICTIM).write_bytes(b"")
        self.lake.write_project(project(lambda made: made["jobs"]["grow"]["read"].update(bad_files="quarantine")))
        self.assertEqual(self.lake.must_run(job="grow")["records_read"], 40)
        second = self.lake.must_run(job="grow")
        self.assertEqual((second["records_read"], second["input_files"], second["bad_files"]), (0, 0, []), second)
        self.assert_agrees(job="grow", table="grown")

    def test_things_that_are_no_files(self):
        """A pipe, a folder with a file's name, a symlink out of the lake: no run waits for them for ever or reads them."""
        self.lake.prepare(2, 20, "--duplicates", "0")
        day = self.lake.path(LANDING_DAY)
        os.mkfifo(day / "pipe.parquet")
        (day / "folder.parquet").mkdir()
        told = self.lake.must_run()
        self.assertEqual(told["records_read"], 40)
        outside = self.write("outside.parquet", "SELECT 'stolen' AS chargeback_id", day="..")
        (day / "link.parquet").symlink_to(outside)
        done = self.lake.run()
        self.assert_fails(done, "link.parquet")
        self.assertNotIn("stolen", str(self.folder_rows()))


class ColumnsThatDoNotFit(LakeTest):
    GOOD = "SELECT 'a' || i AS chargeback_id, i AS amount, i AS updated_at FROM range(10) t(i)"

    def prepare(self, *others):
        """landing: a.parquet with GOOD, then the others."""
        self.write("a.parquet", self.GOOD)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        for number, select in enumerate(others):
            self.write(f"b{number}.parquet", select)

    def test_a_column_of_another_type_is_named_with_both_types_and_the_file(self):
        self.prepare("SELECT 'b' || i AS chargeback_id, 'much' AS amount, i AS updated_at FROM range(10) t(i)")
        for words in (("crawl", "landing-crawler"), ("run", "compact")):
            with self.subTest(words):
                done = self.lake.firn(*words)
                self.assert_fails(done, "b0.parquet", "amount", "string", ("bigint", "int64"))
        self.assertEqual(self.lake.names(), [])
        self.assert_agrees()

    def check_quarantine_of_misfits(self, steps):
        self.lake.write_project(project(read={"bad_files": "quarantine"}, steps=steps))
        rows = "SELECT '{}' || i AS chargeback_id, {} AS amount, i AS updated_at FROM range(10) t(i)"
        self.prepare(rows.format("b", "'much'"), rows.format("c", "i"), rows.format("d", "'more'"))
        told = self.lake.must_run()
        self.assertEqual([pathlib.Path(one["key"]).name for one in told["bad_files"]], ["b0.parquet", "b2.parquet"], told)
        for one in told["bad_files"]:
            self.assertIn("amount", one["reason"])
        self.assertEqual((told["records_read"], told["records_written"]), (20, 20), told)
        self.assertEqual(self.folder_rows("count(*), sum(amount)"), [("20", "90")])
        self.assert_agrees()

    def test_quarantine_sets_aside_the_files_whose_columns_do_not_fit(self):
        self.check_quarantine_of_misfits([DEDUPE])

    def test_quarantine_sets_them_aside_before_sql_too(self):
        self.check_quarantine_of_misfits([{"filter": "amount >= 0"}, DEDUPE])

    def test_two_files_of_one_run_that_do_not_fit_are_both_named(self):
        """Nothing is in the catalog yet that says which of them is right."""
        self.write("a.parquet", self.GOOD)
        self.write("b.parquet", "SELECT 'b' AS chargeback_id, [1, 2] AS amount, 1 AS updated_at")
        self.lake.must("apply")
        self.assert_fails(self.lake.firn("crawl", "landing-crawler"), "a.parquet", "b.parquet", "amount")

    def test_skip_leaves_the_file_out_of_the_crawl(self):
        self.prepare("SELECT 'b' || i AS chargeback_id, 'much' AS amount, i AS updated_at FROM range(10) t(i)")
        self.lake.write_project(project(lambda made: made["crawlers"]["landing-crawler"].update(on_conflict="skip")))
        told = self.lake.json("crawl", "landing-crawler")["tables"][0]
        self.assertEqual(len(told["findings"]), 1, told)
        self.assertIn("b0.parquet", told["findings"][0]["key"])
        self.assertIn("amount", told["findings"][0]["problem"])

    def test_types_that_widen_are_no_conflict(self):
        self.prepare("SELECT 'b' || i AS chargeback_id, (i + 0.5)::DOUBLE AS amount, i::INT AS updated_at FROM range(10) t(i)")
        self.lake.must("crawl", "landing-crawler")
        self.lake.must_run()
        self.assertEqual(self.folder_rows("sum(amount), max(updated_at), count(*)"), [("95.0", "9", "20")])

    def test_columns_in_another_order_and_missing_ones_become_null(self):
        self.prepare("SELECT i AS updated_at, 'b' || i AS chargeback_id FROM range(10) t(i)",
                     "SELECT 7 AS extra, 1 AS updated_at, 'c' AS chargeback_id, 3 AS amount")
        self.lake.must("crawl", "landing-crawler")
        self.lake.must_run()
        self.assertEqual(self.folder_rows("count(*), count(amount), count(extra), count(DISTINCT chargeback_id)"), [("21", "11", "1", "21")])

    def test_a_missing_key_column_is_named_with_the_file(self):
        self.prepare("SELECT i AS amount, i AS updated_at FROM range(10) t(i)")
        done = self.lake.run()
        self.assert_fails(done, "b0.parquet", "chargeback_id")
        self.assertEqual(self.lake.names(), [])
        self.lake.write_project(project(read={"bad_files": "quarantine"}))
        told = self.lake.must_run()
        self.assertEqual((told["records_written"], len(told["bad_files"])), (10, 1), told)
        self.assertIn("chargeback_id", str(told["bad_files"]))
        self.assert_agrees()

    def test_a_key_that_no_file_has(self):
        self.prepare()
        self.lake.write_project(project(steps=[{"dedupe": {"key": ["chargeback_no"], "by": ["updated_at"]}}]))
        done = self.lake.run()
        self.assertIn(done.code, (1, 2), f"the run has to fail{done}")
        self.assert_says(done, "chargeback_no", "chargeback_id")  # the nearest that there is
        self.assertEqual(self.lake.names(), [])

    def test_an_order_column_that_no_file_has(self):
        self.prepare()
        self.lake.write_project(project(steps=[{"dedupe": {"key": ["chargeback_id"], "by": ["updated"]}}]))
        done = self.lake.run()
        self.assertIn(done.code, (1, 2), f"the run has to fail{done}")
        self.assert_says(done, "updated", "updated_at")

    def test_the_same_column_twice_in_one_file_is_refused_with_its_name(self):
        """Parquet allows it; no table does."""
        self.prepare()
        data = self.write("b0.parquet", "SELECT 'x' AS chargeback_id, 1 AS amounu, 2 AS amount, 3 AS updated_at").read_bytes()
        (self.lake.path(LANDING_DAY) / "b0.parquet").write_bytes(data.replace(b"amounu", b"amount"))
        self.assert_fails(self.lake.run(), "b0.parquet", "amount")


class KeysThatAreNoKeys(LakeTest):
    def prepare(self, *selects):
        for number, select in enumerate(selects):
            self.write(f"f{number}.parquet", select)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")

    def test_all_keys_null_are_one_key(self):
        """As in SQL's GROUP BY, and in DuckDB's answer to the same question."""
        self.prepare("SELECT NULL::VARCHAR AS chargeback_id, i AS updated_at FROM range(1000) t(i)",
                     "SELECT NULL::VARCHAR AS chargeback_id, i AS updated_at FROM range(500, 600) t(i)")
        told = self.lake.must_run()
        self.assertEqual((told["records_written"], told["duplicates_removed"]), (1, 1099), told)
        self.assertEqual(self.folder_rows(), [(None, "999")])

    def test_all_keys_null_break_a_rule_that_forbids_them(self):
        self.prepare("SELECT NULL::VARCHAR AS chargeback_id, i AS updated_at FROM range(1000) t(i)")
        self.lake.write_project(project(steps=[{"expect": ['IsComplete "chargeback_id"']}, DEDUPE]))
        done = self.lake.run()
        self.assert_fails(done, "IsComplete", "chargeback_id", "1,000")
        self.assertEqual(self.lake.names(), [])

    def test_null_and_empty_text_are_two_keys(self):
        self.prepare("SELECT unnest(['', NULL, '', NULL, 'a']) AS chargeback_id, unnest([1, 2, 3, 4, 5]) AS updated_at")
        self.assertEqual(self.lake.must_run()["records_written"], 3)
        self.assertEqual(self.folder_rows(tail="ORDER BY updated_at"), [("", "3"), (None, "4"), ("a", "5")])

    def test_one_key_a_million_times(self):
        self.prepare(f"SELECT 'one' AS chargeback_id, (i * 7919) % {MILLION} AS updated_at FROM range({MILLION}) t(i)")
        told = self.lake.must_run()
        self.assertEqual((told["records_read"], told["records_written"], told["duplicates_removed"]), (MILLION, 1, MILLION - 1), told)
        self.assertEqual(told["ties"], 0)
        self.assertEqual(self.folder_rows(), [("one", str(MILLION - 1))])

    def test_one_key_a_million_times_all_tied(self):
        """The object's path decides, then the row's number: the last row of the last file stays. Ties are counted."""
        half = MILLION // 2
        self.prepare(*(f"SELECT 'one' AS chargeback_id, 1 AS updated_at, i AS row_number FROM range({start}, {start + half}) t(i)"
                       for start in (0, half)))
        told = self.lake.must_run()
        self.assertEqual((told["records_written"], told["duplicates_removed"]), (1, MILLION - 1), told)
        self.assertGreater(told["ties"], 0)
        self.assertEqual(self.folder_rows(), [("one", "1", str(MILLION - 1))])

    def test_one_key_a_million_times_without_any_date(self):
        self.prepare(f"SELECT 'one' AS chargeback_id, NULL::TIMESTAMP AS updated_at, i AS n FROM range({MILLION}) t(i)")
        self.lake.must_run()
        self.assertEqual(self.folder_rows(), [("one", None, str(MILLION - 1))])


class NoData(LakeTest):
    """A partition without data is a success with a warning; the event says zero, or is not sent."""

    EMPTY_DAY = "DATE=2025-11-05"

    def events(self):
        return self.lake.json("events")

    def test_success_with_a_warning_and_an_event_that_says_zero(self):
        self.lake.prepare()
        done = self.lake.must("run", "compact", "--arg", self.EMPTY_DAY)
        self.assertIn("No data found", done.stderr, f"a warning is wanted{done}")
        self.assertIn("2025-11-05", done.stderr)
        (event,) = self.events()
        payload = event["payload"]
        self.assertEqual((payload["records_processed"], payload["output_files"], payload["partition_date"]), (0, 0, "2025-11-05"))

    def test_no_event_when_configured_so(self):
        self.lake.prepare()
        self.lake.write_project(project(publish={"when_empty": "skip"}))
        told = self.lake.must_run("--arg", self.EMPTY_DAY)
        self.assertEqual((told["state"], told["records_written"], told["output_files"], told["nothing_to_do"]), ("SUCCEEDED", 0, 0, True), told)
        self.assertIn("No data found", " ".join(told["warnings"]))
        self.assertEqual(self.events(), [])

    def test_exit_code_3_when_asked_for(self):
        self.lake.prepare()
        self.assert_code(self.lake.run("--arg", self.EMPTY_DAY, "--fail-if-empty"), 3)
        self.assert_code(self.lake.run("--fail-if-empty"), 0)
        self.lake.must_run(job="grow")
        self.assert_code(self.lake.run("--fail-if-empty", job="grow"), 3)

    def test_files_without_rows_are_no_data_and_delete_nothing(self):
        self.lake.prepare(1, 20, "--duplicates", "0")
        self.lake.must_run()
        (file,) = self.lake.landing_files()
        self.duckdb.write(f"SELECT * FROM read_parquet('{file}') LIMIT 0", file)
        before = self.lake.names()
        done = self.lake.must("run", "compact")
        self.assertIn("No data found", done.stderr)
        self.assertEqual(self.lake.names(), before)
        self.assertEqual(self.lake.count(), 20)

    def test_a_day_that_is_gone_deletes_nothing(self):
        self.lake.prepare(1, 20, "--duplicates", "0")
        self.lake.must_run()
        shutil.rmtree(self.lake.path("landing"))
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run()["state"], "SUCCEEDED")
        self.assertEqual(self.lake.count(), 20)
        self.assert_agrees()


class FilesThatGoOrChange(LakeTest):
    """Between listing and reading. The process is stopped (SIGSTOP) when its log says that the inputs are fixed; one thread has 1,500 files to open,
    so that the last one is not read yet."""

    FILES = 1500

    def prepare(self):
        self.lake.prepare(self.FILES, 1, "--duplicates", "0")
        self.last = self.lake.landing_files()[-1]

    def run_with(self, accident, *words, job="compact"):
        for attempt in range(5):
            process = self.lake.start("--threads", "1", "run", job, *words)
            log = self.lake.path(".firn/logs/firn.jsonl")
            before = log.stat().st_size if log.exists() else 0
            try:
                self.lake.wait_for(lambda: "inputs are fixed" in log.read_text()[before:] or process.poll() is not None, "the inputs are fixed")
                process.send_signal(signal.SIGSTOP)
                if "records_processed" not in log.read_text()[before:]:
                    accident()
                    process.send_signal(signal.SIGCONT)
                    return self.lake.finish(process, "run", job, *words)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
            self.lake.finish(process)
        self.fail("five times, the run was over before it could be stopped: give FILES more files")

    def replace(self):
        time.sleep(0.01)
        new = self.temporary / "new.parquet"
        self.duckdb.write(f"SELECT * REPLACE ('new' AS chargeback_id) FROM read_parquet('{self.last}')", new)
        new.replace(self.last)

    def test_a_file_that_vanishes_fails_the_run_by_name(self):
        self.prepare()
        done = self.run_with(self.last.unlink)
        self.assert_fails(done, self.last.name)
        self.assertEqual(self.lake.names(), [])
        self.assertEqual(self.lake.must_run()["records_read"], self.FILES - 1)
        self.assert_agrees()

    def test_a_file_that_is_replaced_fails_the_run_by_name(self):
        self.prepare()
        done = self.run_with(self.replace)
        self.assert_fails(done, self.last.name, ("changed", "replaced", "another version"))
        self.assertEqual(self.lake.names(), [])
        self.lake.must_run()
        self.assertEqual(self.lake.query("SELECT count(*) AS n FROM compacted WHERE chargeback_id = 'new'")[0]["n"], 1)

    def test_a_file_that_grows_or_shrinks_fails_the_run_by_name(self):
        self.prepare()
        whole = self.last.read_bytes()
        accidents = {"shrinks": lambda: os.truncate(self.last, len(whole) // 2), "grows": lambda: self.last.write_bytes(whole + b"more")}
        for name, accident in accidents.items():
            self.last.write_bytes(whole)
            with self.subTest(name):
                self.assert_fails(self.run_with(accident), self.last.name)
        self.assertEqual(self.lake.names(), [])

    def test_a_text_that_grows_while_it_is_read_is_read_by_the_next_run(self):
        """Appended to line by line, as a log: half a line must not be taken for a record."""
        def with_notes(made):
            made["tables"] |= {"notes": {"location": "notes", "format": "json"}, "kept": {"location": "kept"}}
            made["jobs"] |= {"keep": {"bookmark": "enable", "read": {"table": "notes"}, "write": {"table": "kept", "mode": "append"}}}
        self.lake.write_project(project(with_notes))
        self.lake.must("apply")
        folder = self.lake.path("notes")
        folder.mkdir(parents=True)
        for file in range(self.FILES):
            (folder / f"{file:04}.json").write_text(f'{{"id": {file}}}\n')
        last = folder / f"{self.FILES - 1:04}.json"

        def grow():
            with last.open("a") as file:
                file.write('{"id": "half of a rec')

        done = self.run_with(grow, job="keep")
        self.assert_fails(done, last.name)
        self.assertEqual(self.lake.names("kept"), [])
        with last.open("a") as file:
            file.write('ord"}\n')
        self.assertEqual(self.lake.must_run(job="keep")["records_written"], self.FILES + 1)
        self.assertEqual(self.lake.query("SELECT count(*) AS n FROM kept WHERE id = 'half of a record'"), [{"n": 1}])

    def test_under_quarantine_a_replaced_file_is_neither_lost_nor_read_twice(self):
        """Whatever this run does with it: the next incremental one ends with each row once, the new version's among them."""
        self.lake.write_project(project(lambda made: made["jobs"]["grow"]["read"].update(bad_files="quarantine")))
        self.prepare()
        done = self.run_with(self.replace, "--output", "json", job="grow")
        self.assertIn(done.code, (0, 1))
        self.assertIn(self.last.name, done.output, f"nobody is told about the file{done}")
        self.lake.must_run(job="grow")
        sql = "SELECT count(*) AS n, count(DISTINCT chargeback_id) AS ids, count(*) FILTER (chargeback_id = 'new') AS new FROM grown"
        self.assertEqual(self.lake.query(sql), [{"n": self.FILES, "ids": self.FILES, "new": 1}])
        self.assert_agrees(job="grow", table="grown")

    def test_a_file_that_arrives_late_belongs_to_the_next_run(self):
        self.prepare()
        late = self.lake.path(LANDING_DAY) / "zzz.parquet"
        done = self.run_with(lambda: shutil.copy(self.last, late), "--output", "json", job="grow")
        self.assert_code(done, 0)
        self.assertEqual(done.json()["input_files"], self.FILES)
        self.assertEqual(self.lake.must_run(job="grow")["input_files"], 1)


if __name__ == "__main__":
    unittest.main()
