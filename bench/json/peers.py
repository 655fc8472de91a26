#!/usr/bin/env python3
"""What run.py runs besides firn, each in a process of its own: makes the data, converts it with DuckDB or Polars, digests results.

Types are told by all records, as firn tells them. Prints {"seconds": ...}: the work alone, without starting Python.
"""
import csv
import json
import pathlib
import random
import sys
import time


def records(rows):
    dice = random.Random(1)
    for number in range(rows):
        yield {
            "carChassis": f"{dice.getrandbits(64):016x}",
            "Manufacturer": dice.choice(["Ford", "Fiat", "Volkswagen do Brasil", "Citroën", "Toyota"]),
            "year": 2015 + number % 11,
            "currentMileage": dice.randrange(300_000),
            "metricTimestamp": f"2025-10-{1 + number % 28:02}T{dice.randrange(24):02}:{dice.randrange(60):02}:00Z",
            "metrics": {
                "fuelAvailable": dice.randrange(50),
                "engineTempCelsius": dice.uniform(70, 110),
                "trip": {"tripMileage": dice.uniform(0, 400), "tripFuelLiters": dice.choice([0, dice.uniform(0, 30)]), "tags": ["a", "b"][: number % 3]},
            },
        }


def make(folder, rows):
    lake = pathlib.Path(folder) / "lake" / "landing"
    (lake / "json").mkdir(parents=True)
    (lake / "csv").mkdir(parents=True)
    columns = ["carChassis", "Manufacturer", "year", "currentMileage", "metricTimestamp", "fuel", "temperature", "mileage", "liters", "note"]
    with open(lake / "json" / "readings.json", "w") as lines, open(lake / "csv" / "readings.csv", "w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(columns)
        for number, record in enumerate(records(rows)):
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            metrics, trip = record["metrics"], record["metrics"]["trip"]
            note = ["", "plain", "with, comma", 'with "quotes"'][number % 4]
            writer.writerow([record[name] for name in columns[:5]] + [metrics["fuelAvailable"], metrics["engineTempCelsius"], trip["tripMileage"], trip["tripFuelLiters"], note])


def duckdb_of(threads):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    return connection


def convert_duckdb(kind, source, target, threads):
    reader = "read_json('{}', sample_size=-1)" if kind == "json" else "read_csv('{}', sample_size=-1)"
    duckdb_of(threads).execute(f"COPY (SELECT * FROM {reader.format(source)}) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")


def convert_polars(kind, source, target, _threads):
    import polars

    frame = polars.scan_ndjson(source, infer_schema_length=None) if kind == "json" else polars.scan_csv(source, infer_schema_length=None)
    frame.sink_parquet(target, compression="snappy")


def digest(kind, files):
    """Figures that do not depend on the order of rows."""
    number = {"json": "metrics.trip.tripMileage, metrics.engineTempCelsius, len(metrics.trip.tags)", "csv": "mileage, temperature, len(coalesce(note, ''))"}[kind]
    sums = ", ".join(f"round(sum({one.strip()}), 3)" for one in number.split(", ", 2))
    row = duckdb_of(2).execute(
        f"SELECT count(*), count(DISTINCT carChassis), sum(year), sum(currentMileage), bit_xor(hash(carChassis, Manufacturer, currentMileage)), {sums} FROM read_parquet('{files}')").fetchone()
    print(json.dumps([str(value) for value in row]))


def main():
    command, *arguments = sys.argv[1:]
    if command == "make":
        return make(arguments[0], int(arguments[1]))
    if command == "digest":
        return digest(*arguments)
    kind, source, target, threads = arguments
    convert = {"duckdb": convert_duckdb, "polars": convert_polars}[command]
    __import__(command)
    start = time.monotonic()
    convert(kind, source, target, int(threads))
    print(json.dumps({"seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
