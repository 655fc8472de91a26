#!/usr/bin/env python3
"""Writes a landing zone like a fleet's: landing/car_telemetry/car_raw_NNN.json, in the forms in which such files come.

A reading is a function of the seed and its number, so the same options give the same bytes. Files take turns: one JSON
array over many lines, one object a line, objects over several lines.
"""
import argparse
import datetime
import json
import pathlib
import random

MAKERS = [("FORD motor company", "Fiesta"), ("fiat", "Argo"), ("VOLKSWAGEN do brasil", "Polo"), ("citroën", "C3"), ("TOYOTA", "Yaris")]
COLORS = ["RED", "Silver Grey", "blue", "Branco", "PRETO"]


def reading(options, number):
    """A car drives on all day: later readings of a day have a higher mileage, but arrive in any order."""
    dice = random.Random(f"{options.seed}/{number}")
    car = dice.randrange(options.cars)
    maker, model = MAKERS[car % len(MAKERS)]
    day = options.date - datetime.timedelta(days=dice.randrange(options.days))
    second = dice.randrange(86_400)
    at = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc) + datetime.timedelta(seconds=second)
    liters = dice.choice([0, round(dice.uniform(0.1, 30), 2), dice.randrange(1, 30)])
    return {
        "carChassis": f"{random.Random(f'{options.seed}-{car}').getrandbits(64):016x}",
        "Manufacturer": maker,
        "model": model,
        "year": 2015 + car % 11,
        "color": COLORS[car % len(COLORS)],
        "currentMileage": 1_000 + car * 17 + (day - datetime.date(2020, 1, 1)).days * 40 + second // 1_000,
        "metricTimestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metrics": {
            "fuelAvailable": dice.randrange(0, 50),
            "fuelCapacity": 50 if car % 20 else 0,
            "engineTempCelsius": round(dice.uniform(70, 110), 1),
            "trip": {
                "tripMileage": round(dice.uniform(0, 400), 1),
                "tripTimeMinutes": dice.randrange(1, 300),
                "tripFuelLiters": liters,
                "tripStartTimestamp": (at - datetime.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        },
    }


def text_of(readings, form):
    if form == 0:
        return json.dumps(readings, indent=2, ensure_ascii=False) + "\n"
    if form == 1:
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in readings)
    return "\n".join(json.dumps(one, indent=2, ensure_ascii=False) for one in readings) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the lake's folder")
    parser.add_argument("--date", type=datetime.date.fromisoformat, required=True, help="the last day of the readings")
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--cars", type=int, default=200)
    parser.add_argument("--files", type=int, default=24, help="one an hour, say")
    parser.add_argument("--first-file", type=int, default=1, help="the number of the first one: for what lands later")
    parser.add_argument("--readings", type=int, default=100, help="in each file")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    folder = options.out / "landing" / "car_telemetry"
    folder.mkdir(parents=True, exist_ok=True)
    for file in range(options.first_file, options.first_file + options.files):
        first = file * options.readings
        readings = [reading(options, number) for number in range(first, first + options.readings)]
        (folder / f"car_raw_{file:05}.json").write_text(text_of(readings, file % 3), encoding="utf-8")
    print(f"{options.files} files with {options.files * options.readings:,} readings in {folder}")


if __name__ == "__main__":
    main()
