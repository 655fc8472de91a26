#!/usr/bin/env python3
"""Jobs that read a table of DynamoDB: stopped, killed and throttled in the middle, nothing is lost and nothing doubled. DYNAMODB_SERVER names the
folder of a server that scripts/servers started."""
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
import unittest
import uuid

from lake import LONG, Lake

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from dynamodb_table import DynamoServer, Proxy  # noqa: E402

MANY = 10_000
KILLS = 30 if LONG else 6


def project(table, **source):
    source = {"table": table, "segments": 4, "page_items": 100, **source}
    return {
        "project": "extract",
        "tables": {"copied": {"location": "copied"}, "grown": {"location": "grown", "format": "csv", "partition_by": ["year", "month", "day"]}},
        "jobs": {
            "copy": {"read": {"dynamodb": source}, "write": {"table": "copied"}},
            "picky": {"read": {"dynamodb": source}, "steps": [{"expect": ["RowCount > 1000000"]}], "write": {"table": "copied"}},
            "clumsy": {"read": {"dynamodb": source}, "steps": [{"select": ["no_such_column"]}], "write": {"table": "copied"}},
            "hasty": {"read": {"dynamodb": source}, "write": {"table": "copied"}, "timeout": "2s"},
            "grow": {
                "read": {"dynamodb": source},
                "steps": [{"select": ["id, n", "strftime(now(), '%Y') AS year", "strftime(now(), '%m') AS month", "strftime(now(), '%d') AS day"]}],
                "write": {"table": "grown", "mode": "append", "names": "timed"},
            },
        },
    }


class TableLake(Lake):
    """A lake whose firn talks to DynamoDB at an endpoint of the test's choice."""

    def __init__(self, folder, definition, environment):
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | environment
        super().__init__(folder, definition)
        self.must("apply")

    def start(self, *words, **options):
        return super().start(*words, env=self.environment, **options)

    def kept_items(self):
        """Files of scans that are kept."""
        return [path for path in (self.root / ".firn/scans").rglob("*") if path.is_file() and "/.firn/scans/.firn/" not in str(path)]

    def totals(self, table="copied"):
        return self.query(f"SELECT count(*) AS items, count(DISTINCT id) AS ids, sum(n) AS n FROM {table}")[0]


class DynamoTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="firn-dynamodb-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = DynamoServer(os.environ["DYNAMODB_SERVER"])
        self.proxy = Proxy(self.server)
        self.addCleanup(self.proxy.close)
        self.table = f"things-{uuid.uuid4().hex[:12]}"
        self.server.make_table(self.table, "id")
        self.addCleanup(self.server.drop_table, self.table)

    def fill(self, count):
        self.server.put_all(self.table, ({"id": {"S": f"id-{i:06}"}, "n": {"N": str(i)}, "text": {"S": "x" * 50}} for i in range(count)))
        return {"items": count, "ids": count, "n": count * (count - 1) // 2}

    def lake(self, **source):
        return TableLake(self.folder / uuid.uuid4().hex[:8], project(self.table, **source), self.proxy.environment())

    def cut_off_after(self, pages):
        """Requests of a scan from the one after so many on wait until the test lets them go on."""
        self.reached, self.go_on = threading.Event(), threading.Event()

        def rule(operation, before):
            if operation == "Scan" and before >= pages and not self.go_on.is_set():
                self.reached.set()
                self.go_on.wait(60)

        self.proxy.rule = rule

    def let_go(self):
        self.go_on.set()
        self.proxy.rule = None


class Whole(DynamoTest):
    def test_every_item_comes_once(self):
        wanted = self.fill(MANY)
        lake = self.lake()
        run = lake.must_run(job="copy")
        self.assertEqual(lake.totals(), wanted)
        self.assertEqual(run["records_read"], MANY)
        self.assertEqual((run["source"]["dynamodb_table"], run["source"]["items"], run["source"]["resumed_items"]), (self.table, MANY, 0))
        self.assertGreaterEqual(self.proxy.counts["Scan"], MANY // 100)
        self.assertEqual(lake.kept_items(), [])
        self.assertEqual(lake.json("runs", "copy")[0]["source"]["items"], MANY)

    def test_attributes_of_every_type(self):
        self.server.put_all(self.table, [
            {"id": {"S": "a"}, "text": {"S": "x\ty\n\u2603"}, "whole": {"N": "9223372036854775807"}, "big": {"N": "12345678901234567890123456789012345678"},
             "half": {"N": "0.5"}, "exact": {"N": "0.12345678901234567890123456789"}, "bytes": {"B": "AAEC/w=="}, "yes": {"BOOL": True},
             "nothing": {"NULL": True}, "texts": {"SS": ["x", "y"]}, "numbers": {"NS": ["1", "2.5"]}, "blobs": {"BS": ["AA=="]},
             "list": {"L": [{"M": {"seq": {"N": "1"}, "text": {"S": "hi"}}}]}, "map": {"M": {"deep": {"M": {"er": {"L": [{"N": "7"}]}}}}},
             "mixed": {"S": "text"}},
            {"id": {"S": "b"}, "mixed": {"N": "5"}, "nothing": {"S": "something"}},
        ])
        lake = self.lake()
        lake.must_run(job="copy")
        columns = {column["name"]: column["type"] for column in lake.json("tables", "show", "copied")["columns"]}
        self.assertEqual(columns, {
            "id": "string", "text": "string", "whole": "bigint", "big": "decimal(38,0)", "half": "double", "exact": "string", "bytes": "string",
            "yes": "boolean", "nothing": "string", "texts": "array<string>", "numbers": "array<double>", "blobs": "array<string>",
            "list": "array<struct<seq:bigint,text:string>>", "map": "struct<deep:struct<er:array<bigint>>>", "mixed": "string"})
        row = lake.query("SELECT * EXCLUDE (texts, numbers), list_sort(texts) AS texts, list_sort(numbers) AS numbers FROM copied WHERE id = 'a'")[0]
        self.assertEqual(row["text"], "x\ty\n\u2603")
        self.assertEqual(row["whole"], 9223372036854775807)
        self.assertEqual(str(row["big"]), "12345678901234567890123456789012345678")
        self.assertEqual(row["exact"], "0.12345678901234567890123456789")
        self.assertEqual((row["half"], row["bytes"], row["yes"], row["nothing"], row["mixed"]), (0.5, "AAEC/w==", True, None, "text"))
        self.assertEqual((row["texts"], row["numbers"], row["blobs"]), (["x", "y"], [1, 2.5], ["AA=="]))
        self.assertEqual((row["list"], row["map"]), ([{"seq": 1, "text": "hi"}], {"deep": {"er": [7]}}))
        self.assertEqual(lake.query("SELECT mixed, nothing FROM copied WHERE id = 'b'"), [{"mixed": "5", "nothing": "something"}])

    def test_an_empty_table_is_nothing_to_do(self):
        lake = self.lake()
        run = lake.must_run(job="copy")
        self.assertTrue(run["nothing_to_do"])
        self.assertIn("has no items", run["warnings"][0])
        self.assertEqual(lake.run("--fail-if-empty", job="copy").code, 3)
        self.assertEqual(lake.kept_items(), [])

    def test_a_dry_run_commits_nothing_and_keeps_nothing(self):
        self.fill(300)
        lake = self.lake()
        self.assertEqual(lake.must_run("--dry-run", job="copy")["records_read"], 300)
        self.assertEqual(lake.names("copied"), [])
        self.assertEqual(lake.kept_items(), [])

    def test_files_of_each_run_have_its_time_in_their_names(self):
        self.fill(20)
        lake = self.lake()
        for _ in range(2):
            lake.must_run(job="grow")
        names = sorted(path.name for path in (lake.root / "grown").rglob("*.csv"))
        self.assertEqual(len(names), 2)
        for name in names:
            self.assertRegex(name, r"^part-00000-20\d{6}T\d{6}Z-[0-9a-f]{16}\.csv$")
        self.assertEqual(lake.totals("grown")["items"], 40)


class CutOff(DynamoTest):
    def test_after_a_kill_the_next_run_goes_on(self):
        wanted = self.fill(2_000)
        lake = self.lake()
        for pages in (3, 9):
            self.cut_off_after(pages)
            process = lake.start("run", "copy")
            self.assertTrue(self.reached.wait(30))
            time.sleep(0.3)  # the pages that came are kept
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.let_go()
        requests = self.proxy.counts["Scan"]
        done = lake.run(job="copy")
        self.assertEqual(done.code, 0, done)
        self.assertIn("; went on from ", done.stdout)
        self.assertLess(self.proxy.counts["Scan"] - requests, 24)  # all of it is 20 to 24
        self.assertEqual(lake.totals(), wanted)
        self.assertEqual(lake.kept_items(), [])
        self.assertTrue(lake.log_has("goes on from"))

    def test_killed_at_any_moment_nothing_is_lost_or_doubled(self):
        wanted = self.fill(1_500)
        lake = self.lake()
        for number in range(KILLS):
            process = lake.start("run", "grow")
            time.sleep(0.02 + 0.04 * number)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            lake.must("runs")
        lake.must_run(job="grow")
        runs = [run for run in lake.json("runs", "grow", "--limit", "100") if run["state"] == "SUCCEEDED"]
        self.assertEqual(lake.totals("grown"), {"items": wanted["items"] * len(runs), "ids": wanted["ids"], "n": wanted["n"] * len(runs)})
        self.assertEqual(lake.kept_items(), [])

    def test_ctrl_c_and_a_timeout_keep_what_was_scanned(self):
        wanted = self.fill(1_000)
        lake = self.lake()
        self.cut_off_after(5)
        process = lake.start("run", "copy", "--output", "json")
        self.assertTrue(self.reached.wait(30))
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        self.let_go()
        stopped = lake.finish(process).json()
        self.assertEqual(stopped["state"], "STOPPED")
        self.assertIn("stopped by SIGINT", stopped["error"]["message"])
        self.assertIn("items that were scanned are kept", stopped["error"]["hint"])
        again = lake.must_run(job="copy")
        self.assertGreater(again["source"]["resumed_items"], 0)
        self.assertEqual(lake.totals(), wanted)
        self.cut_off_after(self.proxy.counts["Scan"] + 5)
        threading.Timer(3, self.let_go).start()
        self.assertEqual(lake.run("--output", "json", job="hasty").json()["state"], "TIMEOUT")
        self.assertGreater(lake.must_run(job="hasty")["source"]["resumed_items"], 0)
        self.assertEqual(lake.totals(), wanted)

    def test_a_scan_that_is_too_old_or_not_wanted_begins_anew(self):
        wanted = self.fill(1_000)
        for source, words in (({"resume_within": "0s"}, []), ({}, ["--rescan"])):
            lake = self.lake(**source)
            self.cut_off_after(self.proxy.counts["Scan"] + 5)
            process = lake.start("run", "copy")
            self.assertTrue(self.reached.wait(30))
            time.sleep(0.3)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.let_go()
            self.assertEqual(lake.must_run(*words, job="copy")["source"]["resumed_items"], 0)
            self.assertEqual(lake.totals(), wanted)
            self.assertEqual(lake.kept_items(), [])

    def test_another_table_of_the_name_is_not_gone_on_with(self):
        self.fill(1_000)
        lake = self.lake()
        self.cut_off_after(5)
        process = lake.start("run", "copy")
        self.assertTrue(self.reached.wait(30))
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.let_go()
        self.server.make_table(self.table, "id")
        wanted = self.fill(10)
        self.assertEqual(lake.must_run(job="copy")["source"]["resumed_items"], 0)
        self.assertEqual(lake.totals(), wanted)
        self.assertTrue(lake.log_has("the table is another one of the same name"))

    def test_items_that_fail_the_run_are_read_again_and_a_wrong_step_is_not_paid_for_twice(self):
        self.fill(500)
        lake = self.lake()
        self.assertEqual(lake.run(job="picky").code, 1)
        self.assertEqual(lake.kept_items(), [])
        failed = lake.run("--output", "json", job="clumsy").json()
        self.assertIn("500 items that were scanned are kept", failed["error"]["hint"])
        requests = self.proxy.counts["Scan"]
        self.assertEqual(lake.run("--output", "json", job="clumsy").json()["source"]["resumed_items"], 500)
        self.assertEqual(self.proxy.counts["Scan"], requests)


class Trouble(DynamoTest):
    def test_throttling_is_waited_for(self):
        wanted = self.fill(2_000)
        lake = self.lake()
        self.proxy.rule = lambda operation, before: "throttle" if before % 3 == 0 else None
        lake.must_run(job="copy")
        self.assertEqual(lake.totals(), wanted)

    def test_throttled_for_good_the_run_fails_and_keeps_what_it_has(self):
        wanted = self.fill(1_000)
        lake = self.lake()
        self.proxy.rule = lambda operation, before: "throttle" if operation == "Scan" and before >= 5 else None
        failed = lake.finish(lake.start("run", "copy", "--output", "json")).json()
        self.assertEqual((failed["state"], failed["error"]["kind"]), ("FAILED", "Unavailable"))
        self.assertIn(f"cannot scan table '{self.table}'", failed["error"]["message"])
        self.assertIn("items that were scanned are kept", failed["error"]["hint"])
        self.proxy.rule = None
        self.assertGreater(lake.must_run(job="copy")["source"]["resumed_items"], 0)
        self.assertEqual(lake.totals(), wanted)

    def test_errors_say_what_to_do(self):
        lake = self.lake()
        self.server.drop_table(self.table)
        failed = lake.run("--output", "json", job="copy").json()["error"]
        self.assertEqual(failed["kind"], "NotFound")
        self.assertIn(self.table, failed["message"])
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del lake.environment[name]
        lake.environment["AWS_SHARED_CREDENTIALS_FILE"] = lake.environment["AWS_CONFIG_FILE"] = "/nowhere"
        failed = lake.run("--output", "json", job="copy").json()["error"]
        self.assertEqual(failed["kind"], "Permission")
        self.assertIn("AWS_ACCESS_KEY_ID", failed["message"] + failed["hint"])
        lake.environment.update(self.server.environment(), AWS_ENDPOINT_URL_DYNAMODB="nonsense")
        failed = lake.run("--output", "json", job="copy").json()["error"]
        self.assertEqual(failed["kind"], "InvalidArgument")
        self.assertIn("nonsense", failed["message"])

    def test_a_bookmark_is_refused(self):
        lake = self.lake()
        failed = lake.run("--bookmark", "enable", "--output", "json", job="copy").json()["error"]
        self.assertIn("a bookmark remembers files", failed["message"])


if __name__ == "__main__":
    unittest.main()
