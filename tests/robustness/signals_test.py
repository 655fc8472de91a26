#!/usr/bin/env python3
"""SIGINT and SIGTERM: a clean stop. The exit code says that the run did not succeed, `runs` says STOPPED, the table is as it was, nothing is left."""
import signal
import time
import unittest

from lake import LONG, FolderEvents, LakeTest, project

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Takes far longer than any test waits, on the path through the SQL engine.
ENDLESS = {"sql": "SELECT any_value(chargeback_id) AS chargeback_id, sum(hash(a.n * b.n)) AS updated_at "
                  "FROM input, range(3000000) a(n), range(3000000) b(n)"}


class Signals(LakeTest):
    def prepare(self, files=40, rows=5000):
        """A run of about half a second."""
        self.lake.prepare(2, 20)
        self.lake.must_run()
        self.before = self.lake.names()
        self.lake.generate(files, rows)

    def stop_when(self, condition, number, *words):
        process = self.lake.start(*words)
        self.lake.wait_for(lambda: condition() or process.poll() is not None, "the run is at work")
        process.send_signal(number)
        started = time.monotonic()
        done = self.lake.finish(process, *words)
        return done, time.monotonic() - started

    def at_work(self):
        return any(self.lake.path(".firn/tmp").glob("*/*"))

    def assert_stopped(self, done, run):
        self.assert_code(done, 1)
        self.assert_says(done, "stop")
        self.assertEqual(run["state"], "STOPPED", f"`runs` has another state{done}")
        self.assertEqual(self.lake.names(), self.before, f"the table changed{done}")

    def test_a_signal_in_the_middle_of_a_run(self):
        self.prepare()
        for number in SIGNALS:
            with self.subTest(number.name):
                done, seconds = self.stop_when(self.at_work, number, "run", "compact")
                self.assert_stopped(done, self.lake.json("runs", "--limit", "1")[0])
                self.assertLess(seconds, 10, f"the stop took {seconds:.1f} s")
                self.assertEqual(self.lake.orphans(), [])
        self.lake.must_run()
        self.assert_agrees()

    def test_json_output_of_a_run_that_is_stopped(self):
        self.prepare()
        done, _ = self.stop_when(self.at_work, signal.SIGTERM, "run", "compact", "--output", "json")
        self.assertEqual(done.json()["state"], "STOPPED")
        self.assert_stopped(done, done.json())

    def test_a_signal_while_the_sql_engine_is_at_work(self):
        self.prepare(1, 20)
        self.lake.write_project(project(steps=[ENDLESS]))
        for number in SIGNALS:
            with self.subTest(number.name):
                log = self.lake.path(".firn/logs/firn.jsonl")
                before = log.stat().st_size
                done, seconds = self.stop_when(lambda: "inputs are fixed" in log.read_text()[before:], number, "run", "compact")
                self.assert_stopped(done, self.lake.json("runs", "--limit", "1")[0])
                self.assertLess(seconds, 10, f"the stop took {seconds:.1f} s")
        self.assert_agrees()

    def test_a_timeout_ends_a_run_that_takes_too_long(self):
        self.prepare(1, 20)
        self.lake.write_project(project(steps=[ENDLESS], timeout="1s"))
        done = self.lake.run()
        self.assert_fails(done, "timeout", "1s")
        self.assertEqual(self.lake.json("runs", "--limit", "1")[0]["state"], "TIMEOUT")
        self.assertEqual(self.lake.names(), self.before)
        self.assert_agrees()

    def test_a_signal_at_any_moment_ends_in_a_clean_state(self):
        """Before the run began, in it, or too late: the run is unknown, STOPPED or SUCCEEDED, and each with its exit code."""
        self.prepare(4, 40)
        seen = set()
        start = time.monotonic()
        self.lake.must_run()
        whole = time.monotonic() - start
        steps = 60 if LONG else 24
        for step in range(steps):
            number = SIGNALS[step % 2]
            known = {run["run_id"] for run in self.lake.json("runs")}
            process = self.lake.start("run", "compact")
            time.sleep(2 * whole * step / steps)
            process.send_signal(number)
            done = self.lake.finish(process, "run", "compact")
            states = [run["state"] for run in self.lake.json("runs") if run["run_id"] not in known]
            seen.add((done.code, *states))
            with self.subTest(f"{number.name} after {2 * step}/{steps} of a run's time"):
                self.assertIn((done.code, states), [(-number, []), (1, ["STOPPED"]), (0, ["SUCCEEDED"])], f"exit code and state do not fit{done}")
                self.assertEqual([one for one in self.lake.orphans() if "/tmp/" not in one], [])
        self.lake.must_run()
        self.assert_agrees()
        self.assertTrue(any("SUCCEEDED" in one for one in seen), f"every run was over before it had begun: {seen}")

    def test_the_second_signal_kills(self):
        """For a stop that does not come. After it, recovery does what is left."""
        self.prepare(1, 20)
        self.lake.write_project(project(steps=[ENDLESS]))
        log = self.lake.path(".firn/logs/firn.jsonl")
        before = log.stat().st_size
        process = self.lake.start("run", "compact")
        self.lake.wait_for(lambda: "inputs are fixed" in log.read_text()[before:], "the run is at work")
        process.send_signal(signal.SIGSTOP)  # so that both wait for it
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        done = self.lake.finish(process, "run", "compact")
        self.assertIn(done.code, (1, -signal.SIGINT))
        self.lake.write_project(project())
        self.lake.must_run()
        self.assert_agrees()

    def test_a_run_that_waits_for_another_stops_waiting(self):
        self.prepare()
        first = self.lake.start("run", "compact")
        self.lake.wait_for(self.at_work, "the first run is at work")
        first.send_signal(signal.SIGSTOP)
        try:
            second = self.lake.start("run", "compact", "--wait", "60")
            self.lake.wait_for(lambda: any(run["state"] == "WAITING" for run in self.lake.json("runs")), "the second run waits")
            second.send_signal(signal.SIGTERM)
            done = self.lake.finish(second, "run", "compact", "--wait", "60")
        finally:
            first.send_signal(signal.SIGCONT)
        self.assert_code(done, 1)
        self.assert_code(self.lake.finish(first), 0)
        self.assertEqual(sorted(run["state"] for run in self.lake.json("runs")), ["STOPPED", "SUCCEEDED", "SUCCEEDED"])
        self.assert_agrees()

    def test_a_crawl_is_stopped(self):
        """Nothing is written before all footers are read, so a stop leaves the catalog as it was."""
        self.lake.must("apply")
        self.lake.generate(3000, 1)
        events = FolderEvents(self.lake.path(".firn"))
        process = self.lake.start("--threads", "1", "crawl", "landing-crawler")
        while process.poll() is None and not events.wait():
            pass
        events.close()
        process.send_signal(signal.SIGINT)
        done = self.lake.finish(process)
        self.assertIn(done.code, (-signal.SIGINT, 1, 0), f"{done}")
        self.assertIn(len(self.lake.json("partitions", "landing")), (0, 1))
        if done.code == 1:
            self.assert_says(done, "stop")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.json("partitions", "landing")[0]["files"], 3000)

    def test_a_query_is_stopped(self):
        self.prepare(1, 20)
        process = self.lake.start("query", "SELECT sum(hash(a.range * b.range)) FROM range(3000000) a, range(3000000) b, compacted")
        time.sleep(0.5)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        done = self.lake.finish(process)
        self.assertIn(done.code, (1, -signal.SIGINT), f"{done}")
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(self.lake.orphans(), [])

    def test_following_events_ends_with_a_signal_and_exit_code_0(self):
        self.prepare(1, 20)
        for number in SIGNALS:
            process = self.lake.start("events", "--follow")
            line = process.stdout.readline()
            self.assertIn("consolidation_completed", line)
            process.send_signal(number)
            self.assert_code(self.lake.finish(process), 0)


if __name__ == "__main__":
    unittest.main()
