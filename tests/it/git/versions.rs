//! Versions of files are read by what changed in them. That must find what reading each of them whole finds: `git
//! cat-file` and the engine alone are the oracle.

use std::collections::BTreeSet;

use stopleak::detect::{Engine, Hint};
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};
use stopleak::source::git::Repository;

use super::value;
use crate::harness::{ALNUM, random};
use crate::repo::Repo;

/// A small generator with a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// Lines that a finding depends on: values, names of all kinds, exchanges, what encloses, what is encoded. `@` stands for
/// a random value, `#` for half of one, `~` for one that is written as escapes.
const TELLING: &[&str] = &[
    "import ccxt",
    "exchange = ccxt.binance({",
    "# the account at OKX",
    "[bybit]",
    "credentials:",
    "apiKeys = {",
    "    secrets: [",
    "})",
    "}",
    "order_id = \"@\"",
    "txid: @",
    "\"@\",",
    "    '@',",
    "value = '@'",
    "api_key = '@'",
    "secret: @",
    "\"apiKey\": \"@\", \"secret\": \"@\",",
    "client = Client('@', '@')",
    concat!("password: ", "hunter2x!9"),
    concat!("OKX_PASSPHRASE=", "Abcd1234x!"),
    "passphrase =",
    "x = \"#\" + \"#\"",
    "api_secret = \"#\"",
    "    \"#\"",
    "%7B%22apiSecret%22%3A%22@%22%7D",
    "binance_\\u0073ecret = '@'",
    "{\\\"secret\\\": \\\"@\\\"}",
    "exchange,api_key,secret",
    "binance,@,@",
    "wallet",
    "https://api.kraken.com/0/private/@",
    "static const char api_secret[] = \"~\";",
    "order_id=~",
    "postgres://bot:#@db.example.org/x",
    "sha256:@",
];

/// Lines whose values are credentials only by what stands some way off: names and titles, headers that a variable is sent
/// in, heads of tables, what a list is called; `^` is a value of eight characters.
const UNTOLD: &[&str] = &[
    "# the account at OKX",
    "# prices of Kraken",
    "from gate import levels",
    "exchange = ccxt.binance({",
    "x = 'bin' + 'ance'",
    "[bybit]",
    "deribit:",
    "api_secret = [",
    "keys:",
    "  - @",
    "})",
    "]",
    "txid: @",
    "\"@\",",
    "    '@', '@',",
    "value = '@'",
    "hash = \"@\"",
    "key = '^'",
    "DERIBIT_API_KEY = \"^\"",
    "memo: ^",
    "const t = '@';",
    "get(url, { headers: { t } });",
    "id,key,secret",
    "1,@,@",
    "connect('@', '@')",
    "variable \"okx_api_key\" {",
    "  default = \"@\"",
];

fn line(dice: &mut Dice) -> String {
    line_of(dice, TELLING, 12)
}

/// One line in so many is a telling one.
fn line_of(dice: &mut Dice, telling: &[&str], among: usize) -> String {
    if dice.roll(among) > 0 {
        let words = ["price", "trade", "load", "order", "book", "size", "level", "total", "mean", "fee"];
        let mut word = || words[dice.roll(words.len())];
        return format!("    {} = {}_{}({}, {})", word(), word(), word(), word(), word());
    }
    let mut text = telling[dice.roll(telling.len())].to_owned();
    // A few values, so that one stands in many places.
    let from = if text.starts_with('#') { 1 } else { 0 };
    while let Some(at) = text[from..].find(['@', '#', '~', '^']).map(|at| from + at) {
        let length = match text.as_bytes()[at] {
            b'#' => 32,
            b'^' => 8,
            _ => [64, 36, 20][dice.roll(3)],
        };
        let seed = dice.roll(12) as u64;
        let mut value = random(seed, ALNUM, length);
        if text.as_bytes()[at] == b'~' {
            let hex = dice.roll(2) == 0;
            value =
                value.bytes().map(|byte| if hex { format!("\\x{byte:02x}") } else { format!("%{byte:02X}") }).collect();
        }
        text.replace_range(at..=at, &value);
    }
    text
}

/// A file of so many lines.
fn file(dice: &mut Dice, lines: usize) -> Vec<String> {
    (0..lines).map(|_| line(dice)).collect()
}

/// Adds, removes, changes or moves a few lines.
fn edit(dice: &mut Dice, lines: &mut Vec<String>) {
    edit_with(dice, lines, TELLING, 12);
}

fn edit_with(dice: &mut Dice, lines: &mut Vec<String>, telling: &[&str], among: usize) {
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(lines.len());
        match dice.roll(5) {
            0 => drop(lines.remove(at)),
            1 => lines[at] = line_of(dice, telling, among),
            2 => {
                let moved = lines.remove(at);
                let to = dice.roll(lines.len() + 1);
                lines.insert(to, moved);
            }
            3 => lines.insert(at, line_of(dice, telling, among)),
            _ => {
                let some = lines.split_off(at);
                lines.extend(some.into_iter().skip(dice.roll(8)));
            }
        }
        if lines.len() < 5 {
            lines.extend(file(dice, 50));
        }
    }
}

/// Rules and values.
type Found = BTreeSet<(String, Vec<u8>)>;

/// What the engine finds in each blob of a repository, read whole under its name.
fn oracle(engine: &Engine<'_>, repo: &Repo) -> Found {
    let mut all = Found::new();
    for object in repo.git(&["rev-list", "--objects", "--all"]).lines() {
        let Some((id, name)) = object.split_once(' ').filter(|(_, name)| !name.is_empty()) else { continue };
        let text = repo.git(&["cat-file", "blob", id]);
        let hint = Hint { path: name.to_lowercase(), from_start: true, ..Hint::default() };
        // The line end that `git` here trims is never missing.
        for found in engine.scan(format!("{text}\n").as_bytes(), &hint) {
            let chief = &found.parts[0];
            all.insert((engine.rules().rule(chief.rule).id.clone(), chief.value.expose().to_vec()));
        }
    }
    all
}

fn history(engine: &Engine<'_>, repo: &Repo, threads: usize) -> Found {
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let options = Options { threads, ..Options::default() };
    let report = scan::history(engine, &repository, false, &options, &());
    let name = |rule| engine.rules().rule(rule).id.clone();
    report.findings.iter().map(|found| (name(found.rule), found.chief().secret.expose().to_vec())).collect()
}

#[test]
fn what_changed_is_as_good_as_all() {
    let engine = Engine::new(RuleSet::builtin());
    let mut any = 0;
    for seed in 1..=3 {
        let (repo, mut dice) = (Repo::new(), Dice(seed));
        let names = ["bot.py", "settings.yml", "notes.md", "data.json", "Trader.java"];
        let mut files: Vec<Vec<String>> =
            names.iter().map(|_| 20 + dice.roll(400)).map(|n| file(&mut Dice(n as u64), n)).collect();
        for version in 0..12 {
            for (name, lines) in names.iter().zip(&mut files) {
                if version > 0 {
                    edit(&mut dice, lines);
                }
                repo.write(name, &format!("{}\n", lines.join("\n")));
            }
            repo.git(&["add", "-A"]);
            repo.git(&["commit", "-q", "--allow-empty", "-m", "next"]);
        }
        repo.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
        let expected = oracle(&engine, &repo);
        any += expected.len();
        for threads in [1, 2, 8] {
            assert_eq!(history(&engine, &repo, threads), expected, "seed {seed}, {threads} threads");
        }
    }
    assert!(any > 20, "the oracle finds something");
}

/// The claim itself: where nothing can be a credential, a scan finds nothing, in a text and in all that follow it.
#[test]
fn barren_texts_hold_no_finding() {
    let engine = Engine::new(RuleSet::builtin());
    let hint = Hint { path: "bot.py".to_owned(), from_start: true, ..Hint::default() };
    let (mut kept, mut lost) = (0, 0);
    for seed in 1..=12 {
        let mut dice = Dice(seed);
        // Long enough that most of a text is out of reach of a change.
        let mut lines: Vec<String> =
            file(&mut dice, 600).into_iter().filter(|line| !line.contains(['\'', '"', ':'])).collect();
        let mut text = lines.join("\n");
        let mut known = engine.barren(text.as_bytes(), &hint, None);
        for _ in 0..20 {
            edit(&mut dice, &mut lines);
            let next = lines.join("\n");
            let fresh = difference(text.as_bytes(), next.as_bytes());
            let barren = known.and_then(|known| engine.barren(next.as_bytes(), &hint, Some((known, &fresh))));
            let found = engine.scan(next.as_bytes(), &hint);
            assert!(barren.is_none() || found.is_empty(), "seed {seed}: {found:?}\n{next}");
            let whole = engine.barren(next.as_bytes(), &hint, None);
            assert!(whole.is_none() || found.is_empty(), "seed {seed}: {found:?}\n{next}");
            kept += usize::from(barren.is_some());
            lost += usize::from(barren.is_none());
            (text, known) = (next, whole);
        }
    }
    assert!(kept > 20 && lost > 20, "{kept} and {lost}: both cases occur");
}

/// The same where most depends on what stands some way off, each version judged by what is known of the one before.
#[test]
fn barren_texts_hold_no_finding_whatever_stands_off() {
    let engine = Engine::new(RuleSet::builtin());
    let (mut kept, mut lost, mut found_some) = (0, 0, 0);
    for seed in 1..=24 {
        let mut dice = Dice(seed);
        let path = ["levels.py", "levels.yml", "levels.js"][dice.roll(3)].to_owned();
        let hint = Hint { path, from_start: true, ..Hint::default() };
        let mut lines: Vec<String> =
            (0..300).map(|_| line_of(&mut dice, &["total = 0", "[", "]", "txid: @"], 12)).collect();
        let mut text = lines.join("\n");
        let mut known = engine.barren(text.as_bytes(), &hint, None);
        assert!(known.is_some(), "seed {seed}: nothing is in the first");
        for _ in 0..16 {
            let mut edited = lines.clone();
            edit_with(&mut dice, &mut edited, UNTOLD, 2);
            let next = edited.join("\n");
            let fresh = difference(text.as_bytes(), next.as_bytes());
            let barren = engine.barren(next.as_bytes(), &hint, known.map(|known| (known, fresh.as_slice())));
            let found = engine.scan(next.as_bytes(), &hint);
            assert!(barren.is_none() || found.is_empty(), "seed {seed}: {found:?}\n{next}");
            kept += usize::from(barren.is_some());
            lost += usize::from(barren.is_none());
            found_some += usize::from(!found.is_empty());
            // Where something can be one, another edit of the same text is tried.
            if barren.is_some() {
                (lines, text, known) = (edited, next, barren);
            }
        }
    }
    assert!(kept > 20 && lost > 20 && found_some > 5, "{kept}, {lost} and {found_some}: all cases occur");
}

/// The one stretch in which two texts differ, as git's deltas say it.
fn difference(old: &[u8], new: &[u8]) -> Vec<stopleak::span::Span> {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let head = old.iter().zip(new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
    vec![stopleak::span::Span::new(head, new.len() - tail)]
}

#[test]
fn a_value_of_an_old_version_is_found_though_the_newest_is_barren() {
    let repo = Repo::new();
    let lines: Vec<String> = (0..500).map(|n| format!("    total_{n} = size + {n}")).collect();
    for (version, at) in (0..40).map(|version| (version, (version * 37) % 500)) {
        let mut lines = lines.clone();
        lines[at] = match version {
            7 => format!("BINANCE_API_SECRET = \"{}\"", value(7)),
            version => format!("    # version {version}"),
        };
        repo.commit("long.py", &lines.join("\n"));
    }
    repo.git(&["repack", "-adfq", "--depth=50"]);
    let engine = Engine::new(RuleSet::builtin());
    let found = history(&engine, &repo, 2);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found.first().map(|found| found.1.clone()), Some(value(7).into_bytes()));
}

/// What a change makes of a text in which nothing was a credential, far from all that stood there.
#[test]
fn changes_that_make_credentials() {
    let engine = Engine::new(RuleSet::builtin());
    let checksum = format!("checksum = \"sha256:{}\"", random(1, "0123456789abcdef", 64));
    let filler = "    total = price + size\n".repeat(700);
    let encoded = |value: &str| {
        let filler = "\"total\": \"price and size\", ".repeat(200);
        let text = format!("{{{filler}\"binance\": {{\"apiSecret\": \"{value}\"}}, {filler}\"end\": 0}}");
        format!("x = \"{}\"", data_encoding::BASE64.encode(text.as_bytes()))
    };
    let block = |body: &str| format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----");
    let table = |head: &str| {
        let rows: String = (0..80).map(|n| format!("{n},{},spot\n", random(n, ALNUM, 40))).collect();
        format!("{head}\n{rows}")
    };
    let short = format!("{}7", random(2, ALNUM, 7));
    let secret = random(3, ALNUM, 64);
    let pem = stopleak::detect::proof::sample("pem", &mut {
        let mut state = 7_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state ^ state >> 29
        }
    })
    .expect("a key");
    let cases = [
        (
            "a short key that only its name gives away",
            filler.clone(),
            format!("DERIBIT_API_KEY = \"{short}\"\n{filler}"),
        ),
        ("the middle of a long encoded text", encoded(&"x".repeat(64)), encoded(&secret)),
        (
            "a name far before a value",
            format!("order_id = [\n{filler}"),
            format!("api_secret = [\n    \"{secret}\",\n{filler}"),
        ),
        ("the head of a table", table("id,hash,market"), table("id,okx_api_secret,market")),
        ("the middle of a key's block", block("Proc-Type: none"), pem),
        (
            "a bracket opened far above",
            format!("])\n{filler}"),
            format!("okx = Client(api_secret=\"{secret}\"\n{filler}"),
        ),
    ];
    let mut known_before = 0;
    for (what, before, after) in cases {
        let hint = Hint { path: "levels.py".to_owned(), from_start: true, ..Hint::default() };
        let [before, after] = [before, after].map(|text| format!("{text}\n{filler}{checksum}\n"));
        let known = engine.barren(before.as_bytes(), &hint, None);
        known_before += usize::from(known.is_some());
        let fresh = difference(before.as_bytes(), after.as_bytes());
        assert!(!engine.scan(after.as_bytes(), &hint).is_empty(), "{what}: it is found");
        let barren = known.map(|known| engine.barren(after.as_bytes(), &hint, Some((known, &fresh))));
        assert!(barren.is_none_or(|barren| barren.is_none()), "{what}: the change tells");
        assert!(engine.barren(after.as_bytes(), &hint, None).is_none(), "{what}: the whole tells");
    }
    assert!(known_before >= 4, "{known_before}: nothing was in most of them before");
}
