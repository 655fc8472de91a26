#!/usr/bin/env python3
"""Writes a shop's files into a lake: bronze/sales/daily_DATE.csv, bronze/customers/daily_export_DATE.csv,
bronze/products/catalog_update.json, and with --corrections bronze/sales/corrections_DATE_v2.json.

A record is a function of the seed and its number, so the same options give the same bytes.
"""
import argparse
import csv
import datetime
import io
import json
import pathlib
import random

NAMES = ["Ana Souza", "José da Silva", "Müller, Jörg", 'Mary "Mae" Jones', "李小龍", "O'Brien"]
NOTES = ["", "gift", "call first, then deliver", "two\nlines", 'said "hello"']


def sale(options, number):
    dice = random.Random(f"{options.seed}/{options.date}/{number}")
    sold = datetime.datetime.combine(options.date, datetime.time()) + datetime.timedelta(seconds=dice.randrange(86_400))
    return {
        "sale_id": f"{options.date:%Y%m%d}{number:06d}",
        "product_id": f"P{dice.randrange(options.products):04d}",
        "customer_id": f"{dice.randrange(options.customers):05d}",
        "quantity": dice.randrange(1, 9),
        "unit_price": f"{dice.randrange(100, 50_000) / 100:.2f}",
        "sold_at": f"{sold:%Y-%m-%d %H:%M:%S}",
        "updated_at": f"{sold:%Y-%m-%d %H:%M:%S}",
        "note": dice.choice(NOTES),
    }


def corrected(options, number):
    """The sale with another quantity, a day later."""
    record = sale(options, number)
    later = datetime.datetime.fromisoformat(record["updated_at"]) + datetime.timedelta(days=1)
    return {**record, "quantity": record["quantity"] + 1, "updated_at": f"{later:%Y-%m-%d %H:%M:%S}"}


def customer(options, number):
    return {
        "customer_id": f"{number:05d}",
        "name": NAMES[number % len(NAMES)],
        "email": f"Customer{number}@Example.COM",
        "updated_at": f"{options.date:%Y-%m-%d} 01:00:00",
    }


def product(options, number):
    dice = random.Random(f"{options.seed}/product/{number}")
    return {
        "product_id": f"P{number:04d}",
        "title": f"Product {number}",
        "price": {"amount": dice.randrange(100, 50_000) / 100, "currency": "EUR"},
        "updated_at": f"{options.date:%Y-%m-%d}T00:00:00Z",
    }


def csv_text(records, line_end):
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the lake's folder")
    parser.add_argument("--date", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--sales", type=int, default=1_000)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--products", type=int, default=50)
    parser.add_argument("--corrections", type=int, default=0, help="so many of the sales once more, corrected, and nothing else")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    def write(name, text):
        path = options.out / "bronze" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    if options.corrections:
        records = [corrected(options, number) for number in range(options.corrections)]
        write(f"sales/corrections_{options.date}_v2.json", json.dumps(records, indent=2, ensure_ascii=False) + "\n")
        return
    write(f"sales/daily_{options.date}.csv", csv_text([sale(options, number) for number in range(options.sales)], "\n"))
    # As a spreadsheet saves it: a byte order mark, and lines that end in CR and LF.
    customers = csv_text([customer(options, number) for number in range(options.customers)], "\r\n")
    write(f"customers/daily_export_{options.date:%Y%m%d}.csv", "\ufeff" + customers)
    products = [product(options, number) for number in range(options.products)]
    write("products/catalog_update.json", json.dumps(products, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
