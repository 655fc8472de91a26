#!/usr/bin/env python3
"""Conversations of a contact centre, as a table of DynamoDB holds them: into the folder of an export to S3, into a table, or both.

A conversation is a function of the seed and its number, so the same options give the same bytes. An export lies in
<out>/<environment>/landing/conversations/AWSDynamoDB/<id>/, as DynamoDB writes it: manifests, and data/*.json.gz with an item a line. A table of that
name is removed first; its server must be one for tests, since requests are not signed.
"""
import argparse
import datetime
import gzip
import hashlib
import json
import pathlib
import random
import time
import urllib.error
import urllib.request

CHANNELS = ["whatsapp", "web", "voice"]
TEAMS = ["billing", "sales", "support"]
CLIENT_TEXTS = ["My invoice is wrong", "Hello", "It still\ndoes not work", 'They said "tomorrow"', "Gracias, así está bien", "👍", ""]
AGENT_TEXTS = ["Good morning, how can I help?", "One moment, please", "Done; it will take a day", "Anything else?"]
BATCH = 25  # items that BatchWriteItem takes


def at(moment):
    return {"S": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def message(dice, number, start, agent):
    client = number % 2 == 0
    sent = start + datetime.timedelta(seconds=number * dice.randrange(5, 90))
    fields = {"seq": {"N": str(number + 1)}, "sender": {"S": "client" if client else agent}, "sent_at": at(sent),
              "text": {"S": dice.choice(CLIENT_TEXTS if client else AGENT_TEXTS)}}
    if dice.random() < 0.1:
        fields["attachments"] = {"L": [{"M": {"name": {"S": "photo.jpg"}, "bytes": {"N": str(dice.randrange(1_000, 5_000_000))}}}]}
    return {"M": fields}


def conversation(options, number):
    """An item in DynamoDB's JSON: every attribute of it says its type."""
    dice = random.Random(f"{options.seed}/{number}")
    day = options.date - datetime.timedelta(days=dice.randrange(options.days))
    start = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc) + datetime.timedelta(seconds=dice.randrange(86_400))
    agent = f"agent-{dice.randrange(20):02}"
    messages = [message(dice, i, start, agent) for i in range(dice.randrange(1, 9))]
    item = {
        "conversation_id": {"S": f"{random.Random(f'{options.seed}-{number}').getrandbits(64):016x}"},
        "customer_id": {"S": f"c{dice.randrange(options.items * 2):07}"},
        "channel": {"S": CHANNELS[dice.randrange(3)]},
        "started_at": at(start),
        "agent": {"M": {"id": {"S": agent}, "team": {"S": TEAMS[dice.randrange(3)]}}},
        "messages": {"L": messages},
        "cost": {"N": f"{dice.randrange(1, 500) / 100:.2f}"},
        "closed": {"BOOL": dice.random() < 0.9},
    }
    if dice.random() < 0.7:
        item["rating"] = {"N": str(dice.randrange(1, 6))}
    if dice.random() < 0.5:
        item["tags"] = {"SS": sorted(dice.sample(["vip", "refund", "complaint", "new"], dice.randrange(1, 3)))}
    if dice.random() < 0.1:
        item["transferred_to"] = {"NULL": True}
    return item


# --- the export


def write_export(options, items):
    export = f"{options.seed:016}-{options.items:08x}"
    folder = options.out / options.environment / "landing" / "conversations" / "AWSDynamoDB" / export
    (folder / "data").mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(options.files):
        part = items[number::options.files]
        name = hashlib.sha256(f"{export}/{number}".encode()).hexdigest()[:26]
        lines = "".join(json.dumps({"Item": item}, ensure_ascii=False, separators=(",", ":")) + "\n" for item in part)
        (folder / "data" / f"{name}.json.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
        files.append({"itemCount": len(part), "dataFileS3Key": f"AWSDynamoDB/{export}/data/{name}.json.gz"})
    (folder / "manifest-files.json").write_text("".join(json.dumps(file) + "\n" for file in files))
    summary = {"version": "2020-06-30", "outputFormat": "DYNAMODB_JSON", "itemCount": len(items)}
    (folder / "manifest-summary.json").write_text(json.dumps(summary) + "\n")
    print(f"{len(items)} conversations in {options.files} files: {folder}")


# --- the table


class Table:
    def __init__(self, endpoint, name):
        self.endpoint, self.name = endpoint, name
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, operation, **request):
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}", "x-amz-date": "20260101T000000Z",
                   "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"}
        with self.opener.open(urllib.request.Request(self.endpoint, data=json.dumps(request).encode(), headers=headers), timeout=60) as answer:
            return json.loads(answer.read())

    def make(self):
        try:
            self.ask("DeleteTable", TableName=self.name)
        except urllib.error.HTTPError as error:
            if error.code != 400:  # it is not there
                raise
        self.ask("CreateTable", TableName=self.name, BillingMode="PAY_PER_REQUEST",
                 KeySchema=[{"AttributeName": "conversation_id", "KeyType": "HASH"}],
                 AttributeDefinitions=[{"AttributeName": "conversation_id", "AttributeType": "S"}])
        while self.ask("DescribeTable", TableName=self.name)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.1)

    def put(self, items):
        for start in range(0, len(items), BATCH):
            rest = {self.name: [{"PutRequest": {"Item": item}} for item in items[start:start + BATCH]]}
            while rest:
                rest = self.ask("BatchWriteItem", RequestItems=rest).get("UnprocessedItems")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="the lakes' folder: an export is written")
    parser.add_argument("--environment", default="test", help="which lake (default: test)")
    parser.add_argument("--endpoint", help="a server of DynamoDB's API, http://host:port: a table is filled")
    parser.add_argument("--table", help="its name (default: cat-ENVIRONMENT-conversations)")
    parser.add_argument("--date", type=datetime.date.fromisoformat, required=True, help="the last day of the conversations")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--items", type=int, default=1_000, help="conversations")
    parser.add_argument("--files", type=int, default=4, help="files of the export")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.out is None and options.endpoint is None:
        parser.error("nothing to do: give --out, --endpoint, or both")
    items = [conversation(options, number) for number in range(options.items)]
    if options.out:
        write_export(options, items)
    if options.endpoint:
        table = Table(options.endpoint, options.table or f"cat-{options.environment}-conversations")
        table.make()
        table.put(items)
        print(f"{len(items)} conversations in table {table.name}")


if __name__ == "__main__":
    main()
