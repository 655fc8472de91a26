"""Tables of a DynamoDB server that scripts/servers started, as tests and examples see them: beside firn, not through it. Its servers check no
signatures, so none is made: this talks to no AWS."""
import collections
import http.server
import json
import pathlib
import threading
import time
import urllib.error
import urllib.request

KEYS = {"AWS_ACCESS_KEY_ID": "firn-test-key", "AWS_SECRET_ACCESS_KEY": "firn-test-secret", "AWS_REGION": "us-east-1"}
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=firn-test-key/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
BATCH = 25


class DynamoServer:
    def __init__(self, server):
        """`server`: the folder of a running server, or its endpoint."""
        self.endpoint = server if "://" in str(server) else (pathlib.Path(server) / "endpoint").read_text().strip()
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def environment(self):
        """What firn, and every program of AWS's, takes from its environment to reach it."""
        return {"AWS_ENDPOINT_URL_DYNAMODB": self.endpoint, **KEYS}

    def ask(self, operation, **request):
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}", "authorization": AUTHORIZATION,
                   "x-amz-date": "20260101T000000Z"}
        body = json.dumps(request).encode()
        with self.opener.open(urllib.request.Request(self.endpoint, data=body, headers=headers, method="POST"), timeout=60) as answer:
            return json.loads(answer.read())

    def make_table(self, name, key):
        """`key`: the name of its key, a string. One of that name goes first."""
        self.drop_table(name)
        self.ask("CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                 AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}])
        end = time.monotonic() + 60
        while self.ask("DescribeTable", TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            if time.monotonic() > end:
                raise TimeoutError(f"table {name} does not become active")
            time.sleep(0.05)

    def drop_table(self, name):
        try:
            self.ask("DeleteTable", TableName=name)
        except urllib.error.HTTPError as error:
            if error.code != 400:  # it is not there
                raise

    def put_all(self, name, items):
        """`items`: in DynamoDB's JSON, {"id": {"S": "x"}}."""
        items = list(items)
        for start in range(0, len(items), BATCH):
            rest = {name: [{"PutRequest": {"Item": item}} for item in items[start:start + BATCH]]}
            while rest:
                rest = self.ask("BatchWriteItem", RequestItems=rest).get("UnprocessedItems")


class Proxy:
    """Stands before a server. `rule`, told the operation and how many of it there were before, says what becomes of a request: None to pass it on, or
    "throttle"; it may also take its time."""

    def __init__(self, server, rule=None):
        self.server, self.rule, self.counts, self.lock = server, rule, collections.Counter(), threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = proxy.answer(self.headers["x-amz-target"].partition(".")[2], dict(self.headers), body)
                self.send_response(status)
                self.send_header("content-type", "application/x-amz-json-1.0")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a firn that was killed hangs up

        self.http = Server(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def environment(self):
        return {**self.server.environment(), "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint}

    def answer(self, operation, headers, body):
        with self.lock:
            before = self.counts[operation]
            self.counts[operation] += 1
        if self.rule and self.rule(operation, before) == "throttle":
            return 400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"Slow down"}'
        headers = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length", "connection")}
        request = urllib.request.Request(self.server.endpoint, data=body, headers=headers, method="POST")
        try:
            with self.server.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
