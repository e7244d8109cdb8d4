#!/usr/bin/env python3
"""Plots how the cost of a scan grows: 1, 4 and 16 times the input, and 1, 2 and 4 times the rules.

  growth.py BINARY [SVG=docs/growth.svg]

CPU time of whole processes, the least of five runs each, in rounds. The built-in rules are always on; further ones come from
a file of made-up rules (`corpus.py rules`)."""

import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def cpu(arguments):
    begin = os.times()
    code = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    end = os.times()
    if code not in (0, 1):
        sys.exit(f"failed with {code}: {arguments}")
    return end.children_user + end.children_system - begin.children_user - begin.children_system


def least(cases):
    rounds = []
    for _ in range(5):
        rounds.append([cpu(case) for case in cases])
        time.sleep(0.1)
    return [min(one[at] for one in rounds) for at in range(len(cases))]


def corpus(kind, path, amount):
    subprocess.run([sys.executable, os.path.join(HERE, "corpus.py"), kind, path, str(amount)], check=True)
    return path


def chart(left, title, labels, series, unit):
    """One chart: lines through measured points over powers of two or four, both axes logarithmic for input."""
    width, height, top = 300, 200, 60
    most = max(max(values) for _, values, _ in series) * 1.15
    out = [f'<text x="{left}" y="30" font-size="15" font-weight="bold">{title}</text>']
    out.append(f'<path d="M{left} {top}V{top + height}H{left + width}" fill="none" stroke="#888"/>')
    step = width / (len(labels) - 1 + 0.4)
    for at, label in enumerate(labels):
        out.append(f'<text x="{left + step * (at + 0.2):.0f}" y="{top + height + 20}" text-anchor="middle">{label}</text>')
    for share in (0.25, 0.5, 0.75, 1):
        y = top + height * (1 - share)
        out.append(f'<path d="M{left} {y:.0f}H{left + width}" stroke="#eee"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{most * share:.3g}</text>')
    for name, values, colour in series:
        points = [(left + step * (at + 0.2), top + height * (1 - value / most)) for at, value in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        out.append(f'<text x="{points[-1][0] + 8:.0f}" y="{points[-1][1] + 4:.0f}" fill="{colour}">{name}</text>')
    out.append(f'<text x="{left}" y="{top - 10}" fill="#666">{unit}</text>')
    return out


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = os.path.abspath(sys.argv[1])
    target = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "..", "docs", "growth.svg")
    with tempfile.TemporaryDirectory() as folder:
        def at(name):
            return os.path.join(folder, name)

        sizes = [5, 20, 80]
        trees = [corpus("tree", at(f"tree{size}"), size) for size in sizes]
        lines = [corpus("json", at(f"line{size}.json"), size) for size in sizes]
        tree_times = least([[binary, "scan", "-q", "-j", "1", tree] for tree in trees])
        line_times = least([[binary, "scan", "-q", "-j", "1", line] for line in lines])
        more = [[], ["--rules", corpus("rules", at("bench-a.toml"), 390)], ["--rules", corpus("rules", at("bench-b.toml"), 1170)]]
        rule_times = least([[binary, "scan", "-q", "-j", "1", *rules, trees[2]] for rules in more])
        small = corpus("small", at("small"), 0)
        start_times = least([[binary, "scan", "-q", *rules, small] for rules in more])
    for name, values in (("tree", tree_times), ("one line", line_times), ("rules", rule_times), ("start", start_times)):
        print(name, " ".join(f"{value:.3f}" for value in values))
    body = chart(70, "Cost by input", [f"{size} MB" for size in sizes],
                 [("tree", tree_times, "#1f6feb"), ("one line", line_times, "#d1552b")], "CPU s, one thread")
    body += chart(520, "Cost by rules, 80 MB", ["390 rules", "780", "1560"],
                  [("tree", rule_times, "#1f6feb"), ("start-up alone", start_times, "#8250df")], "CPU s, one thread")
    with open(target, "w") as out:
        out.write('<svg xmlns="http://www.w3.org/2000/svg" width="960" height="310" font-family="sans-serif" font-size="12">\n'
                  '<rect width="960" height="310" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n")


main()
