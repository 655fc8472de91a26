#!/usr/bin/env python3
"""Links in the documents lead somewhere, `make` and paths in them exist, and every module says why it exists.

usage: docs_test.py [--root REPOSITORY]
"""
import argparse
import os
import pathlib
import re
import sys
import tempfile
import unittest
from urllib.parse import unquote

SKIPPED_FOLDERS = {".git", ".deps", "build", ".cache", "node_modules"}
LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]+`")
MAKE = re.compile(r"(?:^\s*(?:\$ )?|`)make ((?:[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)*)", re.MULTILINE)
TREE_PATH = re.compile(r"(?<![\w/.-])(?:src|tests|scripts|examples|docs|bench|cmake|\.ci)/[\w./-]*\w")


def documents(root):
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
        for name in sorted(files):
            if name.endswith(".md"):
                yield pathlib.Path(folder) / name


def without_code(text):
    """The text with code blanked out, line numbers kept."""
    return CODE_SPAN.sub("", FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text))


def anchors(path):
    """The anchors that GitHub gives to headings."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*?)\s*#*$", FENCE.sub("", path.read_text()), re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        repeat = 0
        while (name := anchor if repeat == 0 else f"{anchor}-{repeat}") in found:
            repeat += 1
        found.add(name)
    return found


def broken_link(root, document, target):
    """None, or why the link leads nowhere."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None  # another site: not looked up
    name, _, anchor = unquote(target).partition("#")
    path = document if not name else (document.parent / name).resolve()
    if name.startswith("/") or (path != document and root.resolve() not in [path, *path.parents]):
        return f"{target} leaves the repository"
    if not path.exists():
        return f"{target} does not exist"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return f"{target}: no heading '#{anchor}'"
    return None


def broken_links(root):
    found = []
    for document in documents(root):
        text = without_code(document.read_text())
        for match in LINK.finditer(text):
            if problem := broken_link(root, document, match.group(1)):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{document.relative_to(root)}:{line}: {problem}")
    return found


def make_targets(root):
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (root / "Makefile").read_text(), re.MULTILINE))


def code_of(text):
    """(line, code) of each fenced block and code span."""
    found = [(text.count("\n", 0, match.start()) + 1, match.group(0)) for match in FENCE.finditer(text)]
    blanked = FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    return found + [(blanked.count("\n", 0, match.start()) + 1, match.group(0)) for match in CODE_SPAN.finditer(blanked)]


def unknown_targets(root):
    targets, found = make_targets(root), []
    for document in documents(root):
        for line, code in code_of(document.read_text()):
            for match in MAKE.finditer(code):
                found += [f"{document.relative_to(root)}:{line}: no 'make {target}'" for target in match.group(1).split() if target not in targets]
    return found


def missing_paths(root):
    """Files and folders of the repository that code in a document names. In src/, paths of its own folder are meant, too."""
    found = []
    for document in documents(root):
        for line, code in code_of(document.read_text()):
            for path in TREE_PATH.findall(code.replace("<module>", "*").replace("<noun>", "*")):
                if not ((root / path).exists() or (document.parent / path).exists()):
                    found.append(f"{document.relative_to(root)}:{line}: no {path}")
    return found


def modules_without_readme(root):
    return [f"src/{folder.name} has no README.md" for folder in sorted((root / "src").iterdir())
            if (folder / "CMakeLists.txt").is_file() and not (folder / "README.md").is_file()]


class DetectsBrokenDocuments(unittest.TestCase):
    def findings(self, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs").mkdir()
            (root / "other.md").write_text("# Some *Heading*: it's here\n\n```\n# not a heading\n```\n")
            (root / "docs" / "a.md").write_text(text)
            return broken_links(root)

    def test_links_that_lead_somewhere(self):
        self.assertEqual(self.findings("# Here\n[a](../other.md) [b](../other.md#some-heading-its-here) [c](#here) [d](https://x.org/y) ![e](../docs/)\n"), [])

    def test_links_that_lead_nowhere(self):
        for link in ("gone.md", "../gone.md", "../other.md#gone", "../other.md#not-a-heading", "#gone", "/etc/passwd", "../../x"):
            with self.subTest(link):
                found = self.findings(f"one\n[a]({link})\n")
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith("docs/a.md:2: "), found)

    def test_code_is_not_a_link(self):
        self.assertEqual(self.findings("`[a](gone.md)`\n\n```sh\n[a](gone.md)\n```\n"), [])


    def test_targets_and_paths_in_code(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src").mkdir()
            (root / "src" / "here.h").write_text("")
            (root / "Makefile").write_text("build: ## builds\n\tx\n")
            (root / "a.md").write_text("`make build`, make sense, `make all`\n\n```\nmake build # x\nmake demo X=1\n```\n"
                                       "`src/here.h` `src/gone.h` build/src/gone\n")
            self.assertEqual(unknown_targets(root), ["a.md:3: no 'make demo'", "a.md:1: no 'make all'"])
            self.assertEqual(missing_paths(root), ["a.md:7: no src/gone.h"])


class TheDocuments(unittest.TestCase):
    root = None

    def test_links_lead_somewhere(self):
        found = broken_links(self.root)
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_make_targets_exist(self):
        found = unknown_targets(self.root)
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_paths_exist(self):
        found = missing_paths(self.root)
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_every_module_has_a_readme(self):
        found = modules_without_readme(self.root)
        self.assertEqual(found, [], "\n" + "\n".join(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    TheDocuments.root = parser.parse_args().root
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
