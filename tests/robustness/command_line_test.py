#!/usr/bin/env python3
"""What scripts rely on: exit codes, JSON from each verb, silence in a pipe; names of any kind; a lake with nothing in it; wrong values."""
import os
import pty
import select
import unittest

from lake import COMPACTED_DAY, DEDUPE, FIRN, LANDING_DAY, LakeTest, project


WRONG_USES = ("", "consolidate", "run", "run compct", "run compact --arg DATE", "run compact --arg DATE=tomorrow-ish",
              "run compact --arg DATE=2025-02-30", "run compact --arg NOBODY=1", "run compact --bookmark maybe", "run compact --wait -1",
              "--threads 0 runs", "--threads many runs", "--memory lots runs", "runs --output xml", "runs show jr_0", "runs --limit 0",
              "tables show nobody", "partitions nobody", "snapshots nobody", "crawl nobody", "bookmark show nobody", "bookmark rewind grow jr_0",
              "explain nobody", "-e prod validate", "-C /no/such/folder validate")


class ExitCodes(LakeTest):
    def test_0_done(self):
        self.lake.prepare()
        for words in ("validate", "plan", "apply", "crawl landing-crawler", "run compact", "doctor", "--version", "--help", "run --help"):
            self.assert_code(self.lake.firn(*words.split()), 0)

    def test_1_the_run_failed(self):
        self.lake.prepare()
        self.lake.write_project(project(steps=[{"expect": ["RowCount > 1000000"]}]))
        self.assert_fails(self.lake.run(), "RowCount")
        self.assertEqual(self.lake.json("runs")[0]["state"], "FAILED")

    def test_2_wrong_use(self):
        self.lake.prepare()
        for words in (*WRONG_USES, ["query", "SELECT"], ["query", "SELECT nobody FROM landing"], ["query", "DROP TABLE landing"]):
            words = words.split() if isinstance(words, str) else words
            with self.subTest(" ".join(words)):
                done = self.lake.firn(*words)
                self.assert_code(done, 2)
                self.assertTrue(done.output.strip(), "not a word")
                self.assert_clean_message(done)

    def test_2_a_project_file_with_a_mistake_names_file_line_and_column(self):
        (self.lake.folder / "firn.yaml").write_text("project: x\ntables:\n  a: {location: a, formt: csv}\n")
        for words in (["validate"], ["run", "compact"], ["tables"], ["query", "SELECT 1"]):
            with self.subTest(words[0]):
                done = self.lake.firn(*words)
                self.assert_code(done, 2)
                self.assert_says(done, "firn.yaml:3:", "formt", "format")

    def test_2_no_project_file(self):
        (self.lake.folder / "firn.yaml").unlink()
        for words in (["validate"], ["run", "compact"], ["tables"]):
            done = self.lake.firn(*words)
            self.assert_code(done, 2)
            self.assert_says(done, "firn.yaml")

    def test_3_nothing_to_do_only_when_asked(self):
        self.lake.prepare()
        self.assert_code(self.lake.run("--arg", "DATE=2025-01-01"), 0)
        self.assert_code(self.lake.run("--arg", "DATE=2025-01-01", "--fail-if-empty"), 3)
        self.assert_code(self.lake.run("--arg", "DATE=2025-01-01", "--fail-if-empty", "--output", "json"), 3)
        self.assert_code(self.lake.run("--arg", "DATE=2025-01-01", "--fail-if-empty", "--dry-run"), 3)
        self.assert_code(self.lake.run("--fail-if-empty"), 0)


class WrongValues(LakeTest):
    def refused(self, *texts, words=("run", "compact"), **changes):
        self.lake.write_project(project(**changes))
        before = len(self.lake.json("runs")) if not changes else 0
        done = self.lake.firn(*words)
        self.assert_code(done, 2)
        self.assert_says(done, *texts)
        if not changes:
            self.assertEqual(len(self.lake.json("runs")), before, "a run began")
        self.assertEqual(self.lake.names(), [])

    def test_0_and_minus_1_files(self):
        self.lake.prepare()
        for number in ("0", "-1", "1.5", "", "many", "99999999999999999999"):
            with self.subTest(number):
                self.refused(("files", "FILES"), words=("run", "compact", "--arg", f"FILES={number}"))
        for number in (0, -1):
            with self.subTest(number, where="in the project file"):
                self.refused("files", "firn.yaml:", write={"files": number}, words=("validate",))

    def test_more_files_than_rows_gives_fewer_and_says_so(self):
        self.lake.prepare(2, 5, "--duplicates", "0")
        told = self.lake.must_run("--arg", "FILES=50")
        self.assertEqual((told["output_files"], len(self.lake.names())), (10, 10))
        self.assertTrue(told["warnings"], "fewer files than asked for, and not a word")
        self.assertIn("10", " ".join(told["warnings"]))

    def test_a_codec_that_nobody_knows(self):
        self.lake.prepare()
        for codec in ("brotly", "7", ""):
            with self.subTest(codec):
                self.refused("codec", "snappy", "gzip", "zstd", "lz4", "none", write={"parquet": {"codec": codec}})

    def test_lzo_is_refused_with_the_reason_and_alternatives(self):
        self.lake.prepare()
        self.refused("lzo", ("GPL", "licen"), "snappy", "zstd", write={"parquet": {"codec": "lzo"}})

    def test_each_codec_that_is_offered_is_written(self):
        self.lake.prepare(2, 500, "--duplicates", "0")
        for codec, name in (("snappy", "SNAPPY"), ("gzip", "GZIP"), ("zstd", "ZSTD"), ("lz4", "LZ4_RAW"), ("none", "UNCOMPRESSED")):
            self.lake.write_project(project(write={"parquet": {"codec": codec}}))
            self.lake.must_run()
            with self.subTest(codec):
                found = self.duckdb.rows(f"SELECT DISTINCT compression FROM parquet_metadata('{self.lake.path(COMPACTED_DAY)}/*.parquet')")
                self.assertEqual(found, [(name,)])
                self.assertEqual(self.folder_rows("count(*)"), [("1000",)])


VERBS = ("validate", "plan", "apply", "outputs", "schema", "crawl landing-crawler", "run compact", "run compact --dry-run", "run grow",
         "explain compact", "runs", "runs compact", "tables", "tables show landing", "partitions landing", "snapshots compacted",
         "query:SELECT * FROM compacted", "query:SELECT 1 AS one:--explain", "query:SELECT * FROM landing:--explain", "events",
         "bookmark show grow", "bookmark reset grow", "doctor")
VERBS = [verb.split(":" if ":" in verb else None) for verb in VERBS]
RUN_FIELDS = ("run_id, state, records_read, records_written, duplicates_removed, ties, rows_rejected, input_files, output_files, output_path, "
              "bytes_read, bytes_written, duration_ms, peak_memory_bytes").split(", ")


class Json(LakeTest):
    def test_each_verb_prints_one_json_value(self):
        self.lake.generate()
        for words in VERBS:
            with self.subTest(" ".join(words)):
                done = self.lake.must(*words, "--output", "json")
                done.json()
                self.assertEqual(done.stderr, "", "warnings belong into the JSON")

    def test_each_verb_prints_json_before_there_is_anything(self):
        for words in VERBS:
            if words[0] in ("snapshots", "partitions", "query", "explain") or words[:2] == ["tables", "show"]:
                continue  # they ask for a table that is not there yet
            with self.subTest(" ".join(words)):
                self.lake.must(*words, "--output", "json").json()

    def test_a_failure_is_json_too(self):
        self.lake.prepare()
        for words in (["run", "nobody"], ["crawl", "nobody"], ["query", "SELECT nobody"], ["runs", "show", "x"], ["tables", "show", "x"]):
            with self.subTest(" ".join(words)):
                done = self.lake.firn(*words, "--output", "json")
                self.assert_code(done, 2)
                error = done.json()["error"]
                self.assertTrue(error["kind"] and error["message"], error)
        self.lake.landing_files()[0].write_bytes(b"")
        done = self.lake.run("--output", "json")
        self.assert_code(done, 1)
        self.assertEqual((done.json()["state"], done.json()["error"]["kind"]), ("FAILED", "Corrupt"))

    def test_a_project_file_with_mistakes_is_json_too(self):
        (self.lake.folder / "firn.yaml").write_text("project: x\ntabels: {}\n")
        for words in (["validate"], ["tables"]):
            done = self.lake.firn(*words, "--output", "json")
            self.assert_code(done, 2)
            done.json()

    def test_a_run_prints_the_fields_that_are_promised(self):
        self.lake.prepare()
        told = self.lake.must_run()
        self.assertEqual([field for field in RUN_FIELDS if field not in told], [])

    def test_a_query_prints_an_array_of_objects(self):
        self.lake.prepare(1, 3, "--duplicates", "0")
        self.assertEqual(len(self.lake.query("SELECT * FROM landing")), 3)
        self.assertEqual(self.lake.query("SELECT * FROM landing WHERE false"), [])
        sql = "SELECT 'a\"b\n\t\\' AS text, NULL AS nothing, 1.50::DECIMAL(9, 2) AS number, true AS yes, 'na' || chr(239) || 've' AS letters"
        self.assertEqual(self.lake.query(sql), [{"text": 'a"b\n\t\\', "nothing": None, "number": 1.5, "yes": True, "letters": "naïve"}])


class Silence(LakeTest):
    def test_nothing_but_the_answer_in_a_pipe(self):
        self.lake.generate(2000, 50)
        self.lake.must("apply")
        for words in (["crawl", "landing-crawler"], ["run", "compact"], ["query", "SELECT count(*) FROM landing"]):
            done = self.lake.must(*words)
            self.assertEqual(done.stderr, "", f"firn {words[0]} is not silent in a pipe")
            self.assertNotIn("\r", done.stdout)
            self.assertNotIn("\033", done.stdout)

    def test_progress_on_a_terminal_goes_away_at_the_end(self):
        self.lake.generate(2000, 50)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        child, terminal = pty.fork()
        if child == 0:
            os.execv(FIRN, [str(FIRN), "-C", str(self.lake.folder), "run", "compact"])
        shown = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                read = os.read(terminal, 65536)
            except OSError:
                break
            if not read:
                break
            shown += read
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)
        self.assertRegex(shown.decode(), r"\r\033\[K\w+ +[\d,]+ of [\d,]+", "no progress on a terminal")
        self.assertIn("SUCCEEDED", shown.decode().rsplit("\033[K", 1)[-1], "the line of progress is still there under the answer")

    def test_a_reader_of_the_output_that_goes_away_is_no_crash(self):
        """firn query ... | head"""
        self.lake.prepare(4, 5000)
        process = self.lake.start("query", "SELECT * FROM landing")
        process.stdout.readline()
        process.stdout.close()
        code = process.wait(60)
        self.assertNotIn(code, (-6, -11), f"firn died of a signal: {code}{process.stderr.read()}")
        process.stderr.close()


class Names(LakeTest):
    LONG = "sehr_langer_name_" * 12  # 204 bytes

    def test_unicode_and_blanks_in_folders_files_and_columns(self):
        column, folder = "Größe in €", "Daten/日本 – Ünïcode"
        definition = project(steps=[{"dedupe": {"key": [column], "by": ["n"]}}])
        definition["tables"]["landing"]["location"] = folder
        definition["tables"]["compacted"]["location"] = "verdichtet ÄÖÜ 🧊"
        self.lake.write_project(definition)
        self.write("größe 日本.parquet", f"SELECT 'Wert ' || i AS \"{column}\", i AS n FROM range(5) t(i)", day=f"{folder}/2025/11/03")
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run()["records_written"], 5)
        self.assertEqual(self.lake.query(f'SELECT count("{column}") AS "Zahl 数" FROM compacted'), [{"Zahl 数": 5}])
        self.assertIn(column, self.lake.must("tables", "show", "landing").stdout)

    def test_a_name_of_a_table_or_job_that_is_no_name_is_refused_with_the_rule(self):
        for name in ("日本", "a b", "a.b", "a/b", "x" * 256, "..", ""):
            with self.subTest(name[:20]):
                self.lake.write_project(project(lambda made, name=name: made["tables"].update({name: {"location": "other"}})))
                done = self.lake.firn("validate")
                self.assert_code(done, 2)
                self.assert_says(done, "firn.yaml:", "letters, digits")

    def test_unicode_and_odd_partition_values(self):
        """What Hive has to encode: the folder stays one folder, and the value comes back."""
        values = ["日本", "a b", "ä=ö", "100%", "x:y", "O'Hara", '"quoted"', "..", "#?&"]
        definition = project()
        for table in definition["tables"].values():
            table.update(partition_by=["place"], layout="key=value")
        definition["jobs"]["compact"]["read"].pop("date")
        definition["jobs"].pop("grow")
        self.lake.write_project(definition)
        encode = {"%": "%25", "=": "%3D", ":": "%3A", "'": "%27", '"': "%22", "#": "%23", "?": "%3F"}
        for number, value in enumerate(values):
            folder = "".join(encode.get(char, char) for char in value)
            self.write("one.parquet", f"SELECT 'id {number}' AS chargeback_id, {number} AS updated_at", day=f"landing/place={folder}")
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run("--arg", "FILES=1", "--arg", "FORMAT=parquet")["records_written"], len(values))
        rows = self.lake.query("SELECT place, updated_at FROM compacted ORDER BY updated_at")
        self.assertEqual([row["place"] for row in rows], values)
        self.assertEqual(self.lake.query("SELECT count(*) AS n FROM compacted WHERE place = '..'"), [{"n": 1}])

    def test_very_long_names(self):
        long = self.LONG
        self.write(f"{long}.parquet", f"SELECT 'a' AS chargeback_id, 1 AS updated_at, 2 AS \"{'spalte' * 200}\"")
        definition = project()
        definition["jobs"][long] = definition["jobs"].pop("compact")
        definition["jobs"][long]["write"]["table"] = long
        definition["tables"][long] = {**definition["tables"].pop("compacted"), "location": f"{long}/{long}/{long}"}
        self.lake.write_project(definition)
        self.lake.must("apply")
        self.lake.must("crawl", "landing-crawler")
        self.assertEqual(self.lake.must_run(job=long)["records_written"], 1)
        self.assertEqual(self.lake.query(f'SELECT count(*) AS n FROM "{long}"'), [{"n": 1}])

    def test_a_name_that_no_folder_can_have_is_refused_in_words(self):
        definition = project()
        definition["tables"]["compacted"]["location"] = "x" * 300
        self.lake.write_project(definition)
        self.lake.generate()
        self.lake.firn("apply")
        self.lake.firn("crawl", "landing-crawler")
        done = self.lake.run()
        self.assertIn(done.code, (1, 2), f"{done}")
        self.assert_says(done, "x" * 50, ("long", "255"))
        self.assertEqual([event for event in self.lake.json("events")], [], "an event says that the data is there, and it is not")

    def test_a_file_name_with_a_line_break_and_a_terminal_code_disturbs_nobody(self):
        self.lake.prepare()
        (self.lake.path(LANDING_DAY) / "bad\n\033[31mred.parquet").write_bytes(b"")
        done = self.lake.run()
        self.assert_fails(done, "red.parquet")
        self.assertNotIn("\033", done.output, "a file's name reaches the terminal as a command")


class EmptyLake(LakeTest):
    def test_nothing_there_is_no_error(self):
        for words in ("plan", "apply", "tables", "runs", "events", "doctor", "partitions landing", "snapshots compacted", "outputs",
                      "bookmark show grow"):
            with self.subTest(words):
                self.lake.must(*words.split())

    def test_a_crawl_of_nothing(self):
        self.lake.must("apply")
        told = self.lake.json("crawl", "landing-crawler")["tables"][0]
        self.assertEqual((told["files_seen"], told["partitions_added"]), (0, 0))

    def test_a_run_over_nothing_is_a_success_with_a_warning(self):
        self.lake.must("apply")
        done = self.lake.must("run", "compact")
        self.assertIn("No data found", done.stderr)
        self.assert_code(self.lake.run("--fail-if-empty"), 3)
        self.lake.must("run", "grow")
        self.lake.must("explain", "compact")

    def test_a_run_before_apply_and_crawl(self):
        self.lake.generate()
        done = self.lake.must("run", "compact")
        self.assertIn("No data found", done.stderr)

    def test_a_query_of_a_table_without_files_has_no_rows(self):
        self.lake.must("apply")
        self.assertEqual(self.lake.query("SELECT * FROM landing"), [])


class SameBytes(LakeTest):
    def digest(self, *words):
        self.lake.must(*words)
        return [(self.lake.path(COMPACTED_DAY) / name).read_bytes() for name in self.lake.names()]

    def check(self, *words):
        runs = {threads: self.digest("--threads", str(threads), "run", "compact", *words) for threads in (1, 2, 8)}
        self.assertTrue(runs[1])
        for threads, found in runs.items():
            self.assertTrue(found == runs[1], f"{threads} threads write other bytes than one")

    def test_any_number_of_threads_gives_the_same_bytes(self):
        self.lake.prepare(60, 400, "--duplicates", "0.3")
        for output in ("parquet", "csv", "json"):
            for files in ("1", "3"):
                with self.subTest(output, files=files):
                    self.check("--arg", f"FORMAT={output}", "--arg", f"FILES={files}")

    def test_also_on_the_path_through_the_sql_engine(self):
        self.lake.prepare(60, 400, "--duplicates", "0.3")
        steps = [{"filter": "amount > 10"}, DEDUPE, {"select": ["chargeback_id", "amount * 2 AS twice", "updated_at"]}]
        self.lake.write_project(project(steps=steps))
        self.check()
        self.lake.write_project(project(steps=steps, write={"sort_by": ["twice desc"]}))
        self.check()


if __name__ == "__main__":
    unittest.main()
