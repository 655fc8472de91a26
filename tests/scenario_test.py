#!/usr/bin/env python3
"""Runs tests/scenarios/*.scenario against the real firn binary. tests/README.md describes the format.

usage: scenario_test.py --firn BINARY --generate BINARY [--s3 SERVER] [SCENARIO]...

--s3 names the folder of a server that scripts/servers started: then the lakes of the scenarios are in a bucket of it.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

from s3_bucket import Bucket

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TIME_LIMIT_S = 120


class Broken(Exception):
    """The scenario file itself is wrong."""


class Section:
    def __init__(self, path, line, verb, rest):
        self.path, self.line, self.verb, self.rest = path, line, verb, rest
        self.lines = []  # (line number, text)

    def where(self, line=None):
        return f"{self.path.name}:{line or self.line}"


def parse(path):
    """The sections of a scenario: each begins with `--- verb rest`. Text before the first one is its title."""
    sections = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        match = re.match(r"--- (\w+) ?(.*)$", line)
        if match:
            sections.append(Section(path, number, match.group(1), match.group(2).strip()))
        elif line.startswith("---"):
            raise Broken(f"{path.name}:{number}: '{line}' is not like '--- firn validate'")
        elif sections:
            sections[-1].lines.append((number, line))
        elif number == 1 and not line.strip():
            raise Broken(f"{path.name}:1: the first line says what the scenario shows")
    return sections


def split_command(text):
    """Like a shell's words with '...' and "...", and nothing else of a shell."""
    words, word, quote, started = [], "", None, False
    for char in text:
        if quote:
            if char == quote:
                quote = None
            else:
                word += char
        elif char in "'\"":
            quote, started = char, True
        elif char == " ":
            if started:
                words.append(word)
            word, started = "", False
        else:
            word, started = word + char, True
    if started:
        words.append(word)
    return words


def dig(value, path):
    """`runs.0.state` in parsed JSON; `length` of a list."""
    for part in path.split("."):
        if isinstance(value, list):
            value = len(value) if part == "length" else value[int(part)]
        else:
            value = value[part]
    return value


def compare(found, operator, wanted):
    if operator == "=":
        return str(found) == wanted or json.dumps(found) == wanted
    try:
        found, wanted = float(found), float(wanted)
    except (TypeError, ValueError):
        return False
    return {"<": found < wanted, ">": found > wanted, "<=": found <= wanted, ">=": found >= wanted}[operator]


class Scenario:
    def __init__(self, path, firn, generate, folder):
        self.path, self.firn, self.generate = path, firn, generate
        self.folder = pathlib.Path(folder)
        # The bucket and the prefix of keys in events: a lake in a folder has none, and takes any bucket.
        self.remembered = {"lake_bucket": "any", "lake_prefix": ""}
        self.environment = dict(os.environ)

    def run(self):
        verbs = {"file": self.do_file, "copy": self.do_copy, "remove": self.do_remove, "generate": self.do_generate, "firn": self.do_firn}
        for section in parse(self.path):
            if section.verb not in verbs:
                raise Broken(f"{section.where()}: unknown '--- {section.verb}' ({', '.join(verbs)})")
            verbs[section.verb](section)

    def inside(self, name, section):
        path = (self.folder / name).resolve()
        if self.folder.resolve() not in path.parents:
            raise Broken(f"{section.where()}: {name} is outside the scenario's folder")
        return path

    def fill(self, text, section):
        def value(match):
            if match.group(1) not in self.remembered:
                raise Broken(f"{section.where()}: nothing was remembered as '{match.group(1)}'")
            return self.remembered[match.group(1)]
        return re.sub(r"<(\w+)>", value, text)

    def do_file(self, section):
        path = self.inside(section.rest, section)
        path.parent.mkdir(parents=True, exist_ok=True)
        body = [text for _, text in section.lines]
        while body and not body[-1].strip():
            body.pop()
        text = "".join(line + "\n" for line in body)
        path.write_text(re.sub(r"<(lake_\w+)>", lambda match: self.remembered[match.group(1)], text))
        self.changed(path)

    def do_copy(self, section):
        source, _, target = section.rest.partition(" to ")
        path = self.inside(target, section)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, path)
        self.changed(path)

    def changed(self, path):
        """A file that the scenario made."""

    def do_remove(self, section):
        self.remove(self.inside(section.rest, section))

    def remove(self, path):
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def do_generate(self, section):
        words = split_command(section.rest)
        script = ROOT / "examples" / words[0] / "generate.py"
        program = [sys.executable, "-B", script, *words[1:]] if script.exists() else [self.generate, *words]
        command = [*program, "--out", self.folder / "lake"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
        if done.returncode != 0:
            raise Broken(f"{section.where()}: the generator failed: {done.stderr}")
        self.generated()

    def generated(self):
        """Files are in the lake that were not there before."""

    def do_firn(self, section):
        words = split_command(self.fill(section.rest, section))
        done = subprocess.run([self.firn, "-C", self.folder, *words], env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=TIME_LIMIT_S)
        problems = []
        told = any(text.strip().startswith(("exit ", "fails")) for _, text in section.lines)
        if not told and done.returncode != 0:
            problems.append(f"{section.where()}: exit code {done.returncode}, wanted 0")
        for number, text in section.lines:
            if text.strip() and not text.lstrip().startswith("#"):
                problem = self.expect(self.fill(text.strip(), section), done, section.where(number))
                problems += [f"{section.where(number)}: {problem}"] if problem else []
        if problems:
            raise AssertionError("\n".join(["", *problems, f"$ firn {section.rest}", f"exit code {done.returncode}",
                                            "--- stdout", done.stdout, "--- stderr", done.stderr]))

    def expect(self, text, done, where):
        """None, or what is wrong."""
        match = re.match(r"(stdout|stderr|output) (has|lacks) (.+)$", text)
        if match:
            stream = {"stdout": done.stdout, "stderr": done.stderr, "output": done.stdout + done.stderr}[match.group(1)]
            present = match.group(3).lower() in stream.lower()
            return None if present == (match.group(2) == "has") else f"{match.group(1)} {'lacks' if not present else 'has'} '{match.group(3)}'"
        if match := re.match(r"exit (\d+)$", text):
            return None if done.returncode == int(match.group(1)) else f"exit code {done.returncode}, wanted {match.group(1)}"
        if text == "fails":
            return None if done.returncode > 0 else f"exit code {done.returncode}, wanted a failure"
        if match := re.match(r"json (\S+) (=|<|>|<=|>=) (.*)$", text):
            return self.expect_json(done, *match.groups())
        if match := re.match(r"remember (\S+) as (\w+)$", text):
            return self.remember(done, *match.groups())
        if match := re.match(r"files (\S+) = (\d+)$", text):
            found = self.files(match.group(1))
            return None if len(found) == int(match.group(2)) else f"{len(found)} files match {match.group(1)}, wanted {match.group(2)}: {found[:10]}"
        raise Broken(f"{where}: '{text}' is not an expectation; see tests/README.md")

    def files(self, pattern, folder=None):
        folder = folder or self.folder
        return sorted(str(path.relative_to(folder)) for path in folder.glob(pattern) if path.is_file())

    def read_json(self, done, path):
        try:
            return dig(json.loads(done.stdout), path), None
        except json.JSONDecodeError as error:
            return None, f"stdout is not JSON: {error}"
        except (KeyError, IndexError, TypeError, ValueError):
            return None, f"stdout has no {path}"

    def expect_json(self, done, path, operator, wanted):
        found, problem = self.read_json(done, path)
        return problem or (None if compare(found, operator, wanted) else f"{path} is {json.dumps(found)}, wanted {operator} {wanted}")

    def remember(self, done, path, name):
        found, problem = self.read_json(done, path)
        if problem:
            return problem
        self.remembered[name] = str(found)
        return None


class BucketScenario(Scenario):
    """The same with the lake in a bucket. Project files are changed to say so; files that the scenario puts into the lake are uploaded."""

    def __init__(self, path, firn, generate, folder, bucket):
        super().__init__(path, firn, generate, folder)
        self.bucket, self.prefix = bucket, f"{path.stem}-{uuid.uuid4().hex[:12]}"
        self.lakes = {"lake"}
        self.remembered = {"lake_bucket": bucket.name, "lake_prefix": f"{self.prefix}/lake/"}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | bucket.environment()

    def url(self, lake):
        self.lakes.add(lake)
        return f"lake: s3://{self.bucket.name}/{self.prefix}/{lake}"

    def changed(self, path):
        if path.parent == self.folder and re.match(r"firn(\.\w+)?\.yaml$", path.name):
            text = re.sub(r"^lake: *\./(\w+)", lambda match: self.url(match.group(1)), path.read_text(), flags=re.MULTILINE)
            if path.name == "firn.yaml" and not re.search(r"^lake:", text, flags=re.MULTILINE):
                text += self.url("lake") + "\n"
            path.write_text(text)
        elif self.in_lake(path):
            self.upload(path)

    def in_lake(self, path):
        return path.relative_to(self.folder).parts[0] in self.lakes

    def upload(self, path):
        self.bucket.put(f"{self.prefix}/{path.relative_to(self.folder)}", path.read_bytes())
        path.unlink()

    def generated(self):
        for path in sorted((self.folder / "lake").rglob("*")):
            if path.is_file():
                self.upload(path)

    def remove(self, path):
        if not self.in_lake(path):
            return super().remove(path)
        key = f"{self.prefix}/{path.relative_to(self.folder)}"
        for found in self.bucket.keys(key):
            if found == key or found.startswith(key + "/"):
                self.bucket.delete(found)

    def files(self, pattern):
        """The bucket's listing as empty files, so that a pattern means the same."""
        with tempfile.TemporaryDirectory(prefix="firn-listing-") as name:
            listing = pathlib.Path(name)
            for key in self.bucket.keys(self.prefix + "/"):
                path = listing / key.removeprefix(self.prefix + "/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            here = [path for path in super().files(pattern) if not self.in_lake(self.folder / path)]
            return sorted(here + super().files(pattern, listing))


class Runner(unittest.TestCase):
    """The runner itself: a scenario that should fail has to fail."""

    def outcome(self, text, firn="/bin/echo"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.scenario"
            path.write_text(text)
            (pathlib.Path(folder) / "work").mkdir()
            Scenario(path, firn, "/bin/true", pathlib.Path(folder) / "work").run()

    def test_expectations_that_hold(self):
        self.outcome("Title\n--- file a/b.txt\nx\n--- firn 'two  words'\nexit 0\nstdout has Two  Words\nstderr lacks x\nfiles a/* = 1\n")

    def test_expectations_that_do_not_hold(self):
        for line in ("exit 1", "fails", "stdout has absent", "stdout lacks two", "files a/* = 1", "json state = SUCCEEDED"):
            with self.subTest(line), self.assertRaises(AssertionError):
                self.outcome(f"Title\n--- firn two\n{line}\n")

    def test_a_failing_command_without_an_exit_line(self):
        with self.assertRaises(AssertionError):
            self.outcome("Title\n--- firn x\nstdout lacks y\n", firn="/bin/false")

    def test_json_values(self):
        self.assertTrue(compare(4, "=", "4") and compare(4, ">", "3") and compare("A", "=", "A") and compare(True, "=", "true"))
        self.assertFalse(compare(4, "=", "5") or compare("A", ">", "3"))
        self.assertEqual(dig({"a": [{"b": 1}, {"b": 2}]}, "a.1.b"), 2)
        self.assertEqual(dig([1, 2], "length"), 2)

    def test_mistakes_in_a_scenario_are_named(self):
        for text in ("T\n--- frn x\n", "T\n--- firn x\nstdout contains y\n", "T\n--- file ../x\n", "T\n--- firn <never>\n", "\n--- firn x\n"):
            with self.subTest(text), self.assertRaises(Broken):
                self.outcome(text)


def folder_only(path):
    """The reason why a scenario is about lakes in folders; None when it is about any."""
    head = path.read_text().partition("\n--- ")[0]
    return next((line.partition(": ")[2] for line in head.splitlines() if line.startswith("Lakes in folders only: ")), None)


def scenario_case(path, firn, generate, bucket):
    def run(self):
        if bucket and (reason := folder_only(path)):
            self.skipTest(reason)
        with tempfile.TemporaryDirectory(prefix="firn-scenario-") as folder:
            folder = pathlib.Path(folder).resolve()
            scenario = BucketScenario(path, firn, generate, folder, bucket) if bucket else Scenario(path, firn, generate, folder)
            scenario.run()
    return type(path.stem, (unittest.TestCase,), {"runTest": run, "__doc__": path.read_text().splitlines()[0]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firn", type=pathlib.Path, help="absent: the runner's own tests only")
    parser.add_argument("--generate", type=pathlib.Path)
    parser.add_argument("--s3", type=pathlib.Path, metavar="SERVER", help="folder of a running S3 server, for the lakes")
    parser.add_argument("scenarios", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    suite = unittest.TestLoader().loadTestsFromTestCase(Runner)
    bucket = Bucket(options.s3, "firn-scenarios") if options.s3 else None
    if options.firn:
        for path in options.scenarios or sorted((HERE / "scenarios").glob("*.scenario")):
            suite.addTest(scenario_case(path, options.firn.resolve(), options.generate.resolve(), bucket)())
    else:
        for path in sorted((HERE / "scenarios").glob("*.scenario")):
            parse(path)
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
