"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in real commits."""

import unittest

from harness import CHEAP_BUILD, Case, leak, value


class PreCommit(Case):
    hook = "stopleak-system"
    more = {}

    def setUp(self):
        super().setUp()
        self.new_repo()
        source, revision = self.snapshot()
        self.write(".pre-commit-config.yaml", f"""\
repos:
  - repo: {source}
    rev: {revision}
    hooks:
      - id: {self.hook}
""")
        for kind in ("pre-commit", "pre-push"):
            run = self.run_in(self.repo, "pre-commit", "install", "--install-hooks", "--hook-type", kind, **self.more)
            self.assertEqual(run.code, 0, run)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "begin", **self.more)

    def commit(self, *arguments):
        return self.run_in(self.repo, "git", "commit", "-q", "-m", "change", *arguments, **self.more)

    def assert_blocked(self, run, *says):
        self.assertNotEqual(run.code, 0, run)
        for text in ("Binance API key + secret", *says):
            self.assertIn(text, run.all)
        for seed in range(10):
            for part in ("key", "secret"):
                self.assertNotIn(value((seed, part))[4:], run.all, "no value is printed")

    def assert_passes(self, run):
        self.assertEqual(run.code, 0, run)

    def count(self):
        return int(self.git("rev-list", "--count", "HEAD"))


class Everything(PreCommit):
    """The hook that runs the installed program, in all situations; the others differ in their installation only."""

    def test_a_leak_is_stopped_and_a_clean_commit_passes(self):
        self.write("conf/live.env", leak())
        self.git("add", "-A")
        before = self.count()
        self.assert_blocked(self.commit(), "conf/live.env:2", "What to do now")
        self.assertEqual(self.count(), before, "nothing was committed")
        self.write("conf/live.env", "BINANCE_API_KEY=\n")
        self.git("add", "-A")
        self.assert_passes(self.commit())
        self.assertEqual(self.count(), before + 1)

    def test_partly_staged_files_are_judged_by_what_is_staged(self):
        self.write("bot.env", "A=1\n")
        self.git("add", "-A")
        self.write("bot.env", leak())
        self.assert_passes(self.commit())
        self.assertIn("BINANCE_API_SECRET", (self.repo / "bot.env").read_text(), "the unstaged change is back")
        self.git("add", "-A")
        self.write("bot.env", "A=2\n")
        self.assert_blocked(self.commit(), "bot.env:2")

    def test_commit_all_is_judged_too(self):
        self.write("bot.env", "A=1\n")
        self.git("add", "-A")
        self.assert_passes(self.commit())
        self.write("bot.env", leak())
        self.assert_blocked(self.commit("--all"), "bot.env:2")
        self.assert_blocked(self.commit("--", "bot.env"), "bot.env:2")

    def test_many_files_are_all_scanned(self):
        # So many names that pre-commit runs the hook several times: a command line holds 128 KiB.
        for number in range(3000):
            self.write(f"{'deep/' * 12}{number:04}/settings-of-a-bot.py", f"x = {number}\n")
        self.write(f"{'deep/' * 12}1500/live.env", leak())
        self.git("add", "-A")
        run = self.commit()
        self.assert_blocked(run, "1500/live.env:2")
        self.assertEqual(run.all.count("fingerprint"), 1, run)
        self.assertGreater(run.all.count("scanned "), 1, "the hook ran more than once")
        (self.repo / f"{'deep/' * 12}1500/live.env").unlink()
        self.git("add", "-A")
        self.assert_passes(self.commit())

    def test_no_files_are_no_error(self):
        self.assert_passes(self.commit("--allow-empty"))
        self.assert_passes(self.run_in(self.repo, "pre-commit", "run"))
        self.write("gone.env", "A=1\n")
        self.git("add", "-A")
        self.assert_passes(self.commit())
        self.git("rm", "-q", "gone.env")
        self.assert_passes(self.commit())

    def test_all_files_are_scanned_in_ci_where_nothing_is_staged(self):
        self.write("old.env", leak())
        self.git("add", "-A")
        self.assert_passes(self.commit("--no-verify"))
        self.assert_blocked(self.run_in(self.repo, "pre-commit", "run", "--all-files"), "old.env:2")
        self.assert_blocked(self.run_in(self.repo, "pre-commit", "run", "--files", "old.env"), "old.env:2")

    def test_a_range_holds_what_was_added_and_removed_again(self):
        before = self.git("rev-parse", "HEAD")
        self.write("bot.env", leak())
        self.git("add", "-A")
        self.assert_passes(self.commit("--no-verify"))
        self.write("bot.env", "A=1\n")
        self.assert_passes(self.commit("--no-verify", "--all"))
        run = self.run_in(self.repo, "pre-commit", "run", "--from-ref", before, "--to-ref", "HEAD")
        self.assert_blocked(run, "bot.env:2", "since commit")

    def test_a_push_is_judged(self):
        other = self.folder / "remote.git"
        self.run_in(self.folder, "git", "init", "-q", "--bare", other)
        self.git("remote", "add", "origin", str(other))
        self.assert_passes(self.run_in(self.repo, "git", "push", "-q", "origin", "main"))
        self.write("bot.env", leak())
        self.git("add", "-A")
        self.assert_passes(self.commit("--no-verify"))
        self.assert_blocked(self.run_in(self.repo, "git", "push", "-q", "origin", "main"), "bot.env:2")

    def test_names_of_files_are_no_options(self):
        for name in ("--exclude=*", "-q", "--no-config", "a b\n::error::x.env", "ü.env"):
            self.write(name, "A=1\n")
        self.write("--min-confidence=high", leak(1))
        self.write("zz.env", leak(2))
        self.git("add", "-A")
        self.assert_blocked(self.commit(), "--min-confidence=high:2", "zz.env:2")


class Python(PreCommit):
    """The hook that pip builds from source."""

    hook = "stopleak"
    more = CHEAP_BUILD

    def test_it_installs_blocks_and_passes(self):
        blocks_and_passes(self)


class Rust(PreCommit):
    """The hook that cargo builds from source."""

    hook = "stopleak-rust"
    more = CHEAP_BUILD

    def test_it_installs_blocks_and_passes(self):
        blocks_and_passes(self)


def blocks_and_passes(case):
    case.write("live.env", leak())
    case.git("add", "-A")
    case.assert_blocked(case.commit(), "live.env:2")
    case.write("live.env", "A=1\n")
    case.git("add", "-A")
    case.assert_passes(case.commit())


if __name__ == "__main__":
    unittest.main()
