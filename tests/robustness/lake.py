"""A project and its lake in a temporary folder, and the real firn to work on it. What the tests of this folder share.

FIRN names the binary (default: build/release/firn), GENERATE the generator of examples/chargebacks.
"""
import atexit
import copy
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from make_parquet import DuckDB  # noqa: E402

FIRN = pathlib.Path(os.environ.get("FIRN", ROOT / "build/release/firn")).resolve()
GENERATE = pathlib.Path(os.environ.get("GENERATE", ROOT / "build/release/examples/chargebacks/chargebacks_generate")).resolve()
LONG = os.environ.get("FIRN_LONG_TESTS") == "1"
TIME_LIMIT_S = 120
DAY = "2025-11-03"
LANDING_DAY, COMPACTED_DAY = "landing/2025/11/03", "compacted/year=2025/month=11/day=03"
KEYS = ["year", "month", "day"]
DEDUPE = {"dedupe": {"key": ["chargeback_id"], "keep": "latest", "by": ["updated_at"]}}

# JSON is YAML. `compact` replaces the day, `grow` takes what is new and merges it.
PROJECT = {
    "project": "robust",
    "tables": {
        "landing": {"location": "landing", "format": "parquet", "partition_by": KEYS, "layout": "YYYY/MM/DD"},
        "compacted": {"location": "compacted", "partition_by": KEYS},
        "grown": {"location": "grown", "partition_by": KEYS},
    },
    "crawlers": {"landing-crawler": {"targets": ["landing"], "recrawl": "everything"}},
    "jobs": {
        "compact": {
            "arguments": {"DATE": DAY, "FILES": 1, "FORMAT": "parquet"},
            "read": {"table": "landing", "date": "${DATE}"},
            "steps": [DEDUPE],
            "write": {"table": "compacted", "files": "${FILES}", "format": "${FORMAT}"},
            "publish": {"event": "consolidation_completed", "topic": "events"},
        },
        "grow": {
            "arguments": {"DATE": DAY},
            "read": {"table": "landing", "date": "${DATE}"},
            "steps": [DEDUPE],
            "write": {"table": "grown", "mode": "merge"},
            "publish": {"event": "consolidation_completed", "topic": "events"},
            "bookmark": "enable",
        },
    },
}


def project(change=None, **compact):
    """PROJECT; keyword arguments replace keys of the job `compact`, `change` may do anything else to it."""
    made = copy.deepcopy(PROJECT)
    for key, value in compact.items():
        job = made["jobs"]["compact"]
        job[key] = {**job[key], **value} if isinstance(value, dict) and isinstance(job.get(key), dict) else value
    if change:
        change(made)
    return made


class Done:
    """A firn that has ended."""

    def __init__(self, words, code, stdout, stderr):
        self.words, self.code, self.stdout, self.stderr = words, code, stdout, stderr

    @property
    def output(self):
        return self.stdout + self.stderr

    def json(self):
        try:
            return json.loads(self.stdout)
        except json.JSONDecodeError as error:
            raise AssertionError(f"stdout is not JSON ({error}){self}") from None

    def __str__(self):
        return f"\n$ firn {' '.join(map(str, self.words))}\nexit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Lake:
    def __init__(self, folder, definition=None):
        self.folder = pathlib.Path(folder)
        self.root = self.folder / "lake"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write_project(definition or PROJECT)

    def write_project(self, definition):
        (self.folder / "firn.yaml").write_text(json.dumps(definition, indent=1, ensure_ascii=False))

    def path(self, key):
        return self.root / key

    # Data.

    def generate(self, files=2, rows=20, *options, date=DAY):
        """The generator's files, as landing/YYYY/MM/DD/chargeback_NNNNN.parquet."""
        command = [GENERATE, "--out", self.root / ".made", "--date", date, "--files", str(files), "--rows", str(rows), "--json", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
        if done.returncode != 0:
            raise AssertionError(f"the generator failed: {done.stderr}")
        for file in (self.root / ".made").rglob("*.parquet"):
            target = self.root / "landing" / file.relative_to(self.root / ".made/landing/chargebacks")
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)
        shutil.rmtree(self.root / ".made")
        return json.loads(done.stdout)

    def landing_files(self):
        return sorted((self.root / LANDING_DAY).glob("*.parquet"))

    def names(self, folder=COMPACTED_DAY):
        path = self.root / folder
        return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []

    # firn.

    def start(self, *words, **options):
        """A firn that goes on while the test does something to it."""
        return subprocess.Popen([FIRN, "-C", self.folder, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, **options)

    def finish(self, process, *words):
        stdout, stderr = process.communicate(timeout=TIME_LIMIT_S)
        return Done(words or process.args[3:], process.returncode, stdout, stderr)

    def firn(self, *words, **options):
        return self.finish(self.start(*words, **options))

    def must(self, *words, **options):
        done = self.firn(*words, **options)
        if done.code != 0:
            raise AssertionError(f"wanted exit code 0{done}")
        return done

    def json(self, *words):
        return self.must(*words, "--output", "json").json()

    def prepare(self, files=2, rows=20, *options):
        """Tables, landing files, partitions: all that a run needs."""
        made = self.generate(files, rows, *options)
        self.must("apply")
        self.must("crawl", "landing-crawler")
        return made

    def run(self, *words, job="compact"):
        return self.firn("run", job, *words)

    def must_run(self, *words, job="compact"):
        return self.json("run", job, *words)

    def query(self, sql):
        return self.json("query", sql)

    def count(self, table="compacted"):
        return self.query(f"SELECT count(*) AS n FROM {table}")[0]["n"]

    def wait_for(self, condition, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s")
            time.sleep(0.0005)
        return found

    def log_has(self, text):
        log = self.path(".firn/logs/firn.jsonl")
        return log.exists() and text in log.read_text()

    # What has to agree, whatever happened before. Call it when no firn is at work and one has been started since the last accident.

    def problems(self, job="compact", table="compacted", doctor=True):
        """Everything in which table, runs, events, bookmark and folders do not agree; an empty list is good."""
        asked = [["runs", job, "--limit", "100000"], ["snapshots", table], ["events"], ["bookmark", "show", job, "--limit", "100000"]]
        processes = [self.start(*words, "--output", "json") for words in asked + [["doctor"]] * doctor]
        answers = [self.finish(process) for process in processes]
        runs, snapshots, events, bookmark = (answer.json() for answer in answers[:4])
        events = [event for event in events if event["payload"]["job_name"] == job]
        self.objects_known = bookmark["objects_known"]
        return (self._wrong_runs(runs, snapshots, events) + self._wrong_events(events) + self._wrong_bookmark(bookmark, runs)
                + self._wrong_folder(table, snapshots) + self.orphans(table) + (self._wrong_checks(answers[4]) if doctor else []))

    def _wrong_runs(self, runs, snapshots, events):
        # A run that found nothing new has no snapshot; it has an event when the job says so, which says zero.
        final = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
        wrong = [f"run {run['run_id']} is {run['state']}, and no firn is at work" for run in runs if run["state"] not in final]
        wrong += [f"snapshot {one['snapshot_id']} is not settled" for one in snapshots if not one["settled"]]
        succeeded = {run["run_id"] for run in runs if run["state"] == "SUCCEEDED"}
        wrote = {run["run_id"] for run in runs if run["state"] == "SUCCEEDED" and run["output_files"] > 0}
        for what, found in (("a snapshot", [one["run_id"] for one in snapshots]), ("an event", [one["run_id"] for one in events])):
            wrong += [f"run {run} succeeded without {what}" for run in sorted(wrote - set(found))]
            wrong += [f"{what} of run {run}, which is not known as succeeded" for run in sorted(set(found) - succeeded)]
            wrong += [f"run {run} has {what} twice" for run in set(found) if found.count(run) > 1]
        return wrong

    def _wrong_events(self, events):
        wrong = [f"event {event['event_id']} is {event['state']}: {event['last_error']}" for event in events if event["state"] != "DELIVERED"]
        sink = self.path(".firn/events.jsonl")
        delivered = set()
        for line in sink.read_text().splitlines() if sink.exists() else []:
            try:
                delivered.add(json.loads(line)["event_id"])
            except (ValueError, KeyError):
                wrong.append(f"events.jsonl has a line that is not an event: {line[:100]}")
        return wrong + [f"event {event['event_id']} is DELIVERED, and not in events.jsonl" for event in events if event["event_id"] not in delivered]

    def _wrong_bookmark(self, bookmark, runs):
        succeeded = {run["run_id"] for run in runs if run["state"] == "SUCCEEDED"}
        return [f"the bookmark has {one['key']} of run {one['run_id']}, which did not succeed" for one in bookmark["objects"]
                if one["run_id"] not in succeeded]

    def _wrong_folder(self, table, snapshots):
        files = [path for path in self.path(table).rglob("*") if path.is_file()] if self.path(table).is_dir() else []
        found = {"files": len(files), "bytes": sum(path.stat().st_size for path in files)}
        wanted = {key: snapshots[0][key] if snapshots else 0 for key in found}
        wrong = [] if found == wanted else [f"the catalog has {wanted} in {table}, its folder {found}: {[path.name for path in files]}"]
        return wrong + [f"{path} is not of the current snapshot" for path in files if snapshots and snapshots[0]["snapshot_id"] not in path.name]

    def orphans(self, *tables):
        """What lies in the lake and belongs to nothing. An empty folder counts, unless firn keeps it for good."""
        kept = {".firn/catalog.db", ".firn/catalog.db-wal", ".firn/catalog.db-shm", ".firn/events.jsonl", ".firn/logs/firn.jsonl"}
        rest = [path for path in self.path(".firn").rglob("*") if path.is_file()] + list(self.path(".firn/tmp").glob("*")) + list(
            self.path(".firn/staging").glob("*")) + list(self.path(".firn/spill").glob("*"))
        found = sorted({str(path.relative_to(self.root)) for path in rest} - kept)
        top = {path.name for path in self.root.iterdir()} - {".firn", "landing", "compacted", "grown", "quarantine", *tables}
        return [f"an orphan: {key}" for key in found + sorted(top)]

    def _wrong_checks(self, doctor):
        return [f"doctor: {check}" for check in doctor.json()["checks"] if check["state"] != "ok" and check["check"] != "space"]


class LakeTest(unittest.TestCase):
    """A test with a lake of its own, and DuckDB at hand."""

    maxDiff = 4000
    duckdb = None

    @classmethod
    def setUpClass(cls):
        if LakeTest.duckdb is None:
            LakeTest.memory = memory_folder()  # first: threads see the mounts of the moment when they began
            LakeTest.duckdb = DuckDB()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="firn-robust-", dir=self.memory)
        self.addCleanup(folder.cleanup)
        self.temporary = pathlib.Path(folder.name)
        self.lake = Lake(self.temporary / "project")

    def another_lake(self, name, definition=None):
        return Lake(self.temporary / name, definition)

    def write(self, name, select, day=LANDING_DAY, lake=None):
        """A landing file made by SQL."""
        return self.duckdb.write(select, (lake or self.lake).path(f"{day}/{name}"))

    def folder_rows(self, columns="*", folder=COMPACTED_DAY, tail="ORDER BY 1"):
        """The rows of a folder as a program that knows nothing of firn reads them."""
        return self.duckdb.rows(f"SELECT {columns} FROM read_parquet('{self.lake.path(folder)}/*.parquet', hive_partitioning = false) {tail}")

    # Expectations.

    def assert_code(self, done, code):
        self.assertEqual(done.code, code, f"exit code {done.code}, wanted {code}{done}")

    def assert_says(self, done, *texts):
        """Each text is in the output, in any case; a tuple of texts is 'one of them'."""
        said = done.output.lower()
        for text in texts:
            choices = text if isinstance(text, tuple) else (text,)
            self.assertTrue(any(str(one).lower() in said for one in choices), f"the output lacks {choices}{done}")
        self.assert_clean_message(done)

    def assert_clean_message(self, done):
        """Words for a user: no stack trace, no exception's type, no C++ name."""
        for trace in ("terminate called", "what():", "std::", "::", "Aborted", "core dumped", "0x00", "Traceback", "internal error", "INTERNAL"):
            self.assertNotIn(trace, done.stderr.replace("file://", ""), f"an error message with '{trace}'{done}")

    def assert_fails(self, done, *texts):
        """The run failed, in order: exit code 1 and a reason."""
        self.assert_code(done, 1)
        self.assert_says(done, *texts)
        self.assertTrue(done.output.strip(), f"a failure without a word{done}")

    def assert_agrees(self, lake=None, job="compact", table="compacted"):
        problems = (lake or self.lake).problems(job, table)
        self.assertEqual(problems, [], "table, bookmark, run, event and folders do not agree:\n" + "\n".join(problems))


# The machine.

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS = 0x20000


def own_mounts():
    """Gives this process (and its children) mounts that nobody else sees and that go with it. For root only."""
    if os.geteuid() != 0 or _libc.unshare(_CLONE_NEWNS) != 0:
        raise AssertionError("these tests mount small file systems: run them as root, with CAP_SYS_ADMIN")
    mount("--make-rprivate", "/")


def memory_folder():
    """A folder in memory: these tests stop processes, not machines, and do not wait for a disk."""
    own_mounts()
    folder = tempfile.mkdtemp(prefix="firn-robust-")
    mount("-t", "tmpfs", "-o", "size=2g", "tmpfs", folder)
    atexit.register(os.rmdir, folder)
    atexit.register(unmount, folder)
    return folder


def mount(*words):
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"mount {' '.join(map(str, words))}: {done.stderr}(root with CAP_SYS_ADMIN is needed)")


def unmount(folder):
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class FolderEvents:
    """inotify: counts what happens in folders, so that a test can act in the middle of a run."""

    CREATE, MODIFY, MOVED_FROM, MOVED_TO, DELETE, ISDIR = 0x100, 0x2, 0x40, 0x80, 0x200, 0x40000000

    def __init__(self, *folders):
        self.descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.folders = {}
        for folder in folders:
            self.watch(folder)

    def watch(self, folder):
        mask = self.CREATE | self.MODIFY | self.MOVED_FROM | self.MOVED_TO | self.DELETE
        number = _libc.inotify_add_watch(self.descriptor, os.fsencode(folder), mask)
        if number >= 0:
            self.folders[number] = pathlib.Path(folder)

    def wait(self):
        """As read(); up to 5 ms for the first."""
        select.select([self.descriptor], [], [], 0.005)
        return self.read()

    def read(self):
        """(mask, path) of what happened since the last call. New folders are watched, too."""
        try:
            data = os.read(self.descriptor, 65536)
        except BlockingIOError:
            return []
        found, at = [], 0
        while at < len(data):
            number, mask, _, length = (int.from_bytes(data[at + i:at + i + 4], "little") for i in (0, 4, 8, 12))
            name = data[at + 16:at + 16 + length].rstrip(b"\0").decode(errors="surrogateescape")
            at += 16 + length
            path = self.folders.get(number, pathlib.Path()) / name
            if mask & self.ISDIR and mask & (self.CREATE | self.MOVED_TO):
                self.watch(path)
            found.append((mask, path))
        return found

    def close(self):
        os.close(self.descriptor)


def kill_hard(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()
