#!/usr/bin/env python3
"""Text into Parquet, types told by all records: firn beside DuckDB and Polars, on the same file, taking turns.

A million nested records of JSON, one a line, in one file; and as many flat ones of CSV. Wall time is the whole process's for firn
(catalog, commit and sync included), and the work's alone for the peers.
"""
import argparse
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from measure import Failed, measured, median_ratio, medians  # noqa: E402
from report import finish, new_report, show, take_turns, target  # noqa: E402


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = ROOT / "build" / "bench-data" / f"json-{options.rows}"

    def peer(self, *arguments, **environment):
        return measured([sys.executable, "-B", HERE / "peers.py", *arguments], **environment)

    def prepare(self):
        if not (self.folder / "made").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self.peer("make", self.folder, self.options.rows)
            (self.folder / "made").touch()
        shutil.copy(HERE / "firn.yaml", self.folder / "firn.yaml")
        shutil.rmtree(self.folder / "lake" / ".firn", ignore_errors=True)

    def source(self, kind):
        return self.folder / "lake" / "landing" / kind / f"readings.{kind}"

    def run_firn(self, kind):
        return measured([self.options.firn, "-C", self.folder, "--threads", self.options.threads, "run", kind, "--output", "json"])

    def run_peer(self, name, kind):
        return self.peer(name, kind, self.source(kind), self.folder / f"{name}.parquet", self.options.threads)

    def digest(self, kind, files):
        return self.peer("digest", kind, files).printed

    def compare(self, kind):
        self.run_firn(kind)
        digests = {"firn": self.digest(kind, self.folder / "lake" / f"{kind}_parquet" / "*.parquet")}
        for name in ("duckdb", "polars"):
            self.run_peer(name, kind)
            digests[name] = self.digest(kind, self.folder / f"{name}.parquet")
        if len({str(one) for one in digests.values()}) != 1:
            raise Failed(f"the results differ: {digests}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--kinds", default="json,csv")
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build/release/firn")
    parser.add_argument("--no-history", action="store_true", help="leave bench/history.jsonl alone")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    report = new_report("json", rows=options.rows, rounds=options.rounds, threads=options.threads)
    bench = Bench(options)
    try:
        bench.prepare()
        for kind in options.kinds.split(","):
            print(f"{kind}, {bench.source(kind).stat().st_size / 1e6:,.0f} MB")
            bench.compare(kind)
            costs = take_turns({"firn": lambda: bench.run_firn(kind), "duckdb": lambda: bench.run_peer("duckdb", kind),
                                "polars": lambda: bench.run_peer("polars", kind)}, options.rounds)
            show(costs)
            report[kind] = {name: medians(runs) for name, runs in costs.items()}
            target(report, f"DuckDB's wall time / firn's, {kind} to Parquet", median_ratio(costs["duckdb"], costs["firn"], "wall_s"), 1, True)
            for name in ("duckdb", "polars"):
                print(f"  {name}: wall {median_ratio(costs[name], costs['firn'], 'wall_s'):g}, CPU {median_ratio(costs[name], costs['firn'], 'cpu_s'):g} times firn's")
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    sys.exit(finish(report, options.no_history, options.strict))


if __name__ == "__main__":
    main()
