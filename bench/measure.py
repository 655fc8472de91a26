"""Runs a command in a process of its own and says what it cost."""
import dataclasses
import json
import os
import statistics
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Cost:
    wall_s: float   # of the process; of the work alone where the command says so (that favours the peers)
    cpu_s: float
    peak_mb: float
    printed: object  # the JSON that it printed


class Failed(Exception):
    pass


def measured(command, cwd=None):
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, cwd=cwd)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read()
        if child.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{text}{err.read()}")
    printed = json.loads(text) if text.strip() else None
    if isinstance(printed, dict) and "seconds" in printed:
        wall = printed["seconds"]
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed)


def medians(costs):
    return {name: round(statistics.median(getattr(cost, name) for cost in costs), 3) for name in ("wall_s", "cpu_s", "peak_mb")}


def median_ratio(numerators, denominators, name):
    """The median of the ratios of runs that stood side by side."""
    return round(statistics.median(getattr(a, name) / getattr(b, name) for a, b in zip(numerators, denominators)), 3)
