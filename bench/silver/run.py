#!/usr/bin/env python3
"""New readings merged into daily partitions: firn beside DuckDB doing the same by hand, on the same files, taking turns.

A million nested readings are flattened, cleaned and enriched, joined with what three of thirty days hold, and the one with the
highest mileage of each car and day stays. Wall time is the whole process's for firn, and the work's alone for DuckDB.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from measure import Failed, measured, median_ratio, medians  # noqa: E402
from report import finish, new_report, show, take_turns, target  # noqa: E402

DAYS = 30


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = ROOT / "build" / "bench-data" / f"silver-{options.new}-{options.existing}"
        self.lake = self.folder / "lake"
        self.out = self.folder / "peer"

    def peer(self, *arguments):
        return measured([sys.executable, "-B", HERE / "peers.py", *arguments])

    def prepare(self):
        """Makes the data once. firn works on links to it, which it never changes in place."""
        if not (self.folder / "made").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            for zone in ("bronze", "silver"):
                (self.folder / zone).mkdir(parents=True)
            self.peer("make", self.folder, self.options.new, self.options.existing, DAYS)
            (self.folder / "made").touch()
        shutil.copy(HERE / "firn.yaml", self.folder / "firn.yaml")

    def firn(self, *arguments):
        return measured([self.options.firn, "-C", self.folder, "--threads", self.options.threads, *arguments, "--output", "json"])

    def run_firn(self, *options):
        shutil.rmtree(self.lake, ignore_errors=True)
        self.lake.mkdir()
        for zone in ("bronze", "silver"):
            subprocess.run(["cp", "-al", self.folder / zone, self.lake / zone], check=True)
        self.firn("apply")
        self.firn("crawl", "silver-crawler")
        return self.firn("run", "silver-consolidation", *options)

    def run_duckdb(self, query):
        shutil.rmtree(self.out, ignore_errors=True)
        return self.peer(query, self.folder, self.out, self.options.threads, 18)

    def digest(self, folder):
        return self.peer("digest", folder, DAYS).printed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--new", type=int, default=1_000_000)
    parser.add_argument("--existing", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build/release/firn")
    parser.add_argument("--no-history", action="store_true", help="leave bench/history.jsonl alone")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    report = new_report("silver", new=options.new, existing=options.existing, rounds=options.rounds, threads=options.threads)
    bench = Bench(options)
    try:
        bench.prepare()
        times, digests = {}, {}
        for query in ("window", "arg_max"):
            times[query] = bench.run_duckdb(query).wall_s
            digests[query] = bench.digest(bench.out)
        bench.run_firn()
        digests["firn"] = bench.digest(bench.lake / "silver")
        if len({str(digest) for digest in digests.values()}) != 1:
            raise Failed(f"the results differ: {digests}")
        best = min(times, key=times.get)
        print("DuckDB's queries, once each: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))
        costs = take_turns({"firn": bench.run_firn, "duckdb": lambda: bench.run_duckdb(best)}, options.rounds)
        show(costs)
        report |= {name: medians(runs) for name, runs in costs.items()}
        target(report, "DuckDB's wall time / firn's, merge into silver", median_ratio(costs["duckdb"], costs["firn"], "wall_s"), 3, True)
        print(f"  DuckDB's CPU time / firn's: {median_ratio(costs['duckdb'], costs['firn'], 'cpu_s'):g}")
        small = bench.run_firn("--memory", "1GB")
        if bench.digest(bench.lake / "silver") != digests["firn"]:
            raise Failed("with --memory 1GB the result differs")
        report["memory_1gb"] = medians([small])
        target(report, "peak memory with --memory 1GB, MB", small.peak_mb, 1000, False)
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    sys.exit(finish(report, options.no_history, options.strict))


if __name__ == "__main__":
    main()
