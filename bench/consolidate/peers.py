"""One peer's run, in a process of its own: run.py starts it. Prints {"seconds": ...}: the work alone, without Python's start and imports.

usage: peers.py NAME INPUT OUTPUT THREADS TEMP_FOLDER
NAME: duckdb-window-parquet, duckdb-arg_max-csv, ..., polars-copy; count-parquet and count-csv print {"rows": ...} of INPUT.
"""
import json
import os
import sys
import time

LATEST = {
    "window": "SELECT * FROM {source} QUALIFY row_number() OVER (PARTITION BY chargeback_id ORDER BY updated_at DESC NULLS LAST) = 1",
    "arg_max": "SELECT unnest(max_by(t, coalesce(updated_at, '-infinity'::TIMESTAMPTZ))) FROM {source} t GROUP BY chargeback_id",
}
FORMATS = {"parquet": "FORMAT parquet, COMPRESSION snappy", "csv": "FORMAT csv, HEADER"}


def duckdb_dedupe(query, output_format, source, output, threads, temp):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}; SET preserve_insertion_order = false; SET temp_directory = '{temp}'")
    start = time.monotonic()
    select = LATEST[query].format(source=f"read_parquet('{source}')")
    connection.execute(f"COPY ({select}) TO '{output}' ({FORMATS[output_format]})")
    return time.monotonic() - start


def polars_copy(source, output, threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    start = time.monotonic()
    polars.scan_parquet(source).sink_parquet(output, compression="snappy")
    return time.monotonic() - start


def count_rows(reader, source):
    import duckdb

    return duckdb.connect().execute(f"SELECT count(*) FROM {reader}('{source}')").fetchall()[0][0]


def main():
    name, source, output, threads, temp = sys.argv[1:]
    if name.startswith("count-"):
        print(json.dumps({"rows": count_rows(f"read_{name.removeprefix('count-')}", source)}))
        return
    if name == "polars-copy":
        seconds = polars_copy(source, output, int(threads))
    else:
        _, query, output_format = name.split("-")
        seconds = duckdb_dedupe(query, output_format, source, output, int(threads), temp)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
