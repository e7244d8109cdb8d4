#!/usr/bin/env bash
# Instruction counts of a few runs, against those that are recorded in benches/callgrind.txt: they don't depend on how busy
# the machine is. A run that takes 5 % more (SLACK says how many) fails with its figures; `BLESS=1` records anew.
# Compilers differ by more than that, so nothing is judged if rustc is not the recorded one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
recorded=$here/callgrind.txt
command -v valgrind > /dev/null || { echo "callgrind: valgrind is not installed, so nothing is counted"; exit 0; }
version=$(rustc --version | cut -d' ' -f2)
known=$(awk '$1 == "rustc" { print $2 }' "$recorded" 2> /dev/null || true)
if [ -z "${BLESS:-}" ] && [ "$version" != "$known" ]; then
    echo "callgrind: counts are of rustc $known and this is $version, so nothing is judged"
    exit 0
fi
cd "$here/.."
# BINARY names a build of the profile `quick` that is there already.
# An incremental build inlines next to nothing of the library: its counts say nothing of a release.
[ -n "${BINARY:-}" ] || CARGO_INCREMENTAL=0 cargo build --locked --quiet --profile quick --bin stopleak
binary=$(realpath "${BINARY:-${CARGO_TARGET_DIR:-target}/quick/stopleak}")
material=$(mktemp -d)
trap 'rm -rf "$material"' EXIT
python3 benches/corpus.py small "$material/small"
python3 benches/corpus.py tree "$material/tree" 3
python3 benches/corpus.py json "$material/line.json" 8

count() { # arguments of the program
    # Findings are no failure.
    { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$@" 2>&1 > /dev/null || true; } |
        awk '/I +refs|Collected/ { gsub(",", "", $NF); count = $NF } END { print count }'
}

fail=0
lines="rustc $version"
check() { # name, arguments
    local name=$1 now before
    now=$(count "${@:2}")
    before=$(awk -v name="$name" '$1 == name { print $2 }' "$recorded" 2> /dev/null || true)
    lines+=$'\n'"$name $now"
    if [ -z "${BLESS:-}" ]; then
        awk -v name="$name" -v now="$now" -v before="${before:-0}" -v slack="${SLACK:-5}" 'BEGIN {
            worse = before == 0 || now > before * (1 + slack / 100)
            printf "%s %s: %.1f million instructions, %.1f recorded\n", worse ? "FAIL" : "ok  ", name, now / 1e6, before / 1e6
            exit worse
        }' || fail=1
    fi
}
check version --version
check small-file scan -q -j 1 "$material/small"
check tree scan -q -j 1 "$material/tree"
check one-line scan -q -j 1 "$material/line.json"
if [ -n "${BLESS:-}" ]; then echo "$lines" > "$recorded"; cat "$recorded"; fi
[ $fail = 0 ] || { echo "callgrind: mend it, or record the cost with BLESS=1 benches/callgrind.sh and say why" >&2; exit 1; }
