#!/usr/bin/env python3
"""Whether versions that are read by what changed in them say what reading each whole says: exact.py STOPLEAK REPO...

Of each repository `git` makes copies with the same objects in other packs: one without any delta, of which every blob is
scanned whole, and one with deltas as `git repack -adf --depth=50` makes them. All that is said of every finding must be
the same as of the repository as it is, with one thread and with eight. Prints a line for each, and the findings that differ;
exits 1 if any does. The copies are made in TMPDIR; a copy without deltas takes a multiple of the repository's size."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

if len(sys.argv) < 3:
    sys.exit(__doc__)
program = os.path.realpath(sys.argv[1])
# Repositories of another user are read as well.
os.environ.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def git(repository, *arguments, **more):
    done = subprocess.run(["git", "-C", repository, *arguments], stdout=subprocess.PIPE, check=True, **more)
    return done.stdout


def copy(repository, folder, *how):
    """A bare repository with the same references and the same objects, packed anew from a list, so that those that a partial
    clone lacks are lacking in the copy as well."""
    form = git(repository, "rev-parse", "--show-object-format").decode().strip()
    subprocess.run(["git", "init", "-q", "--bare", f"--object-format={form}", folder], check=True)
    objects = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    pack = ["git", "-C", repository, "-c", "core.compression=1", "pack-objects", "-q", *how, f"{folder}/objects/pack/pack"]
    subprocess.run(pack, input=objects, stdout=subprocess.DEVNULL, check=True)
    references = git(repository, "for-each-ref", "--format=%(objectname) %(refname)")
    pathlib.Path(folder, "packed-refs").write_bytes(references)
    head = subprocess.run(["git", "-C", repository, "symbolic-ref", "-q", "HEAD"], stdout=subprocess.PIPE).stdout
    pathlib.Path(folder, "HEAD").write_bytes(b"ref: " + head if head else git(repository, "rev-parse", "HEAD"))


def said(repository, threads, report):
    command = [program, "git", repository, "-j", str(threads), "-f", "json", "-o", report]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"exit code {done.returncode}: {' '.join(command)}\n{done.stderr.decode(errors='replace')}")
    with open(report, encoding="utf-8") as file:
        whole = json.load(file)
    missing = [entry["reason"] for entry in whole["coverage"]["skipped"] if entry["code"] == "missing"]
    return {json.dumps(one, sort_keys=True) for one in whole["findings"] + whole["suppressed"]}, missing


failed = False
for repository in sys.argv[2:]:
    with tempfile.TemporaryDirectory() as folder:
        copy(repository, f"{folder}/whole", "--window=0", "--depth=0", "--no-reuse-delta")
        expected, missing = said(f"{folder}/whole", 2, f"{folder}/report.json")
        print(f"{repository}\n  without deltas: {len(expected)} findings", *missing, sep="; ", flush=True)
        subprocess.run(["rm", "-rf", f"{folder}/whole"], check=True)
        copy(repository, f"{folder}/deltas", "--window=10", "--depth=50", "--no-reuse-delta")
        for name, path, threads in [("as it is", repository, 1), ("as it is", repository, 8), ("packed anew", f"{folder}/deltas", 2)]:
            found, _ = said(path, threads, f"{folder}/report.json")
            lost, more = expected - found, found - expected
            failed |= bool(lost or more)
            result = f"{len(lost)} are lost, {len(more)} are more" if lost or more else "the same"
            print(f"  {name}, -j {threads}: {result}", flush=True)
            for sign, one in [("-", one) for one in sorted(lost)] + [("+", one) for one in sorted(more)]:
                print(f"    {sign} {one}")
sys.exit(failed)
