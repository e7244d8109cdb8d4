#!/usr/bin/env python3
"""Times commands side by side: pairs.py [-n ROUNDS] [-C FOLDER] NAME=COMMAND ...

Each round runs each command once, in a shuffled order, so that a busy machine is busy for all. Prints medians of CPU time
(user and system, children included), wall time and peak memory, and the medians of each round's ratio of CPU to every
other command. A command that begins with `sh:` is run by a shell. Exits 1 if a command could not be run."""

import argparse
import os
import random
import shlex
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("-n", type=int, default=7)
parser.add_argument("-C", default=None)
parser.add_argument("commands", nargs="+")
typed = parser.parse_args()


def run(command):
    words = ["/bin/sh", "-c", command[3:]] if command.startswith("sh:") else shlex.split(command)
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            if typed.C:
                os.chdir(typed.C)
            null = os.open("/dev/null", os.O_RDWR)
            for number in range(3):
                os.dup2(null, number)
            os.execvp(words[0], words)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0 or code in (2, 126, 127):
        sys.exit(f"failed with {code}: {command[:200]}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


commands = [one.split("=", 1) for one in typed.commands]
for _, command in commands:
    run(command)
rounds = []
for _ in range(typed.n):
    order = commands[:]
    random.shuffle(order)
    rounds.append({name: run(command) for name, command in order})
names = [name for name, _ in commands]
middle = lambda values: statistics.median(values)
print(f"{'':26} {'CPU s':>8} {'wall s':>8} {'MB':>6}   {names[0]}'s CPU / its, wall / its")
for name in names:
    cpu, wall, memory = (middle([one[name][at] for one in rounds]) for at in range(3))
    ratio = [middle([one[names[0]][at] / max(one[name][at], 1e-4) for one in rounds]) for at in range(2)]
    print(f"{name:26} {cpu:8.3f} {wall:8.3f} {memory:6.0f}   {ratio[0]:.2f} {ratio[1]:.2f}")
