"""docs/getting-started.md, command by command, as somebody who knows nothing else would type it."""

import re
import unittest

from harness import CHEAP_BUILD, ROOT, Case

PAGE = ROOT / "docs/getting-started.md"


def script(text, source):
    """The page's commands as one script. A command that must be refused fails the script if it isn't."""
    lines = ["set -eu"]
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            line = line.replace("https://github.com/OWNER/stopleak", str(source))
            command, mark, _ = line.partition("   # refused")
            lines.append(f"if {command}; then echo 'NOT REFUSED: {command}'; exit 99; fi" if mark else line)
    return "\n".join(lines) + "\necho the end\n"


class WalkThrough(Case):
    def test_every_command_does_what_the_page_says(self):
        source, _ = self.snapshot()
        text = PAGE.read_text()
        commands = script(text, source)
        self.assertEqual(commands.count("NOT REFUSED"), 2, "the scan and the commit are refused")
        self.assertGreater(commands.count("\n"), 20)
        more = CHEAP_BUILD | {"CARGO_INSTALL_ROOT": str(self.folder / "installed")}
        path = f"{self.folder}/installed/bin:{self.environment()['PATH']}"
        work = self.folder / "work"
        work.mkdir()
        run = self.run_in(work, "bash", "-c", commands, PATH=path, **more)
        self.assertEqual(run.code, 0, run)
        self.assertTrue(run.stdout.endswith("the end\n"), run)
        for part in ("there was nothing to read", "critical: Binance API key + secret", "Delete the key:",
                     "1 finding suppressed", "What it is"):
            self.assertIn(part, run.all)
        log = self.run_in(work / "bot", "git", "log", "--format=%s").stdout.splitlines()
        self.assertEqual(log, ["the testnet's key", "settings come from live.env, which stays here"])


if __name__ == "__main__":
    unittest.main()
