#!/usr/bin/env python3
"""Makes material for the benchmarks, the same bytes every time. Nothing of it is anybody's: code, logs and values are
made up from word lists by a generator with a fixed seed.

  corpus.py tree  FOLDER [MB=88]     source files of six languages, about 8 KB each, 40 values planted in all
  corpus.py tiny  FOLDER [N=200000]  files of 60 bytes, 500 to a folder
  corpus.py log   FILE   [MB=2000]   one text of log lines
  corpus.py json  FILE   [MB=200]    one line of minified JSON
  corpus.py dense FILE   [MB=2]      a table of random tokens, the worst we know
  corpus.py rules FILE   [N=390]     a rule file with N rules of one's own
  corpus.py small FOLDER             one small file without anything in it
"""

import os
import random
import sys

R = random.Random(20261121)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
WORDS = (
    "order price market book trade volume side client account position balance symbol ticker candle depth level stream "
    "socket request response handler session token cache queue worker result error retry limit window index buffer "
    "message event signal strategy portfolio margin leverage fee funding rate spread quote base asset wallet transfer "
    "update insert delete filter parse format encode decode validate connect close open start stop load save config "
    "option value default engine adapter exchange factory manager service helper context state previous current next"
).split()
PROSE = (
    "the a this that returns whether if when it is not and or of to for with from by on in each all none every value "
    "we pass seed key name must should can will be used called before after while until then so because which what"
).split()


def token(length=64):
    return "".join(R.choices(ALPHABET, k=length))


def name(style):
    parts = R.choices(WORDS, k=R.randint(1, 4))
    if style == "camel":
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    if style == "type":
        return "".join(part.capitalize() for part in parts)
    return "_".join(parts).upper() if style == "const" else "_".join(parts)


def comment(mark):
    return f"{mark} {' '.join(R.choices(PROSE + WORDS, k=R.randint(4, 14))).capitalize()}."


def python():
    lines = [comment("#"), f"def {name('snake')}({name('snake')}, {name('snake')}=None):"]
    for _ in range(R.randint(3, 12)):
        lines.append(f"    {name('snake')} = self.{name('snake')}({name('snake')}, {R.randint(0, 999)})")
    return [*lines, f"    return {name('snake')}[\"{R.choice(WORDS)}\"]", ""]


def rust():
    lines = [comment("///"), f"pub fn {name('snake')}(&self, {name('snake')}: &{name('type')}) -> {name('type')} {{"]
    for _ in range(R.randint(3, 12)):
        lines.append(f"    let {name('snake')} = {name('snake')}.{name('snake')}()?.{name('snake')}({R.randint(0, 64)});")
    return [*lines, f"    {name('type')} {{ {name('snake')}: {name('snake')}.into() }}", "}", ""]


def java():
    lines = [f"    {comment('//')}", f"    public {name('type')} {name('camel')}({name('type')} {name('camel')}) {{"]
    for _ in range(R.randint(3, 12)):
        lines.append(f"        {name('type')} {name('camel')} = {name('camel')}.get{name('type')}(\"{R.choice(WORDS)}\");")
    return [*lines, "    }", ""]


def javascript():
    lines = [comment("//"), f"export async function {name('camel')}({{ {name('camel')}, {name('camel')} }}) {{"]
    for _ in range(R.randint(3, 12)):
        lines.append(f"  const {name('camel')} = await this.{name('camel')}(`/api/v3/{R.choice(WORDS)}/${{{name('camel')}}}`);")
    return [*lines, "}", ""]


def yaml():
    top = name("snake")
    return [f"{top}:", *(f"  {name('snake')}: {R.choice(WORDS)}-{R.randint(1, 99)}" for _ in range(R.randint(3, 9))), ""]


def markdown():
    lines = [f"## {' '.join(R.choices(WORDS, k=3)).capitalize()}", ""]
    lines += [f"{' '.join(R.choices(PROSE + WORDS, k=R.randint(8, 16)))}." for _ in range(R.randint(2, 8))]
    return [*lines, f"See https://example.org/{R.choice(WORDS)}/{R.randint(1, 999)}.", ""]


KINDS = [("py", python), ("rs", rust), ("java", java), ("js", javascript), ("yml", yaml), ("md", markdown)]


def digest(bits):
    return f"{R.getrandbits(bits):0{bits // 4}x}"


def tree(folder, megabytes):
    written, number = 0, 0
    while written < megabytes * 1_000_000:
        suffix, make = KINDS[number % len(KINDS)]
        lines = []
        size = R.randint(2_000, 14_000)
        while sum(map(len, lines)) < size:
            lines += make()
        # One file in twelve holds what only looks like a value, as real ones do.
        if number % 12 == 0:
            lines.insert(len(lines) // 2, f'checksum = "sha256:{digest(256)}"')
        if number % 20 == 1:
            lines.insert(len(lines) // 2, f'commit = "{digest(160)}"')
        if number % 250 == 7:
            lines.insert(len(lines) // 3, f'binance_api_secret = "{token()}"')
        path = os.path.join(folder, f"m{number // 200:03}", f"{name('snake')}_{number}.{suffix}")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        text = "\n".join(lines) + "\n"
        with open(path, "w") as out:
            out.write(text)
        written += len(text)
        number += 1


def tiny(folder, count):
    for number in range(count):
        path = os.path.join(folder, f"d{number // 500:04}")
        if number % 500 == 0:
            os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, f"f{number}.py"), "w") as out:
            if number % 5000:
                out.write(f"def f{number}(x):\n    return x + {number}  # nothing to see here\n")
            else:
                out.write(f'api_secret = "{token()}"\n')


def log(path, megabytes):
    line = (
        "2026-11-{day:02} 12:{minute:02}:{second:02} INFO order {order} BTCUSDT side=BUY price={price} qty=0.0{quantity} "
        "client=bot-{bot} status=FILLED\n"
    )
    block = "".join(
        line.format(day=i % 28 + 1, minute=i % 60, second=i * 7 % 60, order=i * 7919, price=30000 + i % 997,
                    quantity=i % 89, bot=i % 13)
        for i in range(80000)
    )
    with open(path, "w") as out:
        written = 0
        for number in range(1 << 30):
            if written >= megabytes * 1_000_000:
                return
            written += out.write(f'api_secret = "{token()}"\n' if number % 40 == 7 else block)


def json(path, megabytes):
    with open(path, "w") as out:
        written = out.write("[")
        for number in range(1 << 60):
            if written >= megabytes * 1_000_000:
                break
            hashed = token(24) if number % 50 == 0 else "x"
            written += out.write(
                f'{{"id":{number},"sym":"BTCUSDT","px":"{30000 + number % 997}.{number % 100:02}",'
                f'"qty":"0.{number % 1000:03}","h":"{hashed}"}},'
            )
        out.write(f'{{"apiSecret":"{token()}"}}]')


def dense(path, megabytes):
    with open(path, "w") as out:
        for _ in range(megabytes * 10_000):
            out.write(",".join(token(32) for _ in range(3)) + "\n")


def rules(path, count):
    with open(path, "w") as out:
        stem = os.path.splitext(os.path.basename(path))[0]
        out.write(f'[provider]\nid = "{stem}"\nname = "Bench"\nkind = "service"\naliases = ["benchcorp"]\n'
                  'revoke = "https://example.org"\ndocs = "https://example.org"\n')
        for number in range(count):
            words = "-".join(R.choices(WORDS, k=2))
            out.write(
                f'\n[[rule]]\nid = "{stem}-{words}-{number}"\nrole = "secret"\ntitle = "Key {number}"\n'
                f'shape = "[A-Za-z0-9]{{{20 + number % 60}}}"\nevidence = "context"\ngrade = "A"\nseverity = "high"\n'
                f'source = "made up"\nwords = ["{words.replace("-", "")}{number}"]\n'
                f'examples = [\'\'\'benchcorp_secret = "«${{shape}}»"\'\'\']\ncounter_examples = ["nothing"]\n'
            )


def small(folder, _):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "a.py"), "w") as out:
        out.write('def main():\n    print("hello")\n')


MAKERS = {"tree": (tree, 88), "tiny": (tiny, 200_000), "log": (log, 2000), "json": (json, 200), "dense": (dense, 2),
          "rules": (rules, 390), "small": (small, 0)}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in MAKERS:
        sys.exit(__doc__)
    make, amount = MAKERS[sys.argv[1]]
    make(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else amount)
