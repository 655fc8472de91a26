#!/usr/bin/env python3
"""The modules of src/ form an order, and each third-party library is seen by its adapter only. Derived from the #includes.

usage: module_order_test.py [--root REPOSITORY] [--graph]     (--graph prints the arrows, one module a line)
"""
import argparse
import pathlib
import re
import sys
import tempfile
import textwrap
import unittest

# Which headers (by prefix) which modules may include. A row with a longer prefix wins.
ADAPTERS = {
    "fmt/": "*",
    "xxhash.h": {"base"},
    "nlohmann/": {"base"},  # base/json.h is the only door
    "date/": {"env"},
    "spdlog/": {"env"},
    "arrow/": {"format", "text", "pipeline"},
    "arrow/c/abi.h": {"format", "text", "pipeline", "sql"},  # two plain structs without a library: how DuckDB and Arrow meet
    "parquet/": {"format", "text", "pipeline"},
    "yyjson.hpp": {"text"},
    "curl/": {"aws"},
    "openssl/": {"aws"},
    "pugixml.hpp": {"store"},
    "sqlite3.h": {"catalog"},
    "duckdb.h": {"sql"},
    "dlfcn.h": {"aws", "sql"},  # DuckDB, libcurl and libcrypto are loaded when they are needed
    "yaml-cpp/": {"project"},
    "CLI/": {"app"},
    "mimalloc.h": {"app"},
    "emmintrin.h": {"text"},  # sixteen bytes at a time; every x86-64 has it
    # The machine: the clock, processes and signals are env's, files are store's, the log sink's file is event's, the terminal is app's.
    "unistd.h": {"env", "store", "event", "app"},
    "fcntl.h": {"env", "store", "event"},
    "poll.h": {"env", "app"},
    "sys/": {"env", "store", "app"},
    "sys/file.h": {"store", "event"},  # flock
    "linux/": {"env", "store"},
    "dirent.h": {"store"},
    "signal.h": {"env"},
    "csignal": {"env"},
    "pthread.h": {"env"},
}
# In tests, further: a test may look at a result through the real library, and at the machine.
TEST_ADAPTERS = {
    "gtest/": "*",
    "gmock/": "*",
    "rapidcheck": "*",
    "arrow/": {"sql", "dynamodb"},
    "unistd.h": "*",
    "fcntl.h": "*",
    "sys/": "*",
    "arpa/": "*",  # the test that plays a server
    "netinet/": "*",
    "csignal": "*",
    "stdlib.h": "*",  # mkdtemp
    "dirent.h": "*",
    "grp.h": "*",
}
BENCH_ADAPTERS = {"benchmark/": "*"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
STANDARD = re.compile(r"^[a-z_0-9]+$")  # <string>: no folder, no .h


def module_order(root):
    """The list in src/CMakeLists.txt: what a module may use stands before it."""
    text = (root / "src" / "CMakeLists.txt").read_text()
    found = re.search(r"foreach\(module ([^)]+)\)", text)
    if not found:
        raise ValueError("src/CMakeLists.txt has no 'foreach(module ...)' list")
    return found.group(1).split()


def sources(root):
    return sorted(path for path in (root / "src").rglob("*") if path.suffix in (".h", ".cc"))


def includes(path):
    text = path.read_text()
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2)


def allowed_modules(header, path):
    """The modules that may include a third-party header, '*' for all, or None when no row of the tables knows it."""
    tables = [ADAPTERS]
    if "_test." in path.name:
        tables.append(TEST_ADAPTERS)
    if "_bench." in path.name:
        tables.append(BENCH_ADAPTERS)
    answer = None
    for table in tables:
        rows = [prefix for prefix in table if header.startswith(prefix)]
        if not rows:
            continue
        modules = table[max(rows, key=len)]
        if modules == "*" or answer == "*":
            answer = "*"
        else:
            answer = (answer or set()) | modules
    return answer


def check_own(root, order, module, header):
    target = header.split("/")[0]
    if "/" not in header or target not in order:
        return f'"{header}" is not root-relative ("module/file.h" of a module in src/CMakeLists.txt)'
    if not (root / "src" / header).is_file():
        return f'"{header}" does not exist'
    if order.index(target) > order.index(module):
        return f'"{header}": {module} may use only the modules before it, and {target} comes after it'
    return None


def check_foreign(path, module, header):
    allowed = allowed_modules(header, path)
    if allowed is None:
        return None if STANDARD.match(header) else f"<{header}>: no row of tests/module_order_test.py says which module may use it"
    if allowed == "*" or module in allowed:
        return None
    return f"<{header}> belongs to {' and '.join(sorted(allowed))}, not to {module}"


def violations(root):
    order = module_order(root)
    found = []
    for path in sources(root):
        where = path.relative_to(root)
        module = where.parts[1]
        if module not in order:
            found.append(f"{where}:1: module '{module}' is not in the list of src/CMakeLists.txt")
            continue
        for line, bracket, header in includes(path):
            problem = check_own(root, order, module, header) if bracket == '"' else check_foreign(path, module, header)
            if problem:
                found.append(f"{where}:{line}: {problem}")
    return found


def graph(root):
    order = module_order(root)
    arrows = {module: set() for module in order}
    for path in sources(root):
        module = path.relative_to(root).parts[1]
        for _, bracket, header in includes(path):
            target = header.split("/")[0]
            if bracket == '"' and target != module and module in arrows and target in arrows:
                arrows[module].add(target)
    return {module: sorted(targets, key=order.index) for module, targets in arrows.items()}


class DetectsViolations(unittest.TestCase):
    """The checker itself, on a tree that is right but for one line."""

    def findings(self, path, line):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            self.write(root, "src/CMakeLists.txt", "foreach(module base store sql app)\nendforeach()\n")
            for module in ("base", "store", "sql", "app"):
                self.write(root, f"src/{module}/thing.h", '#pragma once\n#include <string>\n#include <fmt/format.h>\n')
            self.write(root, "src/app/main.cc", '#include "base/thing.h"\n#include "sql/thing.h"\n#include <CLI/CLI.hpp>\n')
            self.assertEqual(violations(root), [])
            self.write(root, path, line + "\n")
            return violations(root)

    @staticmethod
    def write(root, path, text):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text))

    def assert_finding(self, path, line, phrase):
        findings = self.findings(path, line)
        self.assertEqual(len(findings), 1, findings)
        self.assertIn(f"{path}:1: ", findings[0])
        self.assertIn(phrase, findings[0])

    def test_an_arrow_to_a_later_module(self):
        self.assert_finding("src/store/a.cc", '#include "sql/thing.h"', "sql comes after it")

    def test_an_arrow_of_a_test(self):
        self.assert_finding("src/store/a_test.cc", '  #  include "app/thing.h"', "app comes after it")

    def test_a_third_party_header_outside_its_adapter(self):
        self.assert_finding("src/app/a.cc", "#include <duckdb.h>", "belongs to sql, not to app")

    def test_a_longer_row_allows_one_header_only(self):
        self.assertEqual(self.findings("src/sql/a.cc", "#include <arrow/c/abi.h>"), [])
        self.assert_finding("src/sql/a.cc", "#include <arrow/c/bridge.h>", "not to sql")

    def test_a_library_that_no_row_names(self):
        self.assert_finding("src/app/a.cc", "#include <boost/asio.hpp>", "no row")

    def test_a_test_library_in_a_source_file(self):
        self.assert_finding("src/app/a.cc", "#include <gtest/gtest.h>", "no row")
        self.assertEqual(self.findings("src/app/a_test.cc", "#include <gtest/gtest.h>"), [])

    def test_a_third_party_header_in_quotes(self):
        self.assert_finding("src/base/a.cc", '#include "sqlite3.h"', "not root-relative")

    def test_a_module_outside_the_list(self):
        self.assert_finding("src/extra/a.cc", "#include <string>", "not in the list")

    def test_a_header_that_is_not_there(self):
        self.assert_finding("src/app/a.cc", '#include "base/gone.h"', "does not exist")


class TheTree(unittest.TestCase):
    root = None

    def test_every_arrow_points_to_an_earlier_module_and_every_library_stays_in_its_adapter(self):
        found = violations(self.root)
        self.assertEqual(found, [], "\n" + "\n".join(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--graph", action="store_true")
    options = parser.parse_args()
    if options.graph:
        for module, targets in graph(options.root).items():
            print(f"{module}: {' '.join(targets)}")
        return
    TheTree.root = options.root
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
