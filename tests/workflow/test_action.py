"""The GitHub action: its form, and its script as a runner would run it."""

import json
import unittest

from harness import PROGRAM, ROOT, TOOLS, Case, leak, value

SCAN = ROOT / ".github/action/scan"


class Form(Case):
    """What linters say of the action and of our own workflows."""

    def workflows(self):
        return sorted((ROOT / ".github/workflows").glob("*.yml"))

    def test_the_schemas_hold(self):
        for schema, files in (("github-actions", [ROOT / "action.yml"]), ("github-workflows", self.workflows())):
            run = self.run_in(ROOT, TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
            self.assertEqual(run.code, 0, run)

    def test_the_security_audit_finds_nothing(self):
        run = self.run_in(ROOT, TOOLS / "zizmor", "--offline", "--no-progress", "action.yml", *self.workflows())
        self.assertEqual(run.code, 0, run)

    def test_actions_of_others_are_pinned_by_commit(self):
        for file in [ROOT / "action.yml", *self.workflows(), *sorted((ROOT / "docs").glob("*.md"))]:
            for line in file.read_text().splitlines():
                action = line.partition("uses:")[2].split("#")[0].strip()
                if action and "/" in action and not action.startswith(("./", "OWNER/")):
                    self.assertRegex(action, r"@[0-9a-f]{40}$", f"{file.name}: {line}")

    def test_the_install_script_takes_a_program_that_is_there(self):
        output = self.folder / "output"
        run = self.run_in(ROOT, ROOT / ".github/action/install", INPUT_PROGRAM=str(PROGRAM), GITHUB_OUTPUT=str(output))
        self.assertEqual(run.code, 0, run)
        self.assertEqual(output.read_text(), f"program={PROGRAM}\n")
        run = self.run_in(ROOT, ROOT / ".github/action/install", INPUT_PROGRAM="/nowhere/stopleak", GITHUB_OUTPUT=str(output))
        self.assertEqual((run.code, "::error" in run.stdout), (2, True), run)


class Scan(Case):
    def setUp(self):
        super().setUp()
        self.new_repo()
        self.write("README", "A=1\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "begin")
        self.base = self.git("rev-parse", "HEAD")

    def commit(self, name, text):
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def scan(self, **inputs):
        """Runs the step; its run, its outputs and its summary."""
        output, summary = self.folder / "output", self.folder / "summary"
        output.unlink(missing_ok=True)
        summary.unlink(missing_ok=True)
        run = self.run_in(
            self.repo, SCAN, STOPLEAK=str(PROGRAM), GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary), CI="true", **inputs)
        lines = output.read_text().splitlines() if output.exists() else []
        return run, dict(line.split("=", 1) for line in lines), summary.read_text() if summary.exists() else ""

    def results(self):
        return json.loads((self.repo / "stopleak.sarif").read_text())["runs"][0]["results"]

    def test_a_pull_request_is_judged_by_what_it_adds(self):
        self.commit("old.env", leak(1))
        base = self.git("rev-parse", "HEAD")
        head = self.commit("new.env", leak(2))
        run, outputs, summary = self.scan(PULL_BASE=base, PULL_HEAD=head)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(outputs, {"sarif": "stopleak.sarif", "exit-code": "1", "findings": "1", "judged": "1"})
        self.assertIn("::error file=new.env,line=2,", run.stdout)
        self.assertNotIn("old.env", run.stdout)
        self.assertEqual(len(self.results()), 1)
        self.assertIn("## stopleak: 1 leaked credential", summary)
        self.assertNotIn(value((2, "secret")), run.all + summary + (self.repo / "stopleak.sarif").read_text())

    def test_what_was_added_and_removed_again_counts(self):
        self.commit("new.env", leak(1))
        head = self.commit("new.env", "A=1\n")
        run, outputs, _ = self.scan(PULL_BASE=self.base, PULL_HEAD=head)
        self.assertEqual(outputs["judged"], "1", run)

    def test_a_clean_change_passes(self):
        head = self.commit("new.env", "A=1\n")
        run, outputs, summary = self.scan(PULL_BASE=self.base, PULL_HEAD=head)
        self.assertEqual((outputs["judged"], outputs["findings"]), ("0", "0"), run)
        self.assertIn("no leaked credentials found", summary)

    def test_a_pull_request_can_not_silence_itself(self):
        self.write("stopleak.toml", '[scan]\nexclude = ["*.env"]\n')
        head = self.commit("new.env", leak(1))
        run, outputs, _ = self.scan(PULL_BASE=self.base, PULL_HEAD=head)
        self.assertEqual(outputs.get("judged"), "1", run)

    def test_a_push_is_judged_by_what_it_adds_and_a_new_branch_by_its_tree(self):
        self.commit("new.env", leak(1))
        run, outputs, _ = self.scan(PUSH_BEFORE=self.base)
        self.assertEqual(outputs["findings"], "1", run)
        run, outputs, _ = self.scan(PUSH_BEFORE="0" * 40)
        self.assertEqual(outputs["findings"], "1", run)

    def test_a_commit_that_is_not_there_means_the_whole_tree_with_a_warning(self):
        head = self.commit("new.env", leak(1))
        run, outputs, _ = self.scan(PULL_BASE="1" * 40, PULL_HEAD=head)
        self.assertEqual(outputs["judged"], "1", run)
        self.assertIn("::warning title=stopleak::the commit 1111", run.stdout)
        run, outputs, _ = self.scan(PULL_BASE="1" * 40, PULL_HEAD=head, INPUT_MODE="diff")
        self.assertEqual((run.code, outputs["judged"]), (2, "2"), run)

    def test_inputs_are_obeyed(self):
        self.commit("new.env", leak(1))
        run, outputs, _ = self.scan(INPUT_MODE="history", INPUT_ANNOTATIONS="false", INPUT_SARIF="out/x.sarif", INPUT_FAIL_ON="never")
        self.assertEqual((outputs["exit-code"], outputs["judged"], outputs["sarif"]), ("1", "0", "out/x.sarif"), run)
        self.assertNotIn("::error", run.stdout)
        run, outputs, summary = self.scan(INPUT_MODE="tree", INPUT_ARGS="--max-file-size\n10\n", INPUT_SUMMARY="false")
        self.assertEqual((outputs["exit-code"], outputs["judged"], summary), ("3", "3", ""), run)

    def test_bad_inputs_fail(self):
        for inputs in ({"INPUT_MODE": "all"}, {"INPUT_MODE": "diff"}, {"INPUT_ARGS": "--nonsense"}, {"INPUT_FAIL_ON": "x"},
                       {"PULL_BASE": "--output=x", "PULL_HEAD": "HEAD"}):
            run, outputs, _ = self.scan(**inputs)
            self.assertEqual((run.code, outputs.get("judged")), (2, "2"), f"{inputs}: {run}")
            self.assertIn("::error title=stopleak::", run.stdout)


if __name__ == "__main__":
    unittest.main()
