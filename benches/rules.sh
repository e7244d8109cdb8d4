#!/usr/bin/env bash
# What the number of built-in rules costs: instructions (callgrind) of a program with a quarter of the rule files and of one
# with all of them, for a start and for a tree, and their ratios.
#   benches/rules.sh [KEEP=4]    every KEEP-th file of each folder stays in the small program
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
keep=${1:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
build() { # folder, target folder, name
    (cd "$1" && cargo build --locked --quiet --profile quick --bin stopleak --target-dir "$2")
    cp "$2/quick/stopleak" "$work/$3"
}
mkdir "$work/few"
tar -C "$here" --exclude=./target --exclude=./.git -cf - . | tar -C "$work/few" -xf -
for folder in "$work"/few/rules/*; do
    # What the engine asks for by name stays.
    ls "$folder" | grep -vx 'generic.toml\|ethereum.toml\|devkey.toml' |
        awk -v keep="$keep" 'NR % keep { print }' | (cd "$folder" && xargs rm -f)
done
# A target folder of its own: cargo would take the one's program for the other's.
build "$work/few" "$CARGO_TARGET_DIR/few" program-few
build "$here" "$CARGO_TARGET_DIR" program-all
python3 "$here/benches/corpus.py" small "$work/small"
python3 "$here/benches/corpus.py" tree "$work/tree" 3
count() {
    { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 > /dev/null || true; } |
        awk '/I +refs|Collected/ { gsub(",", "", $NF); count = $NF } END { print count }'
}
rules() { "$1" rules list | awk '$1 == "all" { print $(NF - 1) }'; }
few=$(rules "$work/program-few") all=$(rules "$work/program-all")
echo "rules: $few and $all ($(awk "BEGIN { printf \"%.1f\", $all / $few }") times as many)"
for what in small tree; do
    a=$(count "$work/program-few" scan -q -j 1 "$work/$what") b=$(count "$work/program-all" scan -q -j 1 "$work/$what")
    awk -v a="$a" -v b="$b" -v what="$what" 'BEGIN { printf "%s: %.1f and %.1f million instructions, ratio %.2f\n", what, a / 1e6, b / 1e6, b / a }'
done
