#!/usr/bin/env python3
"""SIGKILL at many moments of the real process's life. After the next run, table, bookmark, run and event agree, the rows are right, nothing is left.

A moment is chosen in two ways: right after the k-th change that firn makes in the lake (inotify), for each k; and so many milliseconds after the
first change, in steps over the length of a run. More than 100 kills in all. src/run/run_crash_test.cc does the same in process, at every operation.
"""
import time
import unittest

from lake import COMPACTED_DAY, LANDING_DAY, LONG, FolderEvents, LakeTest, kill_hard

CHANGES = 32  # that a run makes, roughly
STEPS = 40 if LONG else 12
DAY_FILES = 2 + CHANGES + STEPS
GROWN_DAY = "grown/year=2025/month=11/day=03"
LATEST = """SELECT * EXCLUDE (filename, file_row_number)
    FROM read_parquet('{}/*.parquet', hive_partitioning = false, filename = true, file_row_number = true)
    QUALIFY row_number() OVER (PARTITION BY chargeback_id ORDER BY updated_at DESC NULLS LAST, filename DESC, file_row_number DESC) = 1
    ORDER BY chargeback_id"""


class Kills(LakeTest):
    """Before each kill, another file of the day lands: the state of before and that of after are never the same."""

    def prepare(self, job, folder, table):
        self.job, self.folder, self.table = job, folder, table
        self.lake.prepare(DAY_FILES, 10, "--duplicates", "0.3")
        self.waiting = []
        for path in self.lake.landing_files()[2:]:
            self.waiting.append(self.temporary / path.name)
            path.rename(self.waiting[-1])
        self.landed = 2
        self.lake.must_run(job=job)
        self.assertEqual(self.rows(), self.wanted())

    def land(self):
        path = self.waiting.pop(0)
        path.rename(self.lake.path(LANDING_DAY) / path.name)
        self.landed += 1

    def rows(self):
        return self.folder_rows(folder=self.folder, tail="ORDER BY chargeback_id")

    def wanted(self):
        """DuckDB's own answer."""
        return self.duckdb.rows(LATEST.format(self.lake.path(LANDING_DAY)))

    def kill(self, change, milliseconds=0, words=()):
        """Kills firn so long after its change-th change in the lake. Says where that was; None when it ended before."""
        events = FolderEvents(*[path for path in [self.lake.root, *self.lake.root.rglob("*")] if path.is_dir()])
        process = self.lake.start(*(words or ("run", self.job)))
        seen = 0
        try:
            while process.poll() is None:
                for _, path in events.wait():
                    seen += 1
                    if seen == change:
                        time.sleep(milliseconds / 1000)
                        if process.poll() is None:
                            process.kill()
                            return str(path.relative_to(self.lake.root))
            return None
        finally:
            kill_hard(process)
            events.close()

    def check(self, before, when):
        """After the kill a program that lists the folder sees the old rows or the new; after one more run all agrees."""
        with self.subTest(when):
            seen, wanted = self.rows(), self.wanted()
            self.assertIn(seen, (before, wanted), "a program that lists the folder saw neither the old rows nor the new")
            again = self.lake.must_run(job=self.job)
            self.assertEqual(self.rows(), wanted, f"wrong rows after the next run {again}")
            problems = self.lake.problems(self.job, self.table, doctor=False)
            self.assertEqual(problems, [], "\n".join(problems))
            if self.job == "grow":
                self.assertEqual(self.lake.objects_known, self.landed, "the bookmark and the landing folder differ")

    def kill_and_check(self, change, milliseconds=0):
        before = self.rows()
        self.land()
        where = self.kill(change, milliseconds)
        self.check(before, f"killed {milliseconds} ms after change {change}, which was of {where}")
        return where

    def kill_at_each_change(self, *what):
        self.prepare(*what)
        hits = [self.kill_and_check(change) for change in range(1, CHANGES + 1)]
        self.assertGreater(len([hit for hit in hits if hit]), CHANGES / 3, f"most runs ended before they were killed: {hits}")
        self.assert_agrees(job=self.job, table=self.table)

    def test_a_merging_run_killed_at_each_change_it_makes(self):
        self.kill_at_each_change("grow", GROWN_DAY, "grown")

    def test_an_overwriting_run_killed_at_each_change_it_makes(self):
        self.kill_at_each_change("compact", COMPACTED_DAY, "compacted")

    def test_a_merging_run_killed_after_so_many_milliseconds(self):
        self.prepare("grow", GROWN_DAY, "grown")
        for step in range(STEPS):
            self.kill_and_check(1, 30 * step / STEPS)
        self.assert_agrees(job=self.job, table=self.table)

    def test_killed_again_while_it_recovers(self):
        self.prepare("grow", GROWN_DAY, "grown")
        for first in range(14, CHANGES - 6, 1 if LONG else 2):
            before = self.rows()
            self.land()
            places = [self.kill(first), self.kill(first - 8), self.kill(first // 3)]
            self.check(before, f"killed at change {first}, {first - 8}, {first // 3}: {places}")
        self.assert_agrees(job=self.job, table=self.table)

    def test_another_verb_after_a_kill_sees_a_whole_table(self):
        """Recovery is the next run's work; a query before it answers with one snapshot, old or new."""
        self.prepare("grow", GROWN_DAY, "grown")
        for change in range(14, CHANGES - 8, 1 if LONG else 2):
            before = len(self.rows())
            self.land()
            where = self.kill(change)
            self.assertIn(self.lake.count("grown"), (before, len(self.wanted())), f"a query after a kill at change {change}, of {where}")
            self.lake.must("run", "grow")

    def test_a_crawl_killed_at_each_change_it_makes(self):
        self.prepare("compact", COMPACTED_DAY, "compacted")
        for change in range(1, 15):
            self.lake.generate(1, 5, date=f"2025-12-{change:02}")
            self.kill(change, words=("crawl", "landing-crawler"))
        self.lake.must("crawl", "landing-crawler")
        folders = {str(path.parent.relative_to(self.lake.root)) for path in self.lake.path("landing").rglob("*.parquet")}
        self.assertEqual({one["location"] for one in self.lake.json("partitions", "landing")}, folders)
        self.assertEqual(self.lake.orphans(), [])

    def test_a_run_without_data_killed_at_each_change_it_makes(self):
        """It commits, too: a run and an event that says zero."""
        self.prepare("compact", COMPACTED_DAY, "compacted")
        for change in range(1, 22, 1 if LONG else 2):
            self.kill(change, words=("run", "compact", "--arg", "DATE=2025-11-09"))
        self.lake.must_run("--arg", "DATE=2025-11-09")
        runs = {run["run_id"] for run in self.lake.json("runs") if run["state"] == "SUCCEEDED"}
        events = [event["run_id"] for event in self.lake.json("events")]
        self.assertEqual(sorted(events), sorted(runs), "each run that succeeded has one event")
        self.assertEqual({event["state"] for event in self.lake.json("events")}, {"DELIVERED"})
        self.assertEqual({run["state"] for run in self.lake.json("runs")}, {"SUCCEEDED", "FAILED"})


if __name__ == "__main__":
    unittest.main()
