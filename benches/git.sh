#!/bin/sh
# Histories and staged changes against git's own reading and other scanners, side by side in one run.
#
#   benches/git.sh STOPLEAK REPO...        figures of each repository: CPU (user + system) and wall, medians
#   ROUNDS=5                               rounds of ours and of git
#   PEER_ROUNDS=1                          rounds of peers (0: none)
#   PEERS_DIR=/path/to/venv/bin            where gitleaks, betterleaks and kingfisher are, if not in PATH
#   PEER_SECONDS=1800                      after which a peer is given up
#   CLASSES="1 0"                          threads of ours; 0 is one a core
#
# The repositories are bare or not, with 20,000 commits and more. On a machine that others use too, trust the CPU.
set -eu
[ $# -ge 2 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
program=$(realpath "$1")
shift
exec python3 - "$program" "$@" <<'PYTHON'
import os, pathlib, re, resource, shutil, statistics, subprocess, sys, tempfile, time

program, repositories = sys.argv[1], sys.argv[2:]
rounds = int(os.environ.get("ROUNDS", "5"))
peer_rounds = int(os.environ.get("PEER_ROUNDS", "1"))
peer_seconds = int(os.environ.get("PEER_SECONDS", "1800"))
os.environ["PATH"] = os.environ.get("PEERS_DIR", "") + os.pathsep + os.environ["PATH"]


def private(pid):
    """Memory of its own of a process in KB: mapped packs are pages of the cache, which nothing is written to."""
    try:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty"))


def run(command, good=(0,), watch=False):
    """CPU seconds, wall seconds and, if watched, the peak of private memory in MB. The error instead, if it ends by one."""
    before, begin, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, stdin=subprocess.DEVNULL)
        while watch and child.poll() is None:
            peak = max(peak, private(child.pid))
            time.sleep(0.02)
        try:
            child.wait(timeout=peer_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return f"given up after {peer_seconds} s"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if child.returncode not in good:
            said.seek(0)
            lines = re.sub(rb"\x1b\[[0-9;]*m", b"", said.read()).decode(errors="replace").strip().splitlines()
            return f"exit code {child.returncode} after {cpu:.3f} s of CPU: {lines[-1] if lines else 'no message'}"
    return cpu, time.monotonic() - begin, peak / 1024


def compare(title, commands, reference):
    """Runs (name, command, rounds, exit codes without error) in turn, and prints medians and ratios to `reference`."""
    measured, failed = {name: [] for name, *_ in commands}, {}
    for turn in range(max(count for _, _, count, _ in commands)):
        for name, command, count, good in commands:
            if turn < count and name not in failed:
                result = run(command, good)
                if isinstance(result, str):
                    failed[name] = result
                else:
                    measured[name].append(result)
    if reference in failed:
        sys.exit(f"{title}: {reference}: {failed[reference]}")
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in measured.items() if rows}
    print(f"\n{title}")
    for name, *_ in commands:
        if name in failed:
            print(f"  {name:36} ERROR {failed[name]}")
            continue
        cpu, wall, _ = median[name]
        ratio = cpu / max(median[reference][0], 1e-4)
        print(f"  {name:36} CPU {cpu:8.3f} s  wall {wall:8.3f} s  {ratio:7.2f} x {reference}")


def version(name):
    said = subprocess.run([name, "--version"], capture_output=True, text=True).stdout.split()
    return said[-1] if said else "of no version"


def peers(repository, folder):
    """Each as fast as it is with all of the history: no validation, no updates; the rules of kingfisher are compiled before."""
    quiet = ["--no-update-check", "--no-validate", "--rule-cache-dir", f"{folder}/rules", "-o", f"{folder}/k.txt"]
    known = {
        "betterleaks": ["betterleaks", "git", "--no-banner", "--exit-code", "0", "-o", f"{folder}/b.json", repository],
        "gitleaks": ["gitleaks", "git", "--no-banner", "--exit-code", "0", "-r", f"{folder}/g.json", repository],
        "kingfisher": ["kingfisher", "scan", repository, "--turbo", *quiet],
    }
    here = [name for name in known if shutil.which(name) and peer_rounds]
    # The wheel of betterleaks brings itself under both names.
    if {"gitleaks", "betterleaks"} <= set(here) and version("gitleaks") == version("betterleaks"):
        here.remove("gitleaks")
    if "kingfisher" in here:
        os.makedirs(f"{folder}/nothing", exist_ok=True)
        run(["kingfisher", "scan", f"{folder}/nothing", "--turbo", *quiet])
    return [(f"{name} {version(name)}"[:36], known[name], peer_rounds, (0, 200, 205)) for name in here]


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, stdout=subprocess.DEVNULL)


# Repositories of another user are read as well.
os.environ.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
with tempfile.TemporaryDirectory() as folder:
    for repository in repositories:
        commits = subprocess.run(["git", "-C", repository, "rev-list", "--all", "--count"], capture_output=True, text=True)
        reading = ["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch", "--buffer"]
        ours = [program, "git", repository, "-f", "json", "-o", f"{folder}/ours.json"]
        threads = [(f"stopleak -j {n}" if n != "0" else "stopleak", ours + (["-j", n] if n != "0" else []), rounds, (0, 1, 3))
                   for n in os.environ.get("CLASSES", "1 0").split()]
        title = f"history of {repository}: {commits.stdout.strip()} commits"
        compare(title, [("cat-file", reading, rounds, (0,)), *threads, *peers(repository, folder)], "cat-file")
        measured = run(ours, (0, 1, 3), watch=True)
        memory = measured if isinstance(measured, str) else f"{measured[2]:8.1f} MB"
        print(f"  peak of private memory               {memory}")

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
    diff = ("git diff --cached", ["git", "diff", "--cached"], many, (0,))
    compare("one staged file of 200", [diff, ("stopleak staged", [program, "staged"], many, (0, 1))], diff[0])
PYTHON
