#!/usr/bin/env python3
"""Several at once: two runs on one partition, runs on different ones, and readers who look while the table is overwritten again and again."""
import os
import signal
import threading
import time
import unittest

from lake import COMPACTED_DAY, LANDING_DAY, LONG, LakeTest, kill_hard, project

OVERWRITES = 1000 if LONG else 150


class TwoWriters(LakeTest):
    """The first is held (SIGSTOP) in the middle of its work, so that the two are surely at once."""

    def hold_one(self, *words):
        self.lake.prepare(40, 5000)
        first = self.lake.start("run", "compact", *words)
        self.addCleanup(first.kill)
        self.lake.wait_for(lambda: any(self.lake.path(".firn/tmp").glob("*/*")), "the first run is at work")
        first.send_signal(signal.SIGSTOP)
        self.first_run = self.lake.json("runs", "--limit", "1")[0]["run_id"]
        return first

    def release(self, first):
        first.send_signal(signal.SIGCONT)
        return self.lake.finish(first)

    def test_the_second_run_of_a_partition_is_refused_with_the_name_of_the_first(self):
        first = self.hold_one()
        second = self.lake.run()
        self.assert_fails(second, self.first_run)
        self.assert_code(self.release(first), 0)
        self.assertEqual(sorted(run["state"] for run in self.lake.json("runs")), ["FAILED", "SUCCEEDED"])
        self.assert_agrees()

    def test_the_second_run_waits_when_told_to(self):
        first = self.hold_one()
        second = self.lake.start("run", "compact", "--wait", "60")
        self.lake.wait_for(lambda: any(run["state"] == "WAITING" for run in self.lake.json("runs")), "the second run says that it waits")
        self.assert_code(self.release(first), 0)
        self.assert_code(self.lake.finish(second), 0)
        self.assertEqual(len(self.lake.names()), 1)
        self.assertEqual(len(self.lake.json("snapshots", "compacted")), 2)
        self.assert_agrees()

    def test_the_one_that_waits_takes_over_from_one_that_is_killed(self):
        first = self.hold_one()
        second = self.lake.start("run", "compact", "--wait", "60")
        self.lake.wait_for(lambda: any(run["state"] == "WAITING" for run in self.lake.json("runs")), "the second run says that it waits")
        kill_hard(first)
        self.assert_code(self.lake.finish(second), 0)
        self.lake.must("run", "compact")  # its start finds the dead one's leftovers
        self.assertEqual(sorted(run["state"] for run in self.lake.json("runs")), ["FAILED", "SUCCEEDED", "SUCCEEDED"])
        self.assert_agrees()

    def test_waiting_ends_when_its_time_is_over(self):
        first = self.hold_one()
        self.assert_fails(self.lake.run("--wait", "1"), self.first_run)
        self.assert_code(self.release(first), 0)

    def test_another_partition_is_not_held_up(self):
        first = self.hold_one()
        self.lake.generate(1, 20, "--duplicates", "0", date="2025-11-04")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run("--arg", "DATE=2025-11-04")["records_written"], 20)
        self.assert_code(self.release(first), 0)
        self.assertEqual(len(self.lake.json("partitions", "compacted")), 2)
        self.assertEqual(self.lake.json("snapshots", "compacted")[0]["files"], 2)

    def test_a_query_while_a_run_is_at_work_sees_the_table_of_before(self):
        first = self.hold_one()
        self.assertEqual(self.lake.query("SELECT count(*) AS n FROM landing")[0]["n"], 200000)
        self.release(first)

    def test_many_runs_at_once_leave_one_whole_table(self):
        self.lake.prepare(4, 100)
        processes = [self.lake.start("run", "compact", *(["--wait", "60"] if number % 2 else [])) for number in range(10)]
        done = [self.lake.finish(process) for process in processes]
        for number, one in enumerate(done):
            self.assertIn(one.code, (0,) if number % 2 else (0, 1), f"{one}")
        succeeded = len([one for one in done if one.code == 0])
        self.assertEqual(len(self.lake.json("snapshots", "compacted")), succeeded)
        self.lake.must("run", "compact")
        self.assertEqual(len(self.lake.names()), 1)
        self.assert_agrees()

    def test_many_incremental_runs_at_once_read_each_file_once(self):
        self.lake.prepare(12, 50, "--duplicates", "0")
        processes = [self.lake.start("run", "grow", "--wait", "60", "--output", "json") for _ in range(6)]
        done = [self.lake.finish(process) for process in processes]
        self.assertEqual([one.code for one in done], [0] * 6, f"{[str(one) for one in done if one.code]}")
        self.assertEqual(sum(one.json()["records_read"] for one in done), 600)
        self.assertEqual(self.lake.count("grown"), 600)
        self.assert_agrees(job="grow", table="grown")

    def test_the_same_token_runs_once(self):
        self.lake.prepare(2, 20)
        self.lake.must("run", "compact", "--token", "order-17")
        self.lake.run("--token", "order-17")
        self.assertEqual([run["state"] for run in self.lake.json("runs")], ["SUCCEEDED"])

    def test_first_starts_at_once_make_one_catalog(self):
        processes = [self.lake.start("apply") for _ in range(8)]
        done = [self.lake.finish(process) for process in processes]
        self.assertEqual([one.code for one in done], [0] * 8, f"{[str(one) for one in done if one.code]}")
        self.assertEqual(len(self.lake.json("tables")), 3)


class Readers(LakeTest):
    """Each overwrite writes three files with one generation in all their rows."""

    ROWS = 6

    def prepare(self):
        self.lake.write_project(project(write={"files": 3, "format": "csv"}, steps=[{"select": ["generation", "n"]}]))
        self.overwrite(0, first=True)

    def overwrite(self, generation, first=False):
        new = self.write("new.parquet", f"SELECT {generation} AS generation, i AS n FROM range({self.ROWS}) t(i)", day="..")
        self.lake.path(LANDING_DAY).mkdir(parents=True, exist_ok=True)
        new.replace(self.lake.path(f"{LANDING_DAY}/day.parquet"))
        if first:
            self.lake.must("apply")
            self.lake.must("crawl", "landing-crawler")
        self.lake.must("run", "compact")

    def overwrite_often(self, look, count, patience=0):
        """Calls `look` in a loop, in a thread, while the table is overwritten `count` times; after each, one look has `patience` seconds to end."""
        over, wrong, looks = threading.Event(), [], []

        def loop():
            while not over.is_set() and not wrong:
                try:
                    looks.append(look())
                except Exception as error:  # the main thread shows it
                    wrong.append(f"look {len(looks)}: {error!r}")

        reader = threading.Thread(target=loop)
        reader.start()
        try:
            for generation in range(1, count + 1):
                self.overwrite(generation)
                # A reader that is slower than the commits, as under a sanitizer, would only ever start again.
                deadline, done = time.monotonic() + patience, len(looks)
                while len(looks) == done and not wrong and time.monotonic() < deadline:
                    time.sleep(0.005)
                if wrong:
                    break
        finally:
            over.set()
            reader.join()
        self.assertEqual(wrong, [], f"after {generation} overwrites")
        return looks

    def list_and_read(self):
        """What a program does that knows nothing of firn. A file may go between the listing and its opening: then it lists again."""
        folder = self.lake.path(COMPACTED_DAY)
        names = sorted(os.listdir(folder))
        commits = {name.split("-")[-1].split(".")[0] for name in names}
        if len(names) != 3 or len(commits) != 1:
            raise AssertionError(f"a mix or a gap: {names}")
        try:
            texts = [(folder / name).read_text() for name in names]
        except FileNotFoundError:
            return None
        rows = [line.split(",") for text in texts for line in text.splitlines() if not line.startswith("generation")]
        if len(rows) != self.ROWS or len({generation for generation, _ in rows}) != 1:
            raise AssertionError(f"a mix or a gap in the rows: {rows}")
        return int(rows[0][0])

    def test_a_program_that_lists_the_folder_sees_no_mix_and_no_gap(self):
        """FIRN_LONG_TESTS=1: through 1,000 overwrites."""
        self.prepare()
        looks = self.overwrite_often(self.list_and_read, OVERWRITES)
        seen = [one for one in looks if one is not None]
        self.assertEqual(seen, sorted(seen), "an older generation came back")
        self.assertGreater(len(set(seen)), OVERWRITES / 3, "the reader has seen too few of the overwrites to prove anything")
        self.assertEqual(len(self.lake.json("snapshots", "compacted")), OVERWRITES + 1)
        self.assert_agrees()

    def test_a_query_sees_one_generation(self):
        self.prepare()

        def ask():
            (row,) = self.lake.query("SELECT count(*) AS n, count(DISTINCT generation) AS generations, min(generation) AS generation FROM compacted")
            if (row["n"], row["generations"]) != (self.ROWS, 1):
                raise AssertionError(f"a mix or a gap: {row}")
            return int(row["generation"])

        seen = self.overwrite_often(ask, OVERWRITES // 3, patience=0.5)
        self.assertEqual(seen, sorted(seen), "an older generation came back")
        self.assertGreater(len(set(seen)), 3)


if __name__ == "__main__":
    unittest.main()
