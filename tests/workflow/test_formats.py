"""Reports, read by the readers that other people use."""

import csv
import io
import json
import unittest

import junitparser
from harness import PROGRAM, Case, leak, value


class Formats(Case):
    def setUp(self):
        super().setUp()
        self.repo.mkdir()
        self.write("my bot/=1+1 <b>&\"x\".env", leak(1))
        self.write("large.csv", "x" * 5000)

    def report(self, form, code=1):
        run = self.run_in(self.repo, PROGRAM, "scan", ".", "--max-file-size", "4k", "--format", form)
        self.assertEqual(run.code, code, run)
        for part in ("key", "secret"):
            self.assertNotIn(value((1, part)), run.all)
        return run.stdout

    def test_junit(self):
        suites = junitparser.JUnitXml.fromstring(self.report("junit"))
        suite = next(iter(suites))
        self.assertEqual((suite.tests, suite.failures, suite.errors), (3, 1, 1))
        broken = {case.classname: case.result[0] for case in suite if case.result}
        self.assertIsInstance(broken["binance-api-secret"], junitparser.Failure)
        self.assertIsInstance(broken["stopleak.coverage"], junitparser.Error)

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.report("csv"), newline="")))
        self.assertEqual([row["kind"] for row in rows], ["finding", "part", "gap"])
        self.assertEqual(rows[0]["path"], "my bot/=1+1 <b>&\"x\".env")
        self.assertTrue(all(None not in row and None not in row.values() for row in rows), "all rows have all columns")

    def test_gitlab(self):
        report = json.loads(self.report("gitlab"))
        self.assertLess(report["scan"]["start_time"][:4], "2100")
        self.assertGreater(report["scan"]["start_time"][:4], "2025")
        self.assertEqual(report["vulnerabilities"][0]["severity"], "Critical")


if __name__ == "__main__":
    unittest.main()
