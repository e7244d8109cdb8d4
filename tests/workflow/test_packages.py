"""Packages: built, installed where nothing else is, and run."""

import os
import platform
import shutil
import subprocess
import sys
import unittest

from harness import BUILDS, CHEAP_BUILD, PROGRAM, ROOT, TOOLS, Case, leak


class Packages(Case):
    def works(self, program, **more):
        """The installed program is ours, blocks a leak and passes a clean file."""
        version = self.run_in(self.folder, program, "--version", **more)
        self.assertRegex(version.stdout, r"^stopleak \d+\.\d+\.\d+\n$", version)
        (self.folder / "live.env").write_text(leak())
        run = self.run_in(self.folder, program, "scan", "live.env", **more)
        self.assertEqual(run.code, 1, run)
        self.assertIn("Binance API key + secret", run.stdout)
        (self.folder / "live.env").write_text("A=1\n")
        self.assertEqual(self.run_in(self.folder, program, "scan", "live.env", **more).code, 0)


class Wheel(Packages):
    def test_it_installs_into_a_fresh_environment_and_runs(self):
        wheels = self.folder / "wheels"
        build = self.run_in(ROOT, TOOLS / "maturin", "build", "--release", "--out", wheels, **CHEAP_BUILD)
        self.assertEqual(build.code, 0, build)
        [wheel] = wheels.glob("*.whl")
        fresh = self.folder / "fresh"
        subprocess.run([sys.executable, "-m", "venv", fresh], check=True)
        install = self.run_in(self.folder, fresh / "bin/pip", "install", "--no-index", wheel)
        self.assertEqual(install.code, 0, install)
        self.works(fresh / "bin/stopleak")
        self.assertLess(wheel.stat().st_size, 60_000_000)


@unittest.skipUnless(shutil.which("npm"), "needs npm")
class Npm(Packages):
    def target(self):
        arch = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
        return f"{sys.platform}-{arch}"

    def npm(self, folder, *arguments):
        run = self.run_in(folder, "npm", *arguments, "--ignore-scripts", "--no-audit", "--no-fund", "--offline")
        self.assertEqual(run.code, 0, run)
        return run

    def test_the_packages_install_and_run(self):
        out, app = self.folder / "out", self.folder / "app"
        build = self.run_in(ROOT, "node", "npm/build.mjs", out, f"{self.target()}={PROGRAM}")
        self.assertEqual(build.code, 0, build)
        app.mkdir()
        names = [f"stopleak-{self.target()}", "stopleak"]
        archives = [self.npm(out / name, "pack", "--silent", "--pack-destination", app).stdout.strip() for name in names]
        (app / "package.json").write_text('{"name": "app", "version": "1.0.0", "private": true}')
        self.npm(app, "install", *(f"./{archive}" for archive in archives))
        self.works(app / "node_modules/.bin/stopleak")

    def test_archives_become_packages(self):
        dist = self.folder / "dist"
        target = {"x64": "x86_64", "arm64": "aarch64"}[self.target().split("-")[1]] + "-unknown-linux-musl"
        run = self.run_in(ROOT, "packaging/archive", target, dist, PROGRAM.parent)
        self.assertEqual(run.code, 0, run)
        run = self.run_in(ROOT, "packaging/npm", dist, ONLY_SOME="1")
        self.assertEqual(run.code, 0, run)
        kinds = sorted(file.suffix for file in dist.iterdir())
        self.assertEqual(kinds, [".gz", ".tgz", ".tgz"])
        run = self.run_in(ROOT, "packaging/npm", dist, CI="true")
        self.assertIn("there is no archive for", run.stdout, "a release lacks no platform silently")

    def test_a_platform_without_a_package_is_told(self):
        run = self.run_in(ROOT, "node", "npm/stopleak/bin/stopleak.js", "--version")
        self.assertEqual(run.code, 2, run)
        self.assertIn(f"the package stopleak-{self.target()} is not installed", run.stderr)


class Pages(Packages):
    """The manual page and the completions are written by the program, so only their use is tested."""

    def setUp(self):
        super().setUp()
        self.pages = self.folder / "pages"
        run = self.run_in(ROOT, ROOT / "packaging/pages", PROGRAM, self.pages)
        self.assertEqual(run.code, 0, run)

    def test_bash_completes_commands_and_options(self):
        script = 'source stopleak.bash; COMP_WORDS=(stopleak "$1"); COMP_CWORD=1; _stopleak stopleak "$1" stopleak; echo "${COMPREPLY[*]}"'
        for begin, expected in (("sc", "scan"), ("sta", "staged"), ("expl", "explain")):
            run = self.run_in(self.pages, "bash", "-c", script, "bash", begin)
            self.assertEqual(run.stdout.split(), [expected], run)

    def test_the_manual_names_all_commands(self):
        page = subprocess.run(["gzip", "-dc", self.pages / "stopleak.1.gz"], capture_output=True, text=True, check=True).stdout
        listed = self.run_in(ROOT, PROGRAM, "--help").stdout
        for command in ("scan", "git", "staged", "diff", "hook", "config", "rules", "explain"):
            self.assertIn(command, listed)
            self.assertIn(f"\nstopleak\\-{command} \\- ", page)

    @unittest.skipUnless(shutil.which("cargo-deb"), "needs cargo-deb: cargo install cargo-deb")
    def test_the_debian_package_holds_program_and_pages(self):
        shutil.copytree(self.pages, BUILDS / "release/pages", dirs_exist_ok=True)
        shutil.copy2(PROGRAM, BUILDS / "release/stopleak")
        more = CHEAP_BUILD | {"PATH": os.environ["PATH"]}
        build = self.run_in(ROOT, "cargo-deb", "--no-build", "--no-strip", "--output", self.folder / "stopleak.deb", **more)
        self.assertEqual(build.code, 0, build)
        run = self.run_in(self.folder, "dpkg-deb", "--extract", "stopleak.deb", "root")
        self.assertEqual(run.code, 0, run)
        for name in ("share/man/man1/stopleak.1.gz", "share/bash-completion/completions/stopleak", "share/doc/stopleak/copyright"):
            self.assertTrue((self.folder / "root/usr" / name).is_file(), name)
        self.works(self.folder / "root/usr/bin/stopleak")


if __name__ == "__main__":
    unittest.main()
