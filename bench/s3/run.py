#!/usr/bin/env python3
"""Consolidating many small objects of a bucket, 5 ms away: firn on S3 beside firn on a folder and beside bare parallel GETs.

The server is the Versity gateway of scripts/servers; a proxy between holds every request back and counts it. Bare GETs go through
Arrow's S3 file system in threads. All take turns, on the same objects.
"""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(ROOT / "tests")]
from measure import Failed, measured, medians  # noqa: E402
from report import finish, new_report, show, take_turns, target  # noqa: E402
from s3_bucket import ACCESS_KEY, SECRET_KEY, Bucket  # noqa: E402

class Proxy:
    def __init__(self, program, endpoint, delay_ms):
        self.process = subprocess.Popen([program, endpoint.rsplit(":", 1)[1], str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{self.process.stdout.readline().strip()}"

    def requests(self):
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = ROOT / "build" / "bench-data" / f"s3-{options.files}"
        self.server = self.folder / "server"

    def prepare(self):
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        local = self.folder / "local"
        if not (self.folder / "made").exists():
            shutil.rmtree(local, ignore_errors=True)
            subprocess.run([self.options.generate, "--out", local / "made", "--date", "2025-11-03", "--files", str(self.options.files), "--rows", "500"], check=True,
                           stdout=subprocess.DEVNULL)
            objects = sorted((local / "made" / "landing").rglob("*.parquet"))
            (local / "lake" / "landing").mkdir(parents=True)
            for path in objects:
                path.rename(local / "lake" / "landing" / path.name)
            (self.folder / "made").touch()
        self.project(local, "./lake")
        subprocess.run([ROOT / "scripts/servers/versitygw.sh", "start", self.server], check=True)
        self.bucket = Bucket(self.server, "bench")
        for path in sorted((local / "lake" / "landing").iterdir()):
            self.bucket.put(f"landing/{path.name}", path.read_bytes())
        self.project(self.folder / "s3", "s3://bench")

    def build_gets(self):
        """Arrow's S3 file system comes with the peers' pyarrow; firn itself is not linked to it."""
        import pyarrow
        libraries, here = pathlib.Path(pyarrow.__file__).parent, self.folder / "bare_gets"
        names = [max(path.name for path in libraries.glob(f"{name}.so.*")) for name in ("libarrow_s3", "libarrow")]
        subprocess.run(["g++-12", "-O2", "-std=c++20", "-I", pyarrow.get_include(), HERE / "bare_gets.cc", "-o", here, f"-L{libraries}",
                        *(f"-l:{name}" for name in names), f"-Wl,-rpath,{libraries}"], check=True)

    def project(self, folder, lake):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "firn.yaml").write_text((HERE / "firn.yaml").read_text().replace("LAKE", lake))

    def run(self, where, environment):
        os.environ.update(environment)
        cost = measured([self.options.firn, "-C", self.folder / where, "--threads", self.options.threads, "run", "consolidate", "--output", "json"])
        return cost

    def run_local(self):
        return self.run("local", {})

    def run_s3(self):
        cost = self.run("s3", {**self.bucket.environment(), "AWS_ENDPOINT_URL_S3": "http://" + self.proxy.address})
        self.counted = self.proxy.requests()
        return cost

    def run_gets(self):
        cost = measured([self.folder / "bare_gets", self.proxy.address, "bench/landing", self.options.get_threads, ACCESS_KEY, SECRET_KEY])
        if cost.printed["objects"] != self.options.files:
            raise Failed(f"the bare GETs found {cost.printed['objects']} objects")
        self.proxy.requests()
        return cost

    def close(self):
        if hasattr(self, "proxy"):
            self.proxy.close()
        subprocess.run([ROOT / "scripts/servers/versitygw.sh", "stop", self.server], check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--delay", type=float, default=5, help="milliseconds that each request is held back")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--get-threads", type=int, default=32)
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build/release/firn")
    parser.add_argument("--generate", type=pathlib.Path, default=ROOT / "build/release/examples/chargebacks/chargebacks_generate")
    parser.add_argument("--proxy", type=pathlib.Path, default=ROOT / "build/release/bench/firn_latency_proxy")
    parser.add_argument("--no-history", action="store_true", help="leave bench/history.jsonl alone")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    report = new_report("s3", files=options.files, delay_ms=options.delay, rounds=options.rounds, threads=options.threads)
    bench = Bench(options)
    try:
        bench.prepare()
        bench.build_gets()
        bench.proxy = Proxy(options.proxy, (bench.server / "endpoint").read_text().strip(), options.delay)
        bench.run_s3()
        rows = [bench.run(where, {}).printed["records_written"] for where in ("local",)]
        costs = take_turns({"folder": bench.run_local, "bare GETs": bench.run_gets, "s3": bench.run_s3}, options.rounds)
        show(costs)
        if len({cost.printed["records_written"] for cost in costs["s3"] + costs["folder"]} | set(rows)) != 1:
            raise Failed("the results differ")
        report |= {name.replace(" ", "_"): medians(runs) for name, runs in costs.items()}
        report["requests"] = bench.counted
        ratios = sorted(s3.wall_s / (folder.wall_s + gets.wall_s) for s3, folder, gets in zip(costs["s3"], costs["folder"], costs["bare GETs"]))
        target(report, "wall time on S3 / (on a folder + bare GETs)", round(ratios[len(ratios) // 2], 3), 1.2, False)
        target(report, "requests / objects", round((bench.counted - 50) / options.files, 4), 1.05, False)
        print(f"  {bench.counted} requests for {options.files} objects")
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    finally:
        bench.close()
    sys.exit(finish(report, options.no_history, options.strict))


if __name__ == "__main__":
    main()
