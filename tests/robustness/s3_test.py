#!/usr/bin/env python3
"""A lake in a bucket: killed runs, two at once, keys and endpoints that are wrong. S3_SERVER names the folder of a server that scripts/servers started."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

from lake import COMPACTED_DAY, GENERATE, LANDING_DAY, LONG, PROJECT, TIME_LIMIT_S, Lake

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from s3_bucket import Bucket  # noqa: E402

KILLS = 40 if LONG else 10
BUCKET = "firn-robustness"


class BucketLake(Lake):
    """The project in a folder, its lake in a bucket."""

    def __init__(self, folder, bucket, **changes):
        self.bucket, self.prefix = bucket, f"{uuid.uuid4().hex[:12]}/lake"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | bucket.environment()
        super().__init__(folder, PROJECT | {"lake": f"s3://{bucket.name}/{self.prefix}"} | changes)
        self.state = self.folder / ".firn" / bucket.name / self.prefix

    def land(self, files, rows, *options):
        """Files of the day, in a folder first: their names, and what is in them."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([GENERATE, "--out", folder, "--date", "2025-11-03", "--files", str(files), "--rows", str(rows), *options], check=True,
                           capture_output=True, timeout=TIME_LIMIT_S)
            return [(path.name, path.read_bytes()) for path in sorted(pathlib.Path(folder).rglob("*.parquet"))]

    def put(self, name, body):
        self.bucket.put(f"{self.prefix}/{LANDING_DAY}/{name}", body)

    def names(self, folder=COMPACTED_DAY):
        start = f"{self.prefix}/{folder}/"
        return [key.removeprefix(start) for key in self.bucket.keys(start)]

    def start(self, *words, **options):
        return super().start(*words, env=self.environment, **options)

    def firn(self, *words, **options):
        return self.finish(self.start(*words, **options), *words)

    def count(self, table):
        sql = f"SELECT count(*) AS rows, count(DISTINCT chargeback_id) AS keys FROM {table}"
        done = self.must("query", sql, "--output", "json")
        return done.json()[0]


class BucketTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="firn-s3-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bucket = Bucket(os.environ["S3_SERVER"], BUCKET)

    def lake(self, **changes):
        return BucketLake(self.folder / uuid.uuid4().hex[:8], self.bucket, **changes)

    def assert_whole(self, lake):
        """Table, folder, staging and scratch are those of a run that ended well."""
        self.assertEqual(lake.must("doctor").code, 0)
        wanted = lake.count("landing")["keys"]
        self.assertEqual(lake.count("compacted"), {"rows": wanted, "keys": wanted})
        self.assertEqual(len(lake.names()), 1)
        self.assertEqual(lake.names(".firn"), [])
        self.assertEqual(list((lake.state / "scratch").iterdir()), [])


class Kills(BucketTest):
    def test_after_a_kill_at_any_moment_the_next_run_makes_it_whole(self):
        lake = self.lake()
        files = lake.land(KILLS + 4, 20, "--duplicates", "0.3")
        for name, body in files[:2]:
            lake.put(name, body)
        lake.must("crawl", "landing-crawler")
        started = time.monotonic()
        lake.must("run", "compact")
        length = time.monotonic() - started
        self.assert_whole(lake)
        killed = 0
        for number, (name, body) in enumerate(files[2:2 + KILLS]):
            lake.put(name, body)
            process = lake.start("run", "compact")
            time.sleep(length * (number + 1) / KILLS)
            killed += process.poll() is None
            process.kill()
            process.communicate()
            lake.must("crawl", "landing-crawler")
            lake.must("run", "compact")
            with self.subTest(moment=number):
                self.assert_whole(lake)
        self.assertGreater(killed, KILLS // 3)
        runs = lake.must("runs", "--output", "json", "--limit", "1000").json()
        self.assertEqual({run["state"] for run in runs} - {"SUCCEEDED", "FAILED"}, set())


class Writers(BucketTest):
    def test_two_at_once_are_one_after_the_other_or_refused(self):
        lake = self.lake()
        for name, body in lake.land(20, 200):
            lake.put(name, body)
        lake.must("crawl", "landing-crawler")
        processes = [lake.start("run", "compact", "--wait", wait) for wait in ("60", "60", "0")]
        done = [lake.finish(process, "run", "compact") for process in processes]
        for one in done:
            self.assertTrue(one.code == 0 or "is being written by run" in one.output, str(one))
        self.assertEqual([one.code for one in done[:2]], [0, 0], "".join(map(str, done)))
        self.assert_whole(lake)


class WrongSettings(BucketTest):
    def problem(self, lake):
        """What doctor says of an environment that became wrong after `apply`."""
        started = time.monotonic()
        done = lake.firn("doctor", "--output", "json")
        self.assertLess(time.monotonic() - started, 10, str(done))
        self.assertEqual(done.code, 1, str(done))
        checks = {check["check"]: check for check in done.json()["checks"] if check["state"] == "problem"}
        self.assertEqual(set(checks), {"bucket"}, str(done))
        return checks["bucket"]["finding"] + " | " + checks["bucket"]["advice"]

    def test_a_wrong_secret(self):
        lake = self.lake()
        lake.must("apply")
        lake.environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
        self.assertRegex(self.problem(lake), "(?i)signature|secret|denied")

    def test_no_keys(self):
        lake = self.lake()
        lake.must("apply")
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
            del lake.environment[name]
        lake.environment["AWS_SHARED_CREDENTIALS_FILE"] = lake.environment["AWS_CONFIG_FILE"] = "/nonexistent"
        done = lake.firn("tables")
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("AWS_ACCESS_KEY_ID", done.stderr)

    def test_a_bucket_that_is_not_there(self):
        lake = self.lake(lake="s3://firn-no-such-bucket/x")
        lake.must("apply")
        self.assertIn("firn-no-such-bucket", self.problem(lake))
        done = lake.firn("crawl", "landing-crawler")
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("firn-no-such-bucket", done.stderr)

    def test_an_endpoint_where_nobody_listens(self):
        lake = self.lake()
        lake.must("apply")
        lake.environment["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1"
        self.assertIn("127.0.0.1:1", self.problem(lake))

    def test_the_environment_comes_before_the_file_and_the_file_is_enough(self):
        lake = self.lake(s3={"endpoint": self.bucket.endpoint, "region": "us-east-1", "profile": "tests", "path_style": True})
        keys = lake.environment
        credentials = lake.folder / "credentials"
        credentials.write_text(f"[tests]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n")
        lake.environment = {name: value for name, value in keys.items() if not name.startswith("AWS_")}
        lake.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials)
        lake.must("apply")
        lake.must("doctor")
        lake.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
        self.assertIn("127.0.0.1:1", self.problem(lake))


if __name__ == "__main__":
    unittest.main()
