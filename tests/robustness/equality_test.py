#!/usr/bin/env python3
"""firn's answer is DuckDB's own on the same files, row by row, on random data sets (seeded): types, NULLs, ties, duplicates, empty files, mixed
schemas.

DuckDB is asked twice: through the library that firn links, always; and as the Python package in .deps/peers (scripts/setup.sh peers), another
version, when it is there. When it is not, the test says so on standard error. FIRN_LONG_TESTS=1: 200 data sets.
"""
import json
import random
import re
import shutil
import subprocess
import sys
import unittest

from lake import DEDUPE, LONG, ROOT, LakeTest, project

SETS = 200 if LONG else 24
PEER = ROOT / ".deps/peers/bin/python"
KEYS = [["k"], ["k", "s"], ["s"], ["d"], ["f"], ["t"], ["c.a"], ["b", "d"], ["x", "s"]]
ORDERS = [["u"], ["u", "n"], ["t"], ["t", "u"], ["n"], []]
# Random values of each column, r(1) is a random number; the widths of a type that a file may have, narrow to wide.
COLUMNS = {
    "k": ("(r(1) % {keys})", ["SMALLINT", "INT", "BIGINT"]),
    "s": ("CASE r(2) % 9 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'näme ' || (r(2) % 7) END", ["VARCHAR"]),
    "u": ("CASE WHEN r(3) % 6 = 0 THEN NULL ELSE r(3) % {orders} END", ["INT", "BIGINT"]),
    "n": ("(r(4) % 100000)::DECIMAL(9, 0) / 100", ["DECIMAL(9, 2)", "DECIMAL(18, 2)"]),
    "t": ("CASE WHEN r(5) % 5 = 0 THEN NULL ELSE TIMESTAMP '2025-11-03 00:00:00.123456' + to_seconds(r(5) % 40) END", ["TIMESTAMP"]),
    "d": ("CASE WHEN r(6) % 8 = 0 THEN NULL ELSE DATE '2025-01-01' + (r(6) % 20)::INT END", ["DATE"]),
    "f": ("CASE r(7) % 8 WHEN 0 THEN NULL WHEN 1 THEN 0.0 WHEN 2 THEN -0.0 ELSE (r(7) % 16) / 4 END", ["FLOAT", "DOUBLE"]),
    "b": ("CASE r(8) % 3 WHEN 0 THEN NULL ELSE r(8) % 3 = 1 END", ["BOOLEAN"]),
    "x": ("CASE WHEN r(9) % 4 = 0 THEN NULL ELSE ('x' || (r(9) % 5))::BLOB END", ["BLOB"]),
    "c": ("CASE WHEN r(10) % 7 = 0 THEN NULL ELSE {{'a': CASE WHEN r(10) % 5 = 0 THEN NULL ELSE r(10) % 11 END, 'b': [r(10) % 3, NULL]}} END",
          ["STRUCT(a INT, b INT[])", "STRUCT(a BIGINT, b INT[])"]),
    "l": ("CASE r(11) % 4 WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [r(11) % 5, NULL, 1] END", ["BIGINT[]"]),
    "ts": ("TIMESTAMPTZ '2025-11-03 12:00:00+00' + to_milliseconds(r(12) % 1000)", ["TIMESTAMPTZ"]),
}
TYPES = """SELECT 'k' || i AS chargeback_id, i AS updated_at, true AS boolean, {'a': 1, 'inner': true} AS struct, [true] AS list, MAP {'x': 1} AS map,
    1::TINYINT AS i8, 1::UTINYINT AS u8, 1::SMALLINT AS i16, 1::USMALLINT AS u16, 1::INT AS i32, 1::UINTEGER AS u32, 1::UBIGINT AS u64,
    1.5::FLOAT AS f32, 1.5::DOUBLE AS f64, 1.5::DECIMAL(9, 2) AS d9, 1.5::DECIMAL(18, 3) AS d18, 1.5::DECIMAL(38, 5) AS d38,
    DATE '2025-01-01' AS date, TIME '10:00:00' AS time, TIMESTAMP '2025-01-01' AS us, TIMESTAMP_MS '2025-01-01' AS ms,
    TIMESTAMP_NS '2025-01-01' AS ns, TIMESTAMPTZ '2025-01-01 00:00:00+00' AS instant, 'x'::BLOB AS binary, uuid() AS uuid FROM range(10) t(i)"""
ASK_PEER = """
import duckdb, json, sys
for case in json.load(sys.stdin):
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET TimeZone = 'UTC'")
    wrong = connection.execute(f"({case['wanted']} EXCEPT ALL {case['found']}) UNION ALL ({case['found']} EXCEPT ALL {case['wanted']})").fetchall()
    if wrong:
        print(case['name'], wrong[:3])
"""


class Equality(LakeTest):
    def make_set(self, number):
        """A day of random files; its key, its order, and the files as DuckDB's SQL names them."""
        chance = random.Random(number)
        day = f"{2025 + number // 336}/{number // 28 % 12 + 1:02}/{number % 28 + 1:02}"
        keys, orders = chance.choice([1, 3, 20, 500]), chance.choice([1, 4, 50, 100000])
        for file in range(chance.randint(1, 6)):
            rows = chance.choice([0, 1, 7, 60, 300])
            columns = [name for name in COLUMNS if name in ("k", "s", "u", "d", "f", "t", "c", "b", "x", "n") or chance.random() < 0.7]
            chance.shuffle(columns)
            values = ", ".join(f"({COLUMNS[name][0]})::{chance.choice(COLUMNS[name][1])} AS {name}" for name in columns)
            values = values.format(keys=keys, orders=orders)
            values = re.sub(r"r\((\d+)\)", rf"(hash(i * 31 + \1, {chance.randrange(1 << 30)}) >> 20)::BIGINT", values)
            groups = chance.choice(["", ", ROW_GROUP_SIZE 50", ", COMPRESSION zstd", ", COMPRESSION uncompressed"])
            self.duckdb.write(f"SELECT {values} FROM range({rows}) t(i)", self.lake.path(f"landing/{day}/f{file}.parquet"), groups)
        return {"date": day.replace("/", "-"), "key": chance.choice(KEYS), "by": chance.choice(ORDERS), "day": day, "files": chance.choice([1, 2, 5])}

    def wanted(self, one, columns):
        order = "".join(f"{column} DESC NULLS LAST, " for column in one["by"])
        files = f"{self.lake.path('landing')}/{one['day']}/*.parquet"
        return (f"SELECT {columns} FROM (SELECT * FROM read_parquet('{files}', union_by_name = true, filename = true, "
                f"file_row_number = true, hive_partitioning = false) QUALIFY row_number() OVER (PARTITION BY {', '.join(one['key'])} "
                f"ORDER BY {order}filename DESC, file_row_number DESC) = 1)")

    def test_random_data_sets(self):
        sets = [self.make_set(number) for number in range(SETS)]
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        cases = []
        for number, one in enumerate(sets):
            with self.subTest(number, **one):
                cases += self.check(number, one)
        self.ask_peer(cases)

    def check(self, number, one):
        """Every second one goes through the SQL engine, on firn's general path."""
        steps = [{"dedupe": {"key": one["key"], "keep": "latest", "by": one["by"]}}] + [{"filter": "true"}] * (number % 2)
        self.lake.write_project(project(steps=steps))
        told = self.lake.must_run("--arg", f"DATE={one['date']}", "--arg", f"FILES={one['files']}")
        source = f"read_parquet('{self.lake.path('landing')}/{one['day']}/*.parquet', union_by_name = true, hive_partitioning = false)"
        if told["nothing_to_do"]:
            self.assertEqual(self.duckdb.rows(f"SELECT count(*) FROM {source}"), [("0",)])
            return []
        columns = self.texts({row[0] for row in self.duckdb.rows(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {source})")})
        folder = self.lake.path("compacted/year={}/month={}/day={}".format(*one["day"].split("/")))
        wanted, found = self.wanted(one, columns), f"SELECT {columns} FROM read_parquet('{folder}/*.parquet', hive_partitioning = false)"
        wrong = self.duckdb.rows(f"SELECT * FROM (({wanted} EXCEPT ALL {found}) UNION ALL ({found} EXCEPT ALL {wanted}))")
        self.assertEqual(wrong[:3], [], f"rows that only one of the two has, of {told['records_written']}")
        self.assertEqual(told["output_files"], min(one["files"], told["records_written"]))
        return [{"name": f"set {number} {one}", "wanted": wanted, "found": found}]

    def texts(self, there):
        """The columns as texts that compare; 0.0 is -0.0, and a struct is compared by its fields, because a cast to text shows their widths."""
        special = {"f": "(CASE WHEN f = 0 THEN 0 ELSE f END)::DOUBLE AS f",
                   "c": "(c IS NULL)::VARCHAR AS no_c, c.a::BIGINT AS c_a, c.b::VARCHAR AS c_b"}
        return ", ".join(special.get(column, f"{column}::VARCHAR AS {column}") for column in COLUMNS if column in there)

    def ask_peer(self, cases):
        if not PEER.exists():
            sys.stderr.write(f"\nequality_test: {PEER} is missing (scripts/setup.sh peers makes it): compared with libduckdb alone\n")
            return
        done = subprocess.run([PEER, "-B", "-c", ASK_PEER], input=json.dumps(cases), capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), "the DuckDB of .deps/peers has another answer")

    def test_both_paths_keep_each_column_s_type(self):
        """A job that filters (by way of the SQL engine) writes the types of one that does not."""
        self.write("a.parquet", TYPES)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        found = []
        for steps in ([DEDUPE], [DEDUPE, {"filter": "true"}]):
            self.lake.write_project(project(lambda made: made["tables"]["compacted"].update(location=f"compacted/{len(steps)}"), steps=steps))
            shutil.rmtree(self.lake.path(".firn"))  # else the table's schema of before decides
            self.lake.must("apply")
            self.lake.must("crawl", "landing-crawler")
            self.lake.must_run()
            files = f"{self.lake.path('compacted')}/{len(steps)}/**/*.parquet"
            found.append(self.duckdb.rows(f"SELECT name, type, converted_type, logical_type FROM parquet_schema('{files}')"))
        for fast, general in zip(*found):
            with self.subTest(fast[0]):
                self.assertEqual(general, fast)

    def test_merging_windows_one_by_one_gives_the_rows_of_the_whole_day(self):
        self.lake.generate(12, 60, "--duplicates", "0.4")
        files = self.lake.landing_files()
        for path in files[3:]:
            path.rename(path.with_suffix(".later"))
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        for start in (0, 3, 6, 9):
            for path in files[start:start + 3]:
                later = path.with_suffix(".later")
                if later.exists():
                    later.rename(path)
            self.lake.must_run(job="grow")
        self.lake.must_run(job="compact")
        grown = self.folder_rows(folder="grown/year=2025/month=11/day=03", tail="ORDER BY chargeback_id")
        self.assertEqual(grown, self.folder_rows(tail="ORDER BY chargeback_id"))


if __name__ == "__main__":
    unittest.main()
