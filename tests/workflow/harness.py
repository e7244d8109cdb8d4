"""Temporary repositories, values without meaning, and programs run in them: what the tests of this folder have in common.

The tests need a virtual environment with the tools of requirements.txt; `.ci/workflow` makes it and runs them.
"""

import os
import random
import shutil
import string
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ["STOPLEAK"]).resolve()
TOOLS = Path(sys.executable).parent
# What builds of this folder share, so that the crates we depend on are built once, and without optimisation.
BUILDS = Path(os.environ["STOPLEAK_BUILDS"]).resolve()
CHEAP_BUILD = {
    "CARGO_TARGET_DIR": str(BUILDS),
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "64",
    "CARGO_INCREMENTAL": "0",
}


def value(seed, length=64):
    """Letters and digits without meaning: nothing that looks like a secret is stored in the repository."""
    chosen = random.Random(f"stopleak {seed}")
    return "".join(chosen.choice(string.ascii_letters + string.digits) for _ in range(length))


def leak(seed=1):
    """A key and a secret as they stand in a .env file."""
    return f"BINANCE_API_KEY={value((seed, 'key'))}\nBINANCE_API_SECRET={value((seed, 'secret'))}\n"


class Run:
    """What a program left."""

    def __init__(self, done):
        self.code, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
        self.all = self.stdout + self.stderr

    def __repr__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Case(unittest.TestCase):
    """A test with a folder of its own, in an environment without anything of the user's."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="stopleak-workflow-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.repo = self.folder / "repo"

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("LANG", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "PIP_INDEX_URL",
                "PIP_CONFIG_FILE", "PIP_TRUSTED_HOST", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "SSL_CERT_FILE",
                "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "npm_config_registry", "NPM_CONFIG_REGISTRY",
                "NPM_CONFIG_USERCONFIG") if name in os.environ}
        user = Path.home()
        kept.setdefault("CARGO_HOME", str(user / ".cargo"))
        kept.setdefault("RUSTUP_HOME", str(user / ".rustup"))
        for name, file in (("PIP_CONFIG_FILE", user / ".config/pip/pip.conf"), ("NPM_CONFIG_USERCONFIG", user / ".npmrc")):
            if file.exists():
                kept.setdefault(name, str(file))
        kept |= {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(TOOLS), str(PROGRAM.parent), os.environ["PATH"]]),
            "PRE_COMMIT_HOME": str(self.folder / "pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "NO_COLOR": "1",
        }
        for role in ("AUTHOR", "COMMITTER"):
            kept |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
        return kept | more

    def run_in(self, folder, *command, **more):
        done = subprocess.run(
            [str(part) for part in command], cwd=folder, env=self.environment(**more), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=1500, check=False)
        return Run(done)

    def git(self, *arguments, **more):
        """Runs git in the repository; it has to succeed."""
        run = self.run_in(self.repo, "git", *arguments, **more)
        self.assertEqual(run.code, 0, f"git {arguments}: {run}")
        return run.stdout.strip()

    def new_repo(self):
        self.repo.mkdir()
        self.git("init", "-q", "-b", "main")

    def write(self, name, text):
        path = self.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def snapshot(self):
        """This repository as it lies here, as a repository of its own with one commit; its path and that commit."""
        copy = self.folder / "stopleak"
        copy.mkdir()
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
        for name in names.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        run = self.run_in(copy, "git", "init", "-q", "-b", "main")
        self.assertEqual(run.code, 0, run)
        self.assertEqual(self.run_in(copy, "git", "add", "-A").code, 0)
        run = self.run_in(copy, "git", "commit", "-q", "-m", "snapshot")
        self.assertEqual(run.code, 0, run)
        return copy, self.run_in(copy, "git", "rev-parse", "HEAD").stdout.strip()
