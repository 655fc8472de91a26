#!/usr/bin/env python3
"""Consolidation of a day of small files: firn beside DuckDB and Polars, on the same files, in the same run, taking turns.

Sections: dedupe (to one Snappy Parquet file, DuckDB the same, Polars a plain copy), csv, threads (same bytes from 1, 2 and 8),
idle (a run with nothing to do), crawl (of all files, and of none), scale (ten times the files).
Wall time is the whole process's for firn, and the work's alone for the peers. Medians; ratios are of runs that stood side by side.
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from measure import Failed, measured, median_ratio, medians  # noqa: E402
from report import finish, new_report, show, take_turns, target  # noqa: E402

DATE = "2025-11-03"
PARTITION = "year=2025/month=11/day=03"
SECTIONS = ("dedupe", "csv", "threads", "idle", "crawl", "scale")


class Bench:
    def __init__(self, options, files):
        self.options, self.files = options, files
        self.folder = ROOT / "build" / "bench-data" / f"{files}x{options.rows}"
        self.lake = self.folder / "lake"
        self.landing = self.lake / "landing" / "chargebacks" / "2025" / "11" / "03"
        self.out = self.folder / "peers"

    def prepare(self):
        """Generates the day once, and reads it once so that every contender finds it in the page cache."""
        wanted = {"files": self.files, "rows": self.options.rows, "duplicates": 0.2, "seed": 7,
                  "generator": hashlib.sha256(self.options.generate.read_bytes()).hexdigest()}
        stamp = self.folder / "made.json"
        made = json.loads(stamp.read_text()) if stamp.exists() else {}
        if made.get("wanted") != wanted:
            shutil.rmtree(self.folder, ignore_errors=True)
            told = measured([self.options.generate, "--out", self.lake, "--date", DATE, "--files", self.files, "--rows", self.options.rows,
                             "--duplicates", 0.2, "--seed", 7, "--json"]).printed
            made = {"wanted": wanted, "distinct": told["day_distinct"], "bytes": told["bytes"]}
            stamp.write_text(json.dumps(made))
        self.distinct = made["distinct"]
        self.out.mkdir(exist_ok=True)
        shutil.copy(HERE / "firn.yaml", self.folder / "firn.yaml")
        for path in self.landing.iterdir():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha1")
        print(f"data: {self.files:,} files, {self.files * self.options.rows:,} rows, {self.distinct:,} distinct, {made['bytes'] / 1e6:,.0f} MB", flush=True)

    def firn(self, *arguments, threads=None):
        return measured([self.options.firn, "-C", self.folder, "--threads", threads or self.options.threads, *arguments, "--output", "json"])

    def fresh_catalog(self):
        for name in (".firn", "consolidated"):
            shutil.rmtree(self.lake / name, ignore_errors=True)
        self.firn("apply")
        return self.firn("crawl", "landing-crawler")

    def run_firn(self, output_format="parquet", threads=None):
        cost = self.firn("run", "consolidate", "--arg", f"PARTITION_DATE={DATE}", "--arg", f"OUTPUT_FORMAT={output_format}", threads=threads)
        if cost.printed["records_written"] != self.distinct:
            raise Failed(f"firn wrote {cost.printed['records_written']} records, {self.distinct} are distinct")
        return cost

    def run_peer(self, name):
        output = self.out / f"{name}.out"
        output.unlink(missing_ok=True)
        return measured([sys.executable, "-B", HERE / "peers.py", name, f"{self.landing}/*.parquet", output, self.options.threads, self.out])

    def output_digest(self):
        digest = hashlib.sha256()
        for path in sorted((self.lake / "consolidated" / "chargebacks" / PARTITION).iterdir()):
            with path.open("rb") as file:  # not whole: what this process holds would count in its children's peaks
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def check_rows(bench, name):
    """In a process of its own: what this process holds in memory would count in its children's peaks."""
    output_format = name.rsplit("-", 1)[1]
    counted = measured([sys.executable, "-B", HERE / "peers.py", f"count-{output_format}", bench.out / f"{name}.out", "-", 1, bench.out])
    if counted.printed["rows"] != bench.distinct:
        raise Failed(f"{name} wrote {counted.printed['rows']} rows, {bench.distinct} are distinct")


def against_duckdb(bench, output_format, more=()):
    """Takes DuckDB's faster query of the two, so that firn is compared with DuckDB at its best."""
    names = [f"duckdb-{query}-{output_format}" for query in ("window", "arg_max")]
    times = {}
    for name in names:
        times[name] = bench.run_peer(name).wall_s
        check_rows(bench, name)
    duckdb_name = min(times, key=times.get)
    print("  DuckDB's queries, once each: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))
    contenders = {"firn": lambda: bench.run_firn(output_format), "duckdb": lambda: bench.run_peer(duckdb_name)}
    contenders |= {name: (lambda name=name: bench.run_peer(name)) for name in more}
    costs = take_turns(contenders, bench.options.rounds)
    show(costs)
    return costs


def dedupe(bench, report):
    costs = against_duckdb(bench, "parquet", ["polars-copy"])
    report["dedupe"] = {name: medians(runs) for name, runs in costs.items()}
    target(report, "DuckDB's wall time / firn's", median_ratio(costs["duckdb"], costs["firn"], "wall_s"), 3, True)
    target(report, "Polars's plain copy's wall time / firn's", median_ratio(costs["polars-copy"], costs["firn"], "wall_s"), 1, True)
    target(report, "firn's peak memory / DuckDB's", median_ratio(costs["firn"], costs["duckdb"], "peak_mb"), 0.333, False)
    print(f"  DuckDB's CPU time / firn's: {median_ratio(costs['duckdb'], costs['firn'], 'cpu_s'):g}")


def csv(bench, report):
    costs = against_duckdb(bench, "csv")
    report["csv"] = {name: medians(runs) for name, runs in costs.items()}
    target(report, "DuckDB's wall time / firn's, CSV", median_ratio(costs["duckdb"], costs["firn"], "wall_s"), 2, True)


def threads(bench, report):
    for output_format in ("parquet", "csv"):
        digests = {}
        for count in (1, 2, 8):
            cost = bench.run_firn(output_format, threads=count)
            digests[count] = bench.output_digest()
            print(f"  {output_format}, {count} threads: {cost.wall_s:.2f} s, {cost.cpu_s:.2f} s CPU, {digests[count][:16]}")
        target(report, f"different outputs from 1, 2 and 8 threads, {output_format}", len(set(digests.values())), 1, False)


def idle(bench, report):
    arguments = ("run", "consolidate-incremental", "--arg", f"PARTITION_DATE={DATE}")
    bench.firn(*arguments)
    costs = [bench.firn(*arguments) for _ in range(max(11, bench.options.rounds))]
    if any(cost.printed["records_read"] for cost in costs):
        raise Failed("a run that had nothing to do read records")
    report["idle"] = medians(costs)
    target(report, "a run with nothing to do, ms", round(1000 * report["idle"]["wall_s"], 1), 50, False)


def crawl(bench, report):
    every = [bench.fresh_catalog() for _ in range(bench.options.rounds)]
    nothing = [bench.firn("crawl", "landing-crawler") for _ in range(bench.options.rounds)]
    report["crawl"] = {"all": medians(every), "nothing": medians(nothing)}
    show({"all new": every, "nothing new": nothing})
    target(report, f"crawl of {bench.files:,} new files, s", report["crawl"]["all"]["wall_s"], 2 * max(1, bench.files / 10_000), False)


def scale(bench, report):
    tenfold = Bench(bench.options, 10 * bench.files)
    tenfold.prepare()
    tenfold.fresh_catalog()
    small, large = [], []
    for _ in range(min(3, bench.options.rounds)):
        small.append(bench.run_firn())
        large.append(tenfold.run_firn())
    show({f"{bench.files:,} files": small, f"{tenfold.files:,} files": large})
    report["scale"] = medians(large)
    target(report, "time for ten times the files / time", median_ratio(large, small, "wall_s"), 10.5, False)
    target(report, f"peak memory with {tenfold.files:,} files, MB", report["scale"]["peak_mb"], 2500, False)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=500, help="rows of each file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--sections", default="dedupe,csv,threads,idle,crawl", help=f"of {','.join(SECTIONS)}; or all")
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build/release/firn")
    parser.add_argument("--generate", type=pathlib.Path, default=ROOT / "build/release/examples/chargebacks/chargebacks_generate")
    parser.add_argument("--no-history", action="store_true", help="leave bench/history.jsonl alone")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    options = parser.parse_args()
    options.sections = list(SECTIONS) if options.sections == "all" else options.sections.split(",")
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"unknown section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    for binary in (options.firn, options.generate):
        if not binary.is_file():
            parser.error(f"{binary} is missing: run `make build` first")
    return options


def main():
    options = parse_options()
    report = new_report("consolidate", files=options.files, rows=options.rows, rounds=options.rounds, threads=options.threads)
    bench = Bench(options, options.files)
    try:
        bench.prepare()
        bench.fresh_catalog()
        for name in options.sections:
            print(f"{name}:", flush=True)
            globals()[name](bench, report)
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    sys.exit(finish(report, options.no_history, options.strict))


if __name__ == "__main__":
    main()
