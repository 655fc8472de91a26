#!/usr/bin/env python3
"""The generator of examples/chargebacks keeps what its README promises.

usage: generator_test.py BINARY
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest


class Generator(unittest.TestCase):
    binary = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="firn-generator-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def generate(self, lake, *options):
        return subprocess.run([self.binary, "--out", self.folder / lake, "--date", "2025-11-03", "--files", "12", "--rows", "40", *options],
                              capture_output=True, text=True)

    def files(self, lake):
        root = self.folder / lake / "landing" / "chargebacks" / "2025" / "11" / "03"
        return {path.name: path.read_bytes() for path in root.iterdir()}

    def test_threads_do_not_change_the_bytes(self):
        self.assertEqual(self.generate("one", "--threads", "1").returncode, 0)
        self.assertEqual(self.generate("five", "--threads", "5").returncode, 0)
        self.assertEqual(len(self.files("one")), 12)
        self.assertEqual(self.files("one"), self.files("five"))

    def test_windows_in_any_order_make_up_the_day(self):
        self.generate("day")
        for window in (3, 1, 4, 2):
            self.assertEqual(self.generate("windows", "--window", f"{window}/4").returncode, 0)
        self.assertEqual(self.files("day"), self.files("windows"))

    def test_another_seed_gives_other_data(self):
        self.generate("day")
        self.generate("other", "--seed", "8")
        self.assertNotEqual(self.files("day"), self.files("other"))

    def test_it_says_how_many_records_are_distinct(self):
        told = json.loads(self.generate("day", "--duplicates", "0.25", "--json").stdout)
        self.assertEqual((told["files"], told["rows"], told["day_rows"], told["day_distinct"]), (12, 480, 480, 360))
        self.assertEqual(told["bytes"], sum(map(len, self.files("day").values())))

    def test_wrong_use_ends_with_2_and_names_the_value(self):
        for option, value in (("--date", "2025-02-30"), ("--date", "today"), ("--window", "5/4"), ("--window", "x"), ("--files", "0"), ("--duplicates", "1")):
            with self.subTest(option=option, value=value):
                words = {"--date": "2025-11-03", option: value}
                done = subprocess.run([self.binary, "--out", self.folder / "x", *(w for pair in words.items() for w in pair)],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(option, done.stderr + done.stdout)

    def test_a_folder_that_cannot_be_made_is_named(self):
        (self.folder / "lake").write_text("a file")
        done = self.generate("lake")
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.folder / "lake"), done.stderr)


if __name__ == "__main__":
    Generator.binary = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
