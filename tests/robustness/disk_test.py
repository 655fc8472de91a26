#!/usr/bin/env python3
"""Disks that are full or may not be written. Each lake is a small file system of its own: the tests need root and mounts (CAP_SYS_ADMIN), and see to
it that nobody else sees those mounts."""
import json
import os
import resource
import signal
import unittest

from lake import LONG, LakeTest, mount, project, unmount

FULL = ("no space", "full", "space left")
PAGE = 4096


class SmallDisk(LakeTest):
    def mount_lake(self, size):
        root = self.lake.root
        root.mkdir()
        mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", root)
        self.addCleanup(unmount, root)

    def fill(self, leave):
        """Takes all space but so many bytes."""
        filler = self.lake.path("filler")
        filler.unlink(missing_ok=True)
        space = os.statvfs(self.lake.root)
        size = space.f_bavail * space.f_frsize - leave
        if size > 0:
            with open(filler, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        return filler


class FullDisk(SmallDisk):
    def prepare(self):
        self.mount_lake("8m")
        self.lake.prepare(20, 200, "--duplicates", "0.2")
        self.lake.must_run()
        self.rows = self.folder_rows()

    def test_any_amount_of_free_space_gives_the_whole_table_or_the_old_one(self):
        """From nothing to plenty, in pages: it gets full at the catalog's first write, at the output, at the commit, at settling, at the event."""
        self.prepare()
        pages = list(range(0, 40)) + list(range(40, 160, 8)) if LONG else [0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 140]
        seen = set()
        for free in pages:
            filler = self.fill(free * PAGE)
            done = self.lake.run()
            seen.add(done.code)
            with self.subTest(f"{free} pages free"):
                self.assertIn(done.code, (0, 1), f"{done}")
                if done.code == 1:
                    self.assert_says(done, FULL)
                self.assertEqual(self.folder_rows(), self.rows, f"the table has other rows{done}")
                filler.unlink(missing_ok=True)
                self.lake.must("run", "compact")
                self.assertEqual(self.folder_rows(), self.rows)
                problems = [one for one in self.lake.problems(doctor=False) if "filler" not in one]
                self.assertEqual(problems, [], f"after a full disk:{done}")
        self.assertEqual(seen, {0, 1}, "the amounts of free space have to reach from too little to enough")

    def test_the_first_run_on_a_full_disk(self):
        self.mount_lake("3m")
        self.lake.prepare(20, 200)
        for free in (0, 4, 16, 48):
            filler = self.fill(free * PAGE)
            done = self.lake.run()
            with self.subTest(f"{free} pages free"):
                self.assertIn(done.code, (0, 1))
                if done.code == 1:
                    self.assert_says(done, FULL)
                    self.assertEqual(self.lake.names(), [])
            filler.unlink()
        self.lake.must_run()
        self.assert_agrees()

    def test_a_merging_run_on_a_full_disk_advances_no_bookmark(self):
        self.mount_lake("8m")
        self.lake.prepare(20, 200)
        filler = self.fill(60 * PAGE)
        done = self.lake.run(job="grow")
        filler.unlink()
        self.assert_fails(done, FULL)
        self.assertEqual(self.lake.json("bookmark", "show", "grow")["objects_known"], 0)
        self.assertEqual(self.lake.must_run(job="grow")["input_files"], 20)
        self.assert_agrees(job="grow", table="grown")

    def test_a_disk_that_is_full_when_the_sql_engine_spills(self):
        self.prepare()
        wide = "SELECT 'x' || i AS chargeback_id, i AS updated_at, repeat('long text ', 20) || i AS note FROM range(200000) t(i)"
        self.write("wide.parquet", wide, day="landing/2025/11/04")
        self.lake.write_project(project(lambda made: made["crawlers"]["landing-crawler"].update(on_conflict="skip"),
                                        steps=[{"sql": "SELECT * FROM input ORDER BY note"}]))
        self.lake.firn("crawl", "landing-crawler")
        done = self.lake.firn("--memory", "30MB", "run", "compact", "--arg", "DATE=2025-11-04")
        self.assertIn(done.code, (0, 1), f"{done}")
        if done.code == 1:
            self.assert_says(done, (*FULL, "memory"))
        self.assertEqual(self.lake.orphans(), [])

    def test_every_verb_on_a_full_disk_says_so_and_doctor_finds_it(self):
        self.prepare()
        filler = self.fill(0)
        for words in ("apply", "crawl landing-crawler", "run compact", "tables", "runs", "events", "doctor"):
            done = self.lake.firn(*words.split())
            with self.subTest(words):
                self.assertIn(done.code, (0, 1), f"{done}")
                if done.code == 1:
                    self.assert_says(done, (*FULL, "free in the lake"))
        self.assert_code(self.lake.firn("doctor"), 1)
        filler.unlink()

    def test_crawl_on_a_full_disk_can_be_repeated(self):
        self.mount_lake("4m")
        self.lake.generate(50, 10)
        self.lake.must("apply")
        for free in (0, 1, 4, 8, 16, 24):
            filler = self.fill(free * PAGE)
            done = self.lake.firn("crawl", "landing-crawler")
            with self.subTest(f"{free} pages free"):
                self.assertIn(done.code, (0, 1))
                if done.code == 1:
                    self.assert_says(done, FULL)
            filler.unlink()
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.json("partitions", "landing")[0]["files"], 50)


class WritesThatEndInTheMiddle(LakeTest):
    """A limit of file size (RLIMIT_FSIZE) lets a write(2) through in part, as a disk does that gets full in the middle of it."""

    def limit(self, size):
        def apply():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return {"preexec_fn": apply}

    def test_an_event_written_by_half_does_not_spoil_the_next(self):
        self.lake.prepare(2, 20)
        self.lake.must_run()
        sink = self.lake.path(".firn/events.jsonl")
        sink.write_text(sink.read_text() + '{"event_id": 0, "padding": "' + "x" * 2_000_000 + '"}\n')
        size = sink.stat().st_size
        self.lake.firn("run", "compact", **self.limit(size + 100))
        self.assertEqual(sink.stat().st_size, size, "what was written by half has to be taken back")
        with sink.open("a") as file:
            file.write('{"event_id": 3, "pay')  # as one leaves it that is killed in its write
        self.lake.must_run()
        for line in sink.read_text().splitlines():
            try:
                json.loads(line)
            except ValueError:
                self.fail(f"events.jsonl has a line that is no JSON: {line[:60]} ... {line[-60:]}")
        self.assert_agrees()

    def test_a_log_line_written_by_half_does_not_spoil_the_next(self):
        self.lake.prepare(2, 20)
        log = self.lake.path(".firn/logs/firn.jsonl")
        log.write_text(log.read_text() + '{"padding": "' + "x" * 2_000_000 + '"}\n')
        done = self.lake.firn("run", "compact", **self.limit(log.stat().st_size + 50))
        self.assert_code(done, 0)  # the log never fails its caller
        run = self.lake.must_run()["run_id"]
        started = []
        for line in log.read_text().splitlines():
            try:
                started += [one for one in [json.loads(line)] if one.get("job_run_id") == run]
            except ValueError:
                pass  # the line that was cut
        self.assertEqual(started[0]["message"], "run started", "the first line of the next run was glued to the one that was cut")

    def test_an_output_that_hits_the_limit_fails_the_run(self):
        self.lake.prepare(20, 500, "--duplicates", "0")
        done = self.lake.firn("run", "compact", **self.limit(100_000))
        self.assert_fails(done, ("too large", "limit", *FULL))
        self.assertEqual(self.lake.names(), [])
        self.lake.must_run()
        self.assert_agrees()


class ReadOnly(SmallDisk):
    DENIED = ("read-only", "permission", "not permitted", "writable")

    def remount(self, folder, mode):
        mount("-o", f"remount,{mode}", folder)

    def test_a_lake_on_a_read_only_disk_is_refused_and_says_so(self):
        self.mount_lake("8m")
        self.lake.prepare(2, 20)
        self.lake.must_run()
        before = self.lake.names()
        self.remount(self.lake.root, "ro")
        for words in (["run", "compact"], ["crawl", "landing-crawler"], ["apply"], ["doctor"]):
            done = self.lake.firn(*words)
            with self.subTest(words[0]):
                self.assert_fails(done, self.DENIED)
        self.assertEqual(self.lake.names(), before)
        self.remount(self.lake.root, "rw")
        self.lake.must_run()
        self.assert_agrees()

    def test_the_firn_folder_may_not_be_written(self):
        """The catalog's folder alone is read-only."""
        self.lake.prepare(2, 20)
        self.lake.must_run()
        before, state = self.lake.names(), self.lake.path(".firn")
        mount("--bind", state, state)
        self.addCleanup(unmount, state)
        mount("-o", "remount,bind,ro", state)
        for words in (["run", "compact"], ["apply"], ["doctor"]):
            done = self.lake.firn(*words)
            with self.subTest(words[0]):
                self.assert_fails(done, self.DENIED, ".firn")
        for words in (["tables"], ["runs"], ["query", "SELECT count(*) FROM compacted"]):  # whoever only looks may
            with self.subTest(words[0]):
                self.lake.must(*words)
        self.assertEqual(self.lake.names(), before)

    def read_only_table(self, folder):
        target = self.mounted_table(folder)
        mount("-o", "remount,bind,ro", target)
        return target

    def mounted_table(self, folder):
        self.lake.prepare(2, 20, "--duplicates", "0")
        self.lake.must_run()
        self.before, self.rows = self.lake.names(), self.folder_rows()
        self.lake.generate(1, 7, "--seed", "99", "--duplicates", "0", date="2025-11-02")
        extra = next(self.lake.path("landing/2025/11/02").iterdir())
        extra.rename(self.lake.landing_files()[0].with_name("extra.parquet"))
        target = self.lake.path(folder)
        mount("--bind", target, target)
        return target

    def expect_no_commit(self, target):
        """A run that cannot bring its table's folder up to date has to fail before its commit: else catalog, event and folder differ."""
        done = self.lake.run()
        answer = self.lake.firn("query", "SELECT count(*) AS n FROM compacted", "--output", "json")
        names = self.lake.names()
        unmount(target)
        self.assertEqual(names, self.before)
        self.assertIn(done.code, (1, 2), f"the run has to fail{done}")
        self.assert_says(done, (*self.DENIED, "mounted from another file system"))
        self.assert_code(answer, 0)
        self.assertEqual(answer.json()[0]["n"], 40, "a query has to see the old table")
        self.assertEqual(len(self.lake.json("events")), 1, "an event says that the data is there, and it is not")
        self.assertEqual(self.lake.must_run()["records_written"], 47)
        self.assert_agrees()

    def test_a_table_folder_that_is_read_only_fails_the_run_and_no_event_is_sent(self):
        self.expect_no_commit(self.read_only_table("compacted"))

    def test_a_partition_folder_that_is_read_only_fails_the_run_and_no_event_is_sent(self):
        self.expect_no_commit(self.read_only_table("compacted/year=2025/month=11"))

    def test_a_table_folder_that_is_mounted_by_itself_fails_the_run_and_no_event_is_sent(self):
        self.expect_no_commit(self.mounted_table("compacted"))

    def test_a_location_with_a_name_that_is_too_long_fails_the_run_and_does_not_hold_up_the_others(self):
        self.lake.prepare(2, 20)
        self.lake.write_project(project(lambda made: made["tables"]["compacted"].update(location="x" * 300)))
        done = self.lake.run()
        self.assertIn(done.code, (1, 2), f"{done}")
        self.assert_says(done, "longer than 255 bytes")
        self.lake.must_run(job="grow")
        self.assertEqual([event["payload"]["job_name"] for event in self.lake.json("events")], ["grow"])

    def test_a_table_that_cannot_be_written_does_not_hold_up_the_others(self):
        target = self.read_only_table("compacted")
        self.lake.run()
        done = self.lake.run(job="grow")
        unmount(target)
        self.assert_code(done, 0)

    def test_landing_may_be_read_only(self):
        """It is only read."""
        self.lake.prepare(2, 20)
        landing = self.lake.path("landing")
        mount("--bind", landing, landing)
        self.addCleanup(unmount, landing)
        mount("-o", "remount,bind,ro", landing)
        self.lake.must("crawl", "landing-crawler")
        self.lake.must_run()
        self.assert_agrees()

    def test_a_lake_that_cannot_be_made(self):
        self.lake.write_project({**project(), "lake": "/proc/no/lake"})
        done = self.lake.run()
        self.assertIn(done.code, (1, 2))
        self.assert_says(done, "/proc/no/lake")

    def test_a_lake_that_is_a_file(self):
        self.lake.root.write_text("not a folder")
        done = self.lake.run()
        self.assertIn(done.code, (1, 2))
        self.assert_says(done, "lake", "folder")


if __name__ == "__main__":
    unittest.main()
