#!/usr/bin/env bash
# Measures a release build against what does as much work: benches/run.sh PART [BINARY]
#   tree | tiny | huge | startup | staged | dense | all
# `cat` and `git` are always there; `rg` and peers (kingfisher, betterleaks, gitleaks) are added if they are on PATH.
# Material is made once in $BENCH_DIR (default: a folder of the temporary folder); $ROUNDS is the number of rounds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
part=${1:-all}
binary=$(realpath "${2:-$here/../target/release/stopleak}")
material=${BENCH_DIR:-${TMPDIR:-/tmp}/stopleak-benches}
rounds=${ROUNDS:-5}
words=$(paste -sd'|' "$here/keywords.txt")
mkdir -p "$material"

have() { command -v "$1" > /dev/null; }
make() { [ -e "$material/$2" ] || python3 "$here/corpus.py" "$1" "$material/$2" "${@:3}"; }
pairs() { python3 "$here/pairs.py" -n "$rounds" "$@"; }
cat_all() { echo "cat=sh:find $1 -type f -print0 | xargs -0 cat"; }
rg_words() { have rg && echo "rg, 150 words=rg -c -i --hidden --no-ignore '$words' $1"; }

trees() { # folder, further commands
    local commands=("stopleak=$binary scan $1" "$(cat_all "$1")")
    have rg && commands+=("$(rg_words "$1")")
    if [ -n "${PEERS:-}" ]; then
        have kingfisher && commands+=("kingfisher=kingfisher scan --turbo --no-validate --no-update-check $1")
        have betterleaks && commands+=("betterleaks=betterleaks filesystem --no-banner -s --exit-code 0 $1")
        have gitleaks && commands+=("gitleaks=gitleaks dir --no-banner --exit-code 0 $1")
    fi
    pairs "${commands[@]}"
}

tree() { make tree tree; echo "== tree: $(find "$material/tree" -type f | wc -l) files"; trees "$material/tree"; }
tiny() { make tiny tiny; echo "== 200,000 tiny files"; PEERS='' trees "$material/tiny"; }
huge() {
    make log log.txt; make json line.json
    for file in log.txt line.json; do
        echo "== $file, $(du -m "$material/$file" | cut -f1) MB"
        pairs "2 threads=$binary scan -j 2 $material/$file" "1 thread=$binary scan -j 1 $material/$file" \
            "cat=cat $material/$file"
    done
}
startup() {
    make small small; echo "== start-up"
    rounds=31 pairs "scan of a small file=$binary scan $material/small" "--version=$binary --version" "true=true"
}
staged() {
    local repository=$material/staged
    if [ ! -d "$repository" ]; then
        git init -q "$repository"
        for number in $(seq 300); do echo "x = $number" > "$repository/f$number.py"; done
        git -C "$repository" add -A
        git -C "$repository" -c user.name=a -c user.email=a@example.org commit -qm c
        echo 'y = 2' >> "$repository/f1.py"
        git -C "$repository" add f1.py
    fi
    echo "== one staged file"
    rounds=31 pairs -C "$repository" "stopleak=$binary staged" "git diff=git diff --cached"
}
dense() { make dense dense.csv; echo "== 2 MB of random tokens"; pairs "stopleak=$binary scan $material/dense.csv" "cat=cat $material/dense.csv"; }

case $part in
    tree | tiny | huge | startup | staged | dense) "$part" ;;
    all) startup; staged; tree; tiny; huge; dense ;;
    *) echo "benches/run.sh: no part is called $part; see the head of this file" >&2; exit 2 ;;
esac
