"""What the benchmarks have in common: taking turns, tables, targets, and the line in history.jsonl."""
import datetime
import json
import os
import pathlib
import platform
import subprocess

from measure import medians

ROOT = pathlib.Path(__file__).resolve().parent.parent


def take_turns(contenders, rounds):
    """rounds x contenders, each round beginning with another one, after one round that does not count."""
    costs = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(-1, rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            cost = contenders[name]()
            if turn >= 0:
                costs[name].append(cost)
        print(".", end="", flush=True)
    print()
    return costs


def show(costs):
    print(f"  {'':24}{'wall s':>9}{'CPU s':>9}{'peak MB':>10}")
    for name, runs in costs.items():
        middle = medians(runs)
        print(f"  {name:24}{middle['wall_s']:9.2f}{middle['cpu_s']:9.2f}{middle['peak_mb']:10,.0f}")


def target(report, what, value, limit, at_least):
    met = value >= limit if at_least else value <= limit
    report["targets"].append({"what": what, "value": value, "limit": limit, "met": met})
    print(f"  {what}: {value:g} (target: at {'least' if at_least else 'most'} {limit:g}) {'met' if met else 'MISSED'}")


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    return {"cores": os.cpu_count(), "cpu": model, "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)}


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    return git("rev-parse", "--short=12", "HEAD") + ("+changes" if git("status", "--porcelain", "--untracked-files=no") else "")


def new_report(bench, **options):
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"note: something else is running on this machine (load {load:.1f}); absolute times will be too long")
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "bench": bench, "commit": commit(),
            "machine": machine(), "load": load, **options, "targets": []}


def finish(report, no_history, strict):
    """Keeps the report, and gives the exit code."""
    if not no_history:
        with open(ROOT / "bench" / "history.jsonl", "a") as history:
            history.write(json.dumps(report) + "\n")
    missed = [entry["what"] for entry in report["targets"] if not entry["met"]]
    print("targets: " + ("all met" if not missed else f"missed: {'; '.join(missed)}"))
    return 1 if missed and strict else 0
