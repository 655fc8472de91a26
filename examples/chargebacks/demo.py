"""Runs firn on the chargeback example and prints what happened. Called by demo.sh; the Python standard library only."""
import argparse
import json
import pathlib
import subprocess
import sys
import time

FULL_DAY = "2025-11-03"
SECOND_DAY = "2025-11-04"
QUESTION = """SELECT network, count(*) AS chargebacks, sum(amount) AS amount
FROM {table}
WHERE year = '2025' AND month = '11' AND day = '03' AND status IN ('OPENED', 'UNDER_REVIEW')
GROUP BY network ORDER BY network"""


class Demo:
    def __init__(self, options):
        self.options = options
        self.lake = pathlib.Path(options.work) / "lake"

    def call(self, command):
        """Runs a command that prints JSON. Returns what it printed and the seconds it took."""
        start = time.monotonic()
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
        seconds = time.monotonic() - start
        if done.returncode != 0:
            sys.exit(f"demo: {' '.join(map(str, command))} ended with exit code {done.returncode}\n{done.stdout}")
        return (json.loads(done.stdout) if done.stdout.strip() else None), seconds

    def firn(self, *arguments):
        return self.call([self.options.firn, "-C", self.options.work, *arguments, "--output", "json"])

    def query(self, sql):
        return self.firn("query", sql)

    def generate(self, date, files, window="1/1"):
        return self.call([self.options.generate, "--out", self.lake, "--date", date, "--files", files, "--window", window, "--json"])


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def table(rows, header):
    """Aligned columns: text to the left, numbers to the right."""
    cells = [header] + [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    numeric = [all(not isinstance(row[i], str) for row in rows) for i in range(len(header))]
    for index, line in enumerate(cells):
        print("  " + "  ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(line, widths, numeric)).rstrip())
        if index == 0:
            print("  " + "  ".join("-" * w for w in widths))


def number(value):
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def folder_size(folder):
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def count(demo, name, day):
    sql = (f"SELECT count(*) AS records, count(DISTINCT chargeback_id) AS chargebacks FROM {name} "
           f"WHERE year = '{day[:4]}' AND month = '{day[5:7]}' AND day = '{day[8:]}'")
    return demo.query(sql)[0][0]


def whole_day(demo):
    heading(f"1. A whole day at once: {FULL_DAY}")
    made, _ = demo.generate(FULL_DAY, demo.options.files)
    print(f"  generated  {made['files']:,} files, {made['rows']:,} records, {made['bytes'] / 1e6:,.0f} MB in {made['seconds']:.1f} s")
    demo.firn("apply")
    _, crawl_seconds = demo.firn("crawl", "chargebacks-landing-crawler")
    print(f"  crawled    {made['files']:,} new files in {crawl_seconds:.2f} s")
    run, run_seconds = demo.firn("run", "chargebacks-consolidation", "--arg", f"PARTITION_DATE={FULL_DAY}")
    print(f"  run        {run['run_id']} {run['state']} in {run_seconds:.2f} s, peak memory {run['peak_memory_bytes'] / 1e6:,.0f} MB\n")
    before = count(demo, "landing_chargebacks", FULL_DAY)
    after = count(demo, "chargebacks_consolidated", FULL_DAY)
    landing = folder_size(demo.lake / "landing" / "chargebacks")
    table([["before (landing)", *landing, before["records"], before["records"] - before["chargebacks"], crawl_seconds],
           ["after (consolidated)", run["output_files"], run["bytes_written"], after["records"],
            after["records"] - after["chargebacks"], run_seconds]],
          ["", "files", "bytes", "records", "duplicates", "seconds"])
    print(f"\n  {run['duplicates_removed']:,} duplicates removed; {run['ties']:,} of them were exact ties, decided by path and row number")


def one_question(demo):
    heading("2. The same question to both tables")
    print("  " + QUESTION.format(table="...").replace("\n", "\n  ") + "\n")
    answers = {name: demo.query(QUESTION.format(table=name)) for name in ("landing_chargebacks", "chargebacks_consolidated")}
    (landing, slow), (consolidated, fast) = answers.values()
    table([[a["network"], a["chargebacks"], a["amount"], b["chargebacks"], b["amount"]] if isinstance(a["amount"], (int, float)) else
           [a["network"], a["chargebacks"], float(a["amount"]), b["chargebacks"], float(b["amount"])]
           for a, b in zip(landing, consolidated)],
          ["network", "landing", "amount (some twice)", "consolidated", "amount"])
    print(f"\n  landing {slow:.2f} s, consolidated {fast:.2f} s: {slow / fast:.1f} times as fast, and without the duplicates")


def four_executions(demo):
    files = max(4, demo.options.files // 4)
    heading(f"3. Four executions as a day arrives: {SECOND_DAY}, {files:,} files")
    rows = []
    for execution in range(1, 5):
        made, _ = demo.generate(SECOND_DAY, files, f"{execution}/4")
        demo.firn("crawl", "chargebacks-landing-crawler")
        run, seconds = demo.firn("run", "chargebacks-consolidation-incremental", "--arg", f"PARTITION_DATE={SECOND_DAY}")
        rows.append([f"{execution} of 4", made["files"], run["input_files"], run["records_read"], run["duplicates_removed"],
                     run["records_written"], seconds])
    table(rows, ["execution", "new files", "files read", "records read", "duplicates", "records written", "seconds"])
    left = count(demo, "chargebacks_incremental", SECOND_DAY)
    landed = count(demo, "landing_chargebacks", SECOND_DAY)
    print(f"\n  the table holds {left['records']:,} records of {left['chargebacks']:,} chargebacks; "
          f"{landed['records']:,} records of {landed['chargebacks']:,} chargebacks landed")
    if left["records"] != landed["chargebacks"]:
        sys.exit("demo: the incremental table does not hold one record for each chargeback")
    _, seconds = demo.firn("run", "chargebacks-consolidation-incremental", "--arg", f"PARTITION_DATE={SECOND_DAY}")
    print(f"  a fifth run finds nothing new and ends in {1000 * seconds:.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--firn", "--generate", "--work"):
        parser.add_argument(name, required=True)
    parser.add_argument("--files", type=int, default=10000)
    demo = Demo(parser.parse_args())
    whole_day(demo)
    one_question(demo)
    four_executions(demo)


if __name__ == "__main__":
    main()
