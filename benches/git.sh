#!/bin/sh
# Histories and staged changes against git's own reading and other scanners, side by side in one run.
#
#   benches/git.sh STOPLEAK REPO...        figures of each repository: CPU (user + system) and wall, medians
#   ROUNDS=5                               rounds of ours and of git
#   PEER_ROUNDS=1                          rounds of peers (0: none)
#   PEERS_DIR=/path/to/venv/bin            where gitleaks, betterleaks and kingfisher are, if not in PATH
#   CLASSES="1 0"                          threads of ours; 0 is one a core
#
# The repositories are bare or not, with 20,000 commits and more. On a machine that others use too, trust the CPU.
set -eu
[ $# -ge 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2; }
program=$(realpath "$1")
shift
exec python3 - "$program" "$@" <<'PYTHON'
import os, pathlib, resource, shutil, statistics, subprocess, sys, tempfile, time

program, repositories = sys.argv[1], sys.argv[2:]
rounds = int(os.environ.get("ROUNDS", "5"))
peer_rounds = int(os.environ.get("PEER_ROUNDS", "1"))
os.environ["PATH"] = os.environ.get("PEERS_DIR", "") + os.pathsep + os.environ["PATH"]


def private(pid):
    """Memory of its own of a process in KB: mapped packs are pages of the cache, which nothing is written to."""
    try:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty"))


def run(command, watch=False):
    """CPU seconds, wall seconds and, if watched, the peak of private memory in MB."""
    before, begin, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    while watch and child.poll() is None:
        peak = max(peak, private(child.pid))
        time.sleep(0.02)
    child.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - begin, peak / 1024


def compare(title, commands, reference):
    """Runs (name, command, rounds) in turn, and prints medians and ratios to the one called `reference`."""
    measured = {name: [] for name, _, _ in commands}
    for turn in range(max(count for _, _, count in commands)):
        for name, command, count in commands:
            if turn < count:
                measured[name].append(run(command))
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in measured.items() if rows}
    print(f"\n{title}")
    for name, (cpu, wall, _) in median.items():
        ratio = cpu / max(median[reference][0], 1e-4)
        print(f"  {name:36} CPU {cpu:8.3f} s  wall {wall:8.3f} s  {ratio:7.2f} x {reference}")


def peers(repository, folder):
    known = {
        "gitleaks": ["gitleaks", "git", repository, "--exit-code", "0", "-r", f"{folder}/g.json"],
        "betterleaks": ["betterleaks", "git", repository, "--exit-code", "0", "-r", f"{folder}/b.json"],
        "kingfisher": ["kingfisher", "scan", repository, "--no-update-check", "--no-validate", "-o", f"{folder}/k.txt"],
    }
    return [(name, command, peer_rounds) for name, command in known.items() if shutil.which(name) and peer_rounds]


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, stdout=subprocess.DEVNULL)


with tempfile.TemporaryDirectory() as folder:
    for repository in repositories:
        commits = subprocess.run(["git", "-C", repository, "rev-list", "--all", "--count"], capture_output=True, text=True)
        reading = ["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch", "--buffer"]
        ours = [program, "git", repository, "-f", "json", "-o", f"{folder}/ours.json"]
        threads = [(f"stopleak -j {n}" if n != "0" else "stopleak", ours + (["-j", n] if n != "0" else []), rounds)
                   for n in os.environ.get("CLASSES", "1 0").split()]
        title = f"history of {repository}: {commits.stdout.strip()} commits"
        compare(title, [("cat-file", reading, rounds), *threads, *peers(repository, folder)], "cat-file")
        print(f"  peak of private memory               {run(ours, watch=True)[2]:8.1f} MB")

    staged = f"{folder}/staged"
    os.mkdir(staged)
    git(staged, "init", "-q")
    for number in range(200):
        pathlib.Path(f"{staged}/f{number}.py").write_text("\n".join(f"x{n} = load({n})" for n in range(200)))
    git(staged, "add", "-A")
    git(staged, "commit", "-q", "-m", "all")
    with open(f"{staged}/f7.py", "a") as file:
        file.write("\napi_url = 'https://api.example.org'\nkey = load_key('prod')\n")
    git(staged, "add", "-A")
    os.chdir(staged)
    many = max(rounds, 15)
    diff = ("git diff --cached", ["git", "diff", "--cached"], many)
    compare("one staged file of 200", [diff, ("stopleak staged", [program, "staged"], many)], diff[0])
PYTHON
