#!/usr/bin/env python3
"""docs/reference/cli.md and the binary say the same, and the commands in the documents work.

usage: cli_reference_test.py --firn BINARY --generate BINARY [--update]

Blocks marked `console` are sessions: each `$ command` is followed by what it prints. All those of one document are done in order, in a folder of
their own that holds examples/chargebacks/firn.yaml. Of JSON, keys and types are compared; of text, everything but figures, ids, times and sizes.
`(exit N)` after an output is the exit code; 0 goes without saying. --update writes what is printed today into the documents.
"""
import argparse
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference" / "cli.md"
RUN_WHOLE = [ROOT / "examples" / name / "README.md" for name in ("conversations", "sales", "telemetry")]  # whose commands are of another project
SHOWN_AS = "/tmp/chargebacks"  # where the documents say that the example is
LONGEST_LIST = 2  # elements of a JSON list of objects, in documents
LONGEST_NAMES = 4  # of any other list
LONGEST_TEXT = 110  # characters of a JSON string
LONGEST_OUTPUT = 40  # lines of text
TIME_LIMIT_S = 60
USAGE_ERROR = "Run with --help for more information."
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_ID = re.compile(r"jr_[0-9a-f]{8,}")


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("README.md"))]


def name_of(path):
    return str(path.relative_to(ROOT))


# --- what JSON is made of


def cut(value):
    """A document shows the first elements of a list, and the beginning of a long text."""
    if isinstance(value, list):
        longest = LONGEST_LIST if any(isinstance(element, (dict, list)) for element in value) else LONGEST_NAMES
        return [cut(element) for element in value[:longest]]
    if isinstance(value, dict):
        return {name: cut(element) for name, element in value.items()}
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "..."
    return value


def shape(value, path=""):
    """The set of `path: type` in a JSON value; lists add [], numbers are one type."""
    if isinstance(value, dict):
        return {f"{path}: object"}.union(*(shape(element, f"{path}.{name}") for name, element in value.items()))
    if isinstance(value, list):
        return {f"{path}: list"}.union(*(shape(element, f"{path}[]") for element in value))
    kind = "true or false" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "null" if value is None else "text"
    return {f"{path}: {kind}"}


def as_json(text):
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, (dict, list)) else None


def plain(text):
    """The text without what differs from run to run."""
    text = RUN_ID.sub("<run>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>", text)
    text = re.sub(r"\b[0-9a-f]{8,}\b|\b[0-9a-f]+-[0-9a-f]+-[0-9a-f]+\b", "<id>", text)
    text = re.sub(r"\b\d+ min \d+ s\b|\b[\d.]+ m?s\b", "<duration>", text)
    text = re.sub(r"\b[\d.]+ (B|[kMGT]B)\b", "<size>", text)
    text = re.sub(r"\d[\d,]*(\.\d+)?", "0", text)
    lines = [re.sub(r"[ ─-]{2,}", " ", line).strip() for line in text.strip().splitlines()]
    return "\n".join(lines)


# --- sessions


class Command:
    """One `$ command` of a console block."""

    def __init__(self, text, output, line):
        self.text, self.line = text, line
        found = re.search(r"^\(exit (\d+)\)\n?\Z", output, re.MULTILINE)
        self.exit_code = int(found.group(1)) if found else 0
        self.output = output[:found.start()] if found else output


def commands_of(body, first_line):
    commands = []
    parts = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    line = first_line + parts[0].count("\n")
    for text, output in zip(parts[1::2], parts[2::2]):
        commands.append(Command(text, output, line))
        line += 1 + output.count("\n")
    return commands


def folder_in_memory():
    """The disk's fsync is not what is tested. `doctor` wants a gigabyte."""
    shared = "/dev/shm"
    return shared if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2 << 30 else None


class Example:
    """A folder with the example's project, in which `firn` and `chargebacks_generate` can be called."""

    def __init__(self, firn, generate):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="firn-docs-", dir=folder_in_memory()))
        self.work = self.folder / "chargebacks"
        self.work.mkdir()
        (self.folder / "bin").mkdir()
        for name, binary in (("firn", firn), ("chargebacks_generate", generate)):
            (self.folder / "bin" / name).symlink_to(binary)
        shutil.copy(ROOT / "examples" / "chargebacks" / "firn.yaml", self.work)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command):
        """Exit code and everything printed, standard error last: firn says there what comes at the end."""
        environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}")
        process = subprocess.Popen(["bash", "-c", command], cwd=self.work, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            output, errors = process.communicate(timeout=1 if "--follow" in command else TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            output, errors = process.communicate(timeout=TIME_LIMIT_S)
        return process.returncode, (output + errors).replace(str(self.work), SHOWN_AS)

    def newest_run(self):
        code, output = self.run("firn runs --limit 1 --output json")
        runs = json.loads(output) if code == 0 else []
        return runs[0]["run_id"] if runs else ""

    def run_documented(self, text):
        """The same with a run's id of this lake in place of the document's."""
        return self.run(RUN_ID.sub(self.newest_run(), text) if RUN_ID.search(text) else text)


def difference(command, code, output):
    """None, or how the output of today differs from that of the document."""
    if code != command.exit_code:
        return f"exit code {code}, documented {command.exit_code}; it printed\n{output}"
    documented, today = as_json(command.output), as_json(output)
    if (documented is None) != (today is None):
        return f"documented\n{command.output}and it printed\n{output}"
    if today is not None:
        gone, new = shape(cut(documented)) - shape(cut(today)), shape(cut(today)) - shape(cut(documented))
        return f"its JSON has no more {sorted(gone)}, and has new {sorted(new)}" if gone or new else None
    shown, printed = plain(command.output), plain(cut_text(output))
    return None if shown == printed else f"documented\n{shown}\nand it printed\n{printed}"


def cut_text(output):
    lines = output.splitlines(keepends=True)
    return output if len(lines) <= LONGEST_OUTPUT else "".join(lines[:LONGEST_OUTPUT]) + "...\n"


def printed(output):
    """What a document shows of an output."""
    value = as_json(output)
    if value is None:
        text = cut_text(output)
    else:
        text = output if cut(value) == value else json.dumps(cut(value), indent=2, ensure_ascii=False) + "\n"
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


def sessions(text):
    for match in FENCE.finditer(text):
        if match.group(1) == "console":
            yield match, commands_of(match.group(2), text.count("\n", 0, match.start(2)) + 1)


def update(path, example):
    text, pieces, at = path.read_text(), [], 0
    for match, commands in sessions(text):
        body = ""
        for command in commands:
            code, output = example.run_documented(command.text)
            shown = printed(output)
            shown_command = RUN_ID.sub(example.newest_run(), command.text) if RUN_ID.search(command.text) else command.text
            body += f"$ {shown_command}\n{shown}" + ("" if not shown or shown.endswith("\n") else "\n") + (f"(exit {code})\n" if code else "")
        pieces += [text[at:match.start(2)], body]
        at = match.end(2)
    path.write_text("".join(pieces) + text[at:])


# --- help texts and the reference


def help_of(firn, *verb):
    return subprocess.run([firn, *verb, "--help"], capture_output=True, text=True, check=True).stdout


def described(help_text):
    """(options, positionals, subcommands) of a help text."""
    section, found = "", {"Options": set(), "Positionals": set(), "Subcommands": set()}
    for line in help_text.splitlines():
        if match := re.match(r"(Options|Positionals|Subcommands):$", line):
            section = match.group(1)
        elif section and (match := re.match(r"  (\S+)", line)):
            name = match.group(1)
            found[section].add(re.findall(r"--[\w-]+", name)[0] if section == "Options" else name)
        elif not line.startswith(" "):
            section = ""
    return found["Options"], found["Positionals"], found["Subcommands"]


@functools.cache
def verbs_of(firn, *verb):
    """{"bookmark show": {"--limit", "JOB"}, ...}: what stands behind each verb; "" for firn itself."""
    options, positionals, subcommands = described(help_of(firn, *verb))
    found = {" ".join(verb): (options | positionals) - {"--help"}}
    for name in sorted(subcommands):
        found.update(verbs_of(firn, *verb, name))
    return found


def verbs_in_reference(text):
    """The same of the reference: `## firn run`, and the first column of the tables below it. "## Options" holds those of firn itself."""
    found, verb = {}, None
    for line in FENCE.sub("", text).splitlines():
        if match := re.match(r"#{2,3} (?:firn (.*)|(Options))$", line):
            verb = match.group(1) or ""
            found[verb] = set()
        elif line.startswith("#"):
            verb = None
        elif verb is not None and line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", line.split(" | ")[0]):
                found[verb].update(re.findall(r"--[\w-]+", name) or re.findall(r"^[A-Z]+$", name))
    return {name: names - {"--help"} for name, names in found.items()}


# --- commands in documents

SPAN = re.compile(r"`(firn [^`\n]+)`")


def firn_commands(text):
    """(line, arguments as text) of the firn commands in code blocks that are no sessions, and in code spans."""
    found = []
    for match in FENCE.finditer(text):
        if match.group(1) == "console":
            continue
        for number, line in enumerate(match.group(2).splitlines(), text.count("\n", 0, match.start(2)) + 1):
            if call := re.match(r"\s*(?:\$ )?(?:\$firn|firn|build/release/firn) (.*)", line):
                found.append((number, call.group(1)))
    for match in SPAN.finditer(FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)):
        found.append((text.count("\n", 0, match.start()) + 1, match.group(1)[len("firn "):]))
    return sorted(found)


def arguments_of(text):
    """Words of a command up to a remark, a pipe or an ellipsis; without -C DIR and -e ENV, which belong to the reader."""
    lexer = shlex.shlex(re.split(r"\s*(?:[|>;]|\.\.\.)", text)[0], posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, "#"
    words = list(lexer)
    for option in ("-C", "-e"):
        while option in words:
            del words[words.index(option):words.index(option) + 2]
    return words


def is_placeholder(word):
    return re.fullmatch(r"[A-Z][A-Z_]*", word) is not None or word.startswith("[")


class Parts(unittest.TestCase):
    """The parts of this test."""

    def test_shapes(self):
        self.assertEqual(shape({"a": [1, 2.5], "b": None}), {": object", ".a: list", ".a[]: number", ".b: null"})
        self.assertNotEqual(shape({"a": True}), shape({"a": 1}))
        self.assertEqual(cut({"a": [{}, {}, {}], "b": "x" * 300}), {"a": [{}, {}], "b": "x" * LONGEST_TEXT + "..."})

    def test_sessions(self):
        (_, commands), = sessions("a\n```console\n$ x\none\n$ y\n(exit 2)\n```\n")
        self.assertEqual([(c.text, c.output, c.exit_code, c.line) for c in commands], [("x", "one\n", 0, 3), ("y", "", 2, 5)])

    def test_figures_do_not_count(self):
        self.assertEqual(plain("run jr_0123456789abcdef 1,234 rows  in 12 ms, 2.7 MB\n----  ---"),
                         plain("run jr_ffffffffffff 5 rows in 1 min 2 s, 913 kB\n--  -"))
        self.assertNotEqual(plain("1 row"), plain("1 file"))

    def test_help(self):
        text = ("Usage\n\nPositionals:\n  JOB TEXT REQUIRED   Name\n\nOptions:\n  -h,--help    Help\n  --wait INT   Seconds\n             more\n\n"
                "Subcommands:\n  show  Shows\n\nExit\n")
        self.assertEqual(described(text), ({"--help", "--wait"}, {"JOB"}, {"show"}))

    def test_commands(self):
        text = "`firn doctor`\n```\n$firn -C /x run a --arg B=1  # why\n```\n```console\n$ firn x\n```\n"
        self.assertEqual([(line, arguments_of(words)) for line, words in firn_commands(text)], [(1, ["doctor"]), (3, ["run", "a", "--arg", "B=1"])])


class TheReference(unittest.TestCase):
    firn = None

    def test_names_every_verb_and_option(self):
        binary, reference = verbs_of(self.firn), verbs_in_reference(REFERENCE.read_text())
        groups = {verb.rsplit(" ", 1)[0] for verb in binary if " " in verb}  # `bookmark` alone is only a family
        self.assertEqual(sorted(set(binary) - groups), sorted(set(reference) - groups))
        for verb in sorted(set(binary) & set(reference)):
            with self.subTest(verb=verb or "firn"):
                self.assertEqual(sorted(binary[verb]), sorted(reference[verb]))

    def test_shows_the_json_of_every_verb(self):
        shown = {" ".join(arguments_of(command.text)[1:]) for _, commands in sessions(REFERENCE.read_text()) for command in commands
                 if "--output json" in command.text}
        for verb in verbs_of(self.firn):
            with self.subTest(verb=verb):
                without = verb in ("", "schema", "bookmark")
                self.assertTrue(without or any(command.startswith(verb + " ") for command in shown), "no example with --output json")


class TheDocuments(unittest.TestCase):
    firn = generate = None

    def test_sessions_come_true(self):
        for path in documents():
            example = Example(self.firn, self.generate)
            self.addCleanup(example.close)
            for _, commands in sessions(path.read_text()):
                for command in commands:
                    with self.subTest(f"{name_of(path)}:{command.line}: $ {command.text}"):
                        problem = difference(command, *example.run_documented(command.text))
                        self.assertIsNone(problem, "\nIf this is right, tests/cli_reference_test.py --update writes it down.")

    def test_commands_are_understood(self):
        """A command with placeholders is only parsed; one without has to work in the example."""
        example = Example(self.firn, self.generate)
        self.addCleanup(example.close)
        example.run("chargebacks_generate --out lake --date 2025-11-03 --files 4 --rows 20")
        example.run("firn apply && firn crawl chargebacks-landing-crawler && touch firn.prod.yaml")
        example.run("firn run chargebacks-consolidation --arg PARTITION_DATE=2025-11-03")
        done = {}
        for path in documents():
            if path in RUN_WHOLE:
                continue
            for line, text in firn_commands(path.read_text()):
                words = arguments_of(text)
                if not words or is_placeholder(words[0]):
                    continue
                with self.subTest(f"{name_of(path)}:{line}: firn {text}"):
                    key = tuple(words)
                    if key not in done:
                        done[key] = example.run_documented(shlex.join(["firn", *words]))
                    code, output = done[key]
                    only_parsed = any(is_placeholder(word) for word in words)
                    self.assertNotIn(USAGE_ERROR, output if not self.is_cut(words) else "")
                    self.assertTrue(only_parsed or self.is_cut(words) or code == 0, output)

    def test_examples_run_from_their_readmes(self):
        """All code blocks of the page, one after the other, in a folder of their own."""
        for path in RUN_WHOLE:
            with self.subTest(name_of(path)), tempfile.TemporaryDirectory() as folder:
                blocks = re.findall(r"^```\n(.*?)^```$", path.read_text(), flags=re.M | re.S)
                script = "".join(line + "\n" for block in blocks for line in block.splitlines() if not line.startswith(("make build", "scripts/setup.sh", "firn=")))
                script = script.replace("$firn", shlex.quote(str(self.firn.resolve()))).replace(f"/tmp/{path.parent.name}", folder)
                self.assertIn("run", script)
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True)
                for server in re.findall(r"^(scripts/servers/\S+) start (\S+)", script, flags=re.M):  # if a step before its stop failed
                    subprocess.run([*server[:1], "stop", *server[1:]], cwd=ROOT, capture_output=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @staticmethod
    def is_cut(words):
        """`firn bookmark`, `firn run`: the text speaks of the verb."""
        return len(words) == 1 and words[0] in ("bookmark", "run", "explain", "trigger", "crawl", "query", "partitions", "snapshots")

    def test_options_of_the_generator_exist(self):
        known = set(re.findall(r"--[\w-]+", subprocess.run([self.generate, "--help"], capture_output=True, text=True).stdout))
        for path in documents():
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if match := re.search(r"chargebacks_generate ([^`|]*)", line):
                    with self.subTest(f"{name_of(path)}:{number}"):
                        self.assertLessEqual(set(re.findall(r"(?<=\s)--[\w-]+", " " + match.group(1))), known)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firn", type=pathlib.Path, required=True)
    parser.add_argument("--generate", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    firn, generate = options.firn.resolve(), options.generate.resolve()
    if options.update:
        for path in documents():
            example = Example(firn, generate)
            update(path, example)
            example.close()
        return
    TheReference.firn = TheDocuments.firn = firn
    TheDocuments.generate = generate
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
