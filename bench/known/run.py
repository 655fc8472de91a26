#!/usr/bin/env python3
"""Ten new files among a million known ones: an incremental run, and one for a single object, beside a listing of all of them. And a
merge of three rows into three of a thousand partitions.

The files are links to a few, spread over 1,000 partitions, and count as read (`bookmark set`). Each round puts ten new ones into one
partition and runs the job. `find`, which asks for every file's size and time as the run has to, is what the run is held against.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from measure import Failed, measured, median_ratio, medians  # noqa: E402
from report import finish, new_report, show, take_turns, target  # noqa: E402

LINKS = 50_000  # of one file: fewer than file systems allow
NEW = 10
ROWS = 2_000  # of each partition of `days`
TOUCHED = (1, 500, 998)


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = ROOT / "build" / "bench-data" / f"known-{options.known}"
        self.lake = self.folder / "lake"
        self.landing = self.lake / "landing"
        self.day = f"day={options.partitions // 2:04}"

    def firn(self, *arguments):
        return measured([self.options.firn, "-C", self.folder, "--threads", self.options.threads, *arguments, "--output", "json"])

    def source(self, number):
        path = self.folder / f"source-{number}.parquet"
        pq.write_table(pa.table({"id": [number, number + 1], "text": ["a", "b"]}), path)
        return path

    def prepare(self):
        """Makes the files once. The catalog is made anew, so that it is this firn's."""
        if not (self.folder / "made").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.landing.mkdir(parents=True)
            each = self.options.known // self.options.partitions
            for day in range(self.options.partitions):
                partition = self.landing / f"day={day:04}"
                partition.mkdir()
                for file in range(each):
                    number = day * each + file
                    if number % LINKS == 0:
                        source = self.source(number // LINKS)
                    os.link(source, partition / f"known-{file:06}.parquet")
            self.make_days()
            (self.folder / "made").touch()
        shutil.copy(HERE / "firn.yaml", self.folder / "firn.yaml")
        self.clear()
        shutil.rmtree(self.lake / ".firn", ignore_errors=True)
        self.firn("apply")
        self.firn("crawl", "landing-crawler")
        self.firn("crawl", "days-crawler")
        self.firn("bookmark", "set", "collect")
        shutil.rmtree(self.folder / "catalog", ignore_errors=True)
        shutil.copytree(self.lake / ".firn", self.folder / "catalog")

    def make_days(self):
        (self.lake / "arrivals").mkdir()
        days = [f"{day:04}" for day in TOUCHED]
        pq.write_table(pa.table({"id": [1] * len(days), "version": [2] * len(days), "day": days}), self.lake / "arrivals" / "a.parquet")
        table = pa.table({"id": list(range(ROWS)), "version": [1] * ROWS, "text": [f"text {row}" for row in range(ROWS)]})
        for day in range(self.options.partitions):
            folder = self.folder / "days" / f"day={day:04}"
            folder.mkdir(parents=True)
            pq.write_table(table, folder / "day.parquet")

    def clear(self):
        shutil.rmtree(self.lake / "collected", ignore_errors=True)
        for day in TOUCHED if (self.lake / "days").exists() else range(self.options.partitions):
            name = f"day={day:04}"
            shutil.rmtree(self.lake / "days" / name, ignore_errors=True)
            shutil.copytree(self.folder / "days" / name, self.lake / "days" / name)
        for path in (self.landing / self.day).glob("new-*"):
            path.unlink()

    def arrive(self):
        self.clear()
        shutil.rmtree(self.lake / ".firn")
        shutil.copytree(self.folder / "catalog", self.lake / ".firn")
        for file in range(NEW):
            pq.write_table(pa.table({"id": [file], "text": ["new"]}), self.landing / self.day / f"new-{file}.parquet")
        subprocess.run(["sync"], check=True)  # the rounds before are not this one's to write

    def run(self, *options):
        self.arrive()
        cost = self.firn("run", "collect", *options)
        wanted = 1 if options else NEW
        if cost.printed["input_files"] != wanted or cost.printed["records_written"] != wanted:
            raise Failed(f"the run took {cost.printed['input_files']} files instead of {wanted}")
        return cost

    def merge(self):
        self.arrive()
        cost = self.firn("run", "merge")
        if cost.printed["records_written"] != len(TOUCHED) * ROWS or cost.printed["output_files"] != len(TOUCHED):
            raise Failed(f"the merge wrote {cost.printed['records_written']} records")
        return cost

    def find(self):
        self.arrive()
        return measured(["sh", "-c", f"find '{self.landing}' -type f -printf '%s %T@\\n' | wc -l"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build/release/firn")
    parser.add_argument("--no-history", action="store_true", help="leave bench/history.jsonl alone")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    report = new_report("known", known=options.known, partitions=options.partitions, rounds=options.rounds, threads=options.threads)
    bench = Bench(options)
    try:
        bench.prepare()
        costs = take_turns({"firn, all partitions": bench.run, "find": bench.find,
                            "firn, one object": lambda: bench.run("--object", f"landing/{bench.day}/new-0.parquet"),
                            "firn, a merge": bench.merge}, options.rounds)
        show(costs)
        report |= {name: medians(runs) for name, runs in costs.items()}
        target(report, "firn's wall time / find's", median_ratio(costs["firn, all partitions"], costs["find"], "wall_s"), 2, False)
        target(report, "seconds for one object", report["firn, one object"]["wall_s"], 0.2, False)
        read = costs["firn, a merge"][0].printed["bytes_read"]
        whole = sum(path.stat().st_size for path in (bench.folder / "days").rglob("*.parquet"))
        target(report, f"bytes read by a merge into {len(TOUCHED)} of {options.partitions:,} partitions / those of the table", round(read / whole, 6), 0.005, False)
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    sys.exit(finish(report, options.no_history, options.strict))


if __name__ == "__main__":
    main()
