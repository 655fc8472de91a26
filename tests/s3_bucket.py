"""A bucket of a server that scripts/servers started, as tests see it: beside firn, not through it. Signature version 4 over urllib."""
import datetime
import hashlib
import hmac
import pathlib
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

ACCESS_KEY, SECRET_KEY, REGION = "firn-test-key", "firn-test-secret", "us-east-1"  # scripts/servers/server.sh


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Bucket:
    def __init__(self, server, name):
        """`server`: the folder of a running server."""
        self.endpoint = (pathlib.Path(server) / "endpoint").read_text().strip()
        self.name = name
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            self.ask("PUT")
        except urllib.error.HTTPError as error:
            if error.code != 409:  # it is there
                raise

    def environment(self):
        """What firn, and every program of AWS's, takes from its environment to reach it."""
        return {"AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": REGION}

    def ask(self, method, key="", query=(), body=b""):
        path = "/" + urllib.parse.quote(f"{self.name}/{key}" if key else self.name)
        query = "&".join(f"{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='')}" for name, value in sorted(query))
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        host, digest, scope = self.endpoint.split("://")[1], hashlib.sha256(body).hexdigest(), f"{now[:8]}/{REGION}/s3/aws4_request"
        signed = "host;x-amz-content-sha256;x-amz-date"
        request = f"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{now}\n\n{signed}\n{digest}"
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key_of_day = b"AWS4" + SECRET_KEY.encode()
        for part in scope.split("/"):
            key_of_day = _hmac(key_of_day, part)
        headers = {"x-amz-date": now, "x-amz-content-sha256": digest,
                   "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={signed}, Signature={_hmac(key_of_day, text).hex()}"}
        url = f"{self.endpoint}{path}{'?' + query if query else ''}"
        with self.opener.open(urllib.request.Request(url, data=body or None, headers=headers, method=method), timeout=60) as answer:
            return answer.read()

    def put(self, key, body):
        self.ask("PUT", key, body=body)

    def get(self, key):
        return self.ask("GET", key)

    def delete(self, key):
        self.ask("DELETE", key)

    def keys(self, prefix):
        """All that begin with it, sorted; firn's own, and unlike folders' own objects, included."""
        found, token = [], None
        while True:
            query = [("list-type", "2"), ("prefix", prefix)] + ([("continuation-token", token)] if token else [])
            page = xml.etree.ElementTree.fromstring(self.ask("GET", query=query))
            found += [node.text for node in page.iterfind("{*}Contents/{*}Key") if not node.text.endswith("/")]
            token = page.findtext("{*}NextContinuationToken")
            if not token:
                return sorted(found)
