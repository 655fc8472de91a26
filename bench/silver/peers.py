"""DuckDB's part of bench/silver, in a process of its own: run.py starts it.

usage: peers.py make FOLDER NEW EXISTING DAYS     writes FOLDER/bronze and FOLDER/silver
       peers.py window|arg_max FOLDER OUT THREADS MEMORY_GB
       peers.py digest FOLDER-OR-OUT              {"rows": ..., "digest": ...} of the three touched days, whatever their order

The queries print {"seconds": ...}: the work alone, without Python's start and imports.
"""
import json
import sys
import time

import duckdb

FILES = 100
TOUCHED = 3

# A reading of car `car` on day `day`, as it arrives. `i` makes all else.
READING = """
  printf('%017X', hash(car)::UBIGINT >> 4) AS carChassis,
  ['FORD motor company', 'fiat', 'VOLKSWAGEN do brasil', 'Toyota'][1 + (car % 4)::INT] AS Manufacturer,
  'model ' || (car % 50) AS model, 2000 + (car % 25) AS year, ['RED', 'Blue', 'Silver Grey'][1 + (car % 3)::INT] AS color,
  1000 + (hash(car, day, i) % 100000)::BIGINT AS currentMileage,
  strftime(TIMESTAMP '2025-10-01' + to_days(day::INT) + to_seconds((hash(i) % 86400)::INT), '%Y-%m-%dT%H:%M:%S') AS metricTimestamp,
  {'trip': {'tripMileage': (hash(i, 1) % 5000) / 10, 'tripFuelLiters': (hash(i, 2) % 300) / 10, 'tripTime': (hash(i, 3) % 7200)::INT,
            'driver': 'driver ' || (hash(i, 4) % 100000)},
   'fuel': {'fuelCapacity': 40.0 + (car % 30), 'fuelAvailable': (hash(i, 5) % 400) / 10},
   'engine': {'rpm': (hash(i, 6) % 6000)::INT, 'temperature': (hash(i, 7) % 1200) / 10, 'oilPressure': (hash(i, 8) % 80) / 10,
              'faults': CASE WHEN hash(i, 9) % 50 = 0 THEN 'P0' || (hash(i, 9) % 999) END},
   'position': {'latitude': (hash(i, 10) % 1800000) / 10000 - 90, 'longitude': (hash(i, 11) % 3600000) / 10000 - 180}} AS metrics
"""

# What firn.yaml says in its steps.
SILVER = """
  carChassis, model, year, currentMileage, metricTimestamp::TIMESTAMP AS metricTimestamp,
  metrics.trip.tripMileage AS metrics_trip_tripMileage, metrics.trip.tripFuelLiters AS metrics_trip_tripFuelLiters,
  metrics.trip.tripTime AS metrics_trip_tripTime, metrics.trip.driver AS metrics_trip_driver,
  metrics.fuel.fuelCapacity AS metrics_fuel_fuelCapacity, metrics.fuel.fuelAvailable AS metrics_fuel_fuelAvailable,
  metrics.engine.rpm AS metrics_engine_rpm, metrics.engine.temperature AS metrics_engine_temperature,
  metrics.engine.oilPressure AS metrics_engine_oilPressure, metrics.engine.faults AS metrics_engine_faults,
  metrics.position.latitude AS metrics_position_latitude, metrics.position.longitude AS metrics_position_longitude,
  array_to_string(list_transform(string_split(lower(Manufacturer), ' '), lambda w: upper(w[1]) || w[2:]), ' ') AS Manufacturer,
  lower(color) AS color,
  metrics.fuel.fuelAvailable / nullif(metrics.fuel.fuelCapacity, 0) * 100 AS fuel_level_percentage,
  metrics.trip.tripMileage / nullif(metrics.trip.tripFuelLiters, 0) AS km_per_liter,
  year(metricTimestamp::TIMESTAMP) AS event_year, month(metricTimestamp::TIMESTAMP) AS event_month, day(metricTimestamp::TIMESTAMP) AS event_day
"""
KEY = "carChassis, event_year, event_month, event_day"
LATEST = {
    "window": f"SELECT * FROM both_sides QUALIFY row_number() OVER (PARTITION BY {KEY} ORDER BY currentMileage DESC NULLS LAST) = 1",
    "arg_max": f"SELECT unnest(max_by(b, coalesce(currentMileage, -1))) FROM both_sides b GROUP BY {KEY}",
}


def make(folder, new, existing, days):
    new, existing, days = int(new), int(existing), int(days)
    cars = existing // days
    connection = duckdb.connect()
    each = new // FILES
    for file in range(FILES):
        rows = f"""SELECT i, (i // {TOUCHED} * 7919) % {cars * 6 // 5} AS car, {days - TOUCHED} + i % {TOUCHED} AS day
                   FROM range({file * each}, {(file + 1) * each}) t(i)"""
        connection.execute(f"COPY (SELECT {READING} FROM ({rows})) TO '{folder}/bronze/part-{file:03}.parquet' (FORMAT parquet, COMPRESSION snappy)")
    for day in range(days):
        rows = f"SELECT c + {day * 1_000_003 + 10_000_000_000} AS i, c AS car, {day} AS day FROM range({cars}) t(c)"
        connection.execute(f"""COPY (SELECT {SILVER} FROM (SELECT {READING} FROM ({rows}))) TO '{folder}/silver'
                               (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (event_year, event_month, event_day), APPEND)""")


def consolidate(query, folder, out, threads, memory_gb):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}; SET memory_limit = '{memory_gb}GB'; SET preserve_insertion_order = false; SET temp_directory = '{out}.tmp'")
    start = time.monotonic()
    connection.execute(f"CREATE TEMP TABLE fresh AS SELECT {SILVER} FROM read_parquet('{folder}/bronze/*.parquet')")
    touched = connection.execute("SELECT DISTINCT event_year, event_month, event_day FROM fresh").fetchall()
    files = [f"{folder}/silver/event_year={y}/event_month={m}/event_day={d}/*.parquet" for y, m, d in touched]
    connection.execute(f"CREATE TEMP VIEW both_sides AS SELECT * FROM fresh UNION ALL BY NAME SELECT * FROM read_parquet({files})")
    connection.execute(f"""COPY ({LATEST[query]}) TO '{out}'
                           (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (event_year, event_month, event_day), OVERWRITE)""")
    print(json.dumps({"seconds": time.monotonic() - start}))


def digest(folder, days):
    first = int(days) - TOUCHED + 1  # the first of October is day 0
    files = [f"{folder}/event_year=2025/event_month=10/event_day={day}/*.parquet" for day in range(first, first + TOUCHED)]
    rows, total = duckdb.execute(
        f"""SELECT count(*), sum(hash(carChassis, event_day::INT, currentMileage) % 1000000007) FROM read_parquet({files}, hive_partitioning = true)"""
    ).fetchall()[0]
    print(json.dumps({"rows": rows, "digest": str(total)}))


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    {"make": make, "digest": digest}.get(name, lambda *rest: consolidate(name, *rest))(*arguments)
