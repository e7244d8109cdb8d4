//! Versions of files are read by what changed in them. That must find what reading each of them whole finds: `git
//! cat-file` and the engine alone are the oracle.

use std::collections::{BTreeMap, BTreeSet};

use stopleak::credential::Credential;
use stopleak::detect::prospect::Prospect;
use stopleak::detect::{Engine, Hint};
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};
use stopleak::source::git::Repository;
use stopleak::span::Span;

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
    "order_ids:",
    "- @",
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

/// A text by its versions: what is known of the last one, and how often which case occurred.
struct Reader<'e> {
    engine: &'e Engine<'e>,
    hint: Hint,
    text: String,
    known: Option<Prospect>,
    cases: BTreeMap<&'static str, usize>,
}

impl<'e> Reader<'e> {
    fn new(engine: &'e Engine<'e>, path: &str, text: String) -> Self {
        let hint = Hint { path: path.to_owned(), from_start: true, ..Hint::default() };
        let known = engine.prospect(text.as_bytes(), &hint, None);
        Self { engine, hint, text, known, cases: BTreeMap::new() }
    }

    /// The claim itself: what is found where credentials can stand is what a scan of the whole text finds.
    fn next(&mut self, next: String) {
        let Self { engine, hint, .. } = self;
        let (fresh, moved) = difference(self.text.as_bytes(), next.as_bytes());
        let known = self.known.clone().map(|known| {
            let places = known.places.iter().copied().filter_map(&moved).collect();
            (Prospect::new(known.bits(), places), fresh.as_slice())
        });
        let by_change = known.and_then(|known| engine.prospect(next.as_bytes(), hint, Some(known)));
        let (fresh, copied) = by_lines(&self.text, &next);
        let by_lines = self.known.clone().and_then(|known| {
            let places = known.places.iter().flat_map(|&place| moved_with(place, &copied)).collect();
            engine.prospect(next.as_bytes(), hint, Some((Prospect::new(known.bits(), places), &fresh)))
        });
        let whole = engine.prospect(next.as_bytes(), hint, None);
        let expected = engine.scan(next.as_bytes(), hint);
        for prospect in [&by_change, &by_lines, &whole].into_iter().flatten() {
            let found = engine.scan_near(next.as_bytes(), hint, &prospect.places);
            assert_eq!(told(&found), told(&expected), "{prospect:?}\n{next}");
            assert!(!prospect.is_barren() || expected.is_empty(), "{expected:?}\n{next}");
        }
        let case = match &by_change {
            None => "not told",
            Some(prospect) if prospect.is_barren() => "barren",
            Some(_) if expected.is_empty() => "places, nothing found",
            Some(_) => "places, something found",
        };
        *self.cases.entry(case).or_default() += 1;
        (self.text, self.known) = (next, by_change.or(whole));
    }
}

/// Everything that is said of credentials.
fn told(all: &[Credential]) -> Vec<String> {
    all.iter().map(|one| format!("{one:?}")).collect()
}

fn add(sum: &mut BTreeMap<&'static str, usize>, more: &BTreeMap<&'static str, usize>) {
    more.iter().for_each(|(case, count)| *sum.entry(case).or_default() += count);
}

fn occur(cases: &BTreeMap<&'static str, usize>, which: &[&str]) {
    assert!(which.iter().all(|case| cases.get(case).is_some_and(|&count| count > 5)), "{cases:?}");
}

/// Long texts with all that tells, edited again and again.
#[test]
fn where_credentials_can_stand_is_where_they_are_found() {
    let engine = Engine::new(RuleSet::builtin());
    let mut cases = BTreeMap::new();
    for seed in 1..=12 {
        let mut dice = Dice(seed);
        // Long enough that most of a text is out of reach of a change; at first with a few values or without any.
        let mut lines: Vec<String> = (0..900).map(|_| line_of(&mut dice, TELLING, 90)).collect();
        lines.retain(|line| seed % 2 == 0 || !line.contains(['\'', '"', ':']));
        let mut reader = Reader::new(&engine, "bot.py", lines.join("\n"));
        for _ in 0..20 {
            edit(&mut dice, &mut lines);
            reader.next(lines.join("\n"));
        }
        add(&mut cases, &reader.cases);
    }
    occur(&cases, &["barren", "places, something found"]);
}

/// The same where most depends on what stands some way off, each version judged by what is known of the one before.
#[test]
fn where_credentials_can_stand_whatever_stands_off() {
    let engine = Engine::new(RuleSet::builtin());
    let mut cases = BTreeMap::new();
    for seed in 1..=36 {
        let mut dice = Dice(seed);
        let path = ["levels.py", "levels.yml", "levels.js"][dice.roll(3)];
        let mut lines: Vec<String> =
            (0..300).map(|_| line_of(&mut dice, &["total = 0", "[", "]", "txid: @"], 12)).collect();
        let mut reader = Reader::new(&engine, path, lines.join("\n"));
        assert!(reader.known.as_ref().is_some_and(Prospect::is_barren), "seed {seed}: nothing is in the first");
        for _ in 0..16 {
            let before = (lines.clone(), reader.text.clone(), reader.known.clone());
            edit_with(&mut dice, &mut lines, UNTOLD, 2);
            reader.next(lines.join("\n"));
            // Every other time another edit of the same text is tried.
            if dice.roll(2) == 0 {
                (lines, reader.text, reader.known) = before;
            }
        }
        add(&mut cases, &reader.cases);
    }
    occur(&cases, &["barren", "places, nothing found", "places, something found"]);
}

/// The one stretch in which two texts differ, as git's deltas say it, and where places of the old one are in the new one.
fn difference(old: &[u8], new: &[u8]) -> (Vec<Span>, impl Fn(Span) -> Option<Span> + use<>) {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let head = old.iter().zip(new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
    let (old, new) = (old.len(), new.len());
    // What was before a place is where it was, or as far from the end.
    let moved = move |place: Span| {
        let behind = || Span::new(place.start + new - old, place.end + new - old);
        (place.end <= head).then_some(place).or_else(|| (place.start >= old - tail).then(behind))
    };
    (vec![Span::new(head, new - tail)], moved)
}

/// What was copied: whole lines, from where, to where.
type CopiedLines = Vec<(Span, usize)>;

/// The stretches in which two texts differ and what was copied, line by line and from anywhere, as git's deltas may say it.
fn by_lines(old: &str, new: &str) -> (Vec<Span>, CopiedLines) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut at = 0;
    for line in old.split_inclusive('\n') {
        places.entry(line).or_default().push(at);
        at += line.len();
    }
    let (mut fresh, mut copied): (Vec<Span>, CopiedLines) = (Vec::new(), Vec::new());
    let (mut to, mut next) = (0, 0);
    for line in new.split_inclusive('\n') {
        // The line that follows what was copied last, or else the next like it, or else any.
        let known = places.get(line).map(Vec::as_slice).unwrap_or_default();
        let ahead = known.iter().find(|&&at| at >= next).or(known.first());
        match ahead {
            Some(&from) if from == next && !copied.is_empty() && fresh.last().is_none_or(|last| last.end < to) => {
                copied.last_mut().expect("one").0.end += line.len();
                next = from + line.len();
            }
            Some(&from) => {
                if from != next && fresh.last().is_none_or(|last| last.end < to) {
                    fresh.push(Span::new(to, to));
                }
                copied.push((Span::new(from, from + line.len()), to));
                next = from + line.len();
            }
            None => match fresh.last_mut().filter(|last| last.end == to) {
                Some(last) => last.end += line.len(),
                None => fresh.push(Span::new(to, to + line.len())),
            },
        }
        to += line.len();
    }
    if next < old.len() && fresh.last().is_none_or(|last| last.end < to) {
        fresh.push(Span::new(to, to));
    }
    (fresh, copied)
}

fn moved_with(place: Span, copied: &CopiedLines) -> Vec<Span> {
    let held = copied.iter().filter(|(from, _)| from.contains(place));
    held.map(|(from, to)| Span::new(place.start - from.start + to, place.end - from.start + to)).collect()
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
        let mut reader = Reader::new(&engine, "levels.py", before);
        known_before += usize::from(reader.known.as_ref().is_some_and(Prospect::is_barren));
        assert!(!engine.scan(after.as_bytes(), &hint).is_empty(), "{what}: it is found");
        reader.next(after);
        assert!(!reader.cases.contains_key("barren"), "{what}: the change tells");
    }
    assert!(known_before >= 4, "{known_before}: nothing was in most of them before");
}

/// What a change makes of values that it doesn't touch and that stand far off: by the words that are read now, a name that
/// isn't on a line near, another construct or table around them, and a reading that begins far before.
#[test]
fn changes_that_are_felt_far_off() {
    let engine = Engine::new(RuleSet::builtin());
    let lines = |count: usize| "    total = price + size\n".repeat(count);
    let few = |count: usize| "    a = b\n".repeat(count);
    let short = format!("{}7", random(2, ALNUM, 7));
    let [a, b, c] = [11, 12, 13].map(|seed| random(seed, ALNUM, 64));
    let hash = random(1, "0123456789abcdef", 64);
    let key = format!("DERIBIT_API_KEY = \"{short}\"\n");
    let csv = "1,none,spot\n".repeat(200);
    let copied = "1\tnone\tx\n".repeat(200);
    let wrapped = |name: &str| {
        let more = "\"total\": \"price and size\", ".repeat(300);
        let text = format!("{{{more}\"binance\": {{\"{name}\": \"{a}\"}}, {more}\"end\": 0}}");
        let token = data_encoding::BASE64.encode(text.as_bytes());
        let lines = token.as_bytes().chunks(70).map(String::from_utf8_lossy);
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let unicode = |text: &str| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
    let pieces = |joint: &str| {
        let piece = |two: &[u8]| format!("'{}',\n{}", String::from_utf8_lossy(two), " ".repeat(60));
        format!("binance_secret = [{}].join('{joint}')", a.as_bytes().chunks(2).map(piece).collect::<String>())
    };
    // A template, what stands for `@` before, and what does after.
    let cases: &[(&str, String, &str, &str)] = &[
        ("py", format!("{key}{}@{}", few(40), lines(300)), "", &hash),
        ("py", format!("@\n{}{key}{}", few(8), lines(300)), "", &hash),
        ("py", format!("{key}{}@x = \"{hash}\"\n", few(150)), &few(150), ""),
        ("py", format!("Binance {a} {b}\n{}binance @ y\n", lines(150)), &c, ""),
        ("py", format!("Binance {a} {b}\n{}x @ y\n{}", lines(400), lines(100)), "", &c),
        (
            "yml",
            format!("@:\n{}- {a}\n# binance\n", format!("- {}\n", "more ".repeat(26)).repeat(55)),
            "ids",
            "binance_secret",
        ),
        (
            "yml",
            format!("@:\r{}- {a}\r", "- words and more words and more\r".repeat(50)),
            "order_ids",
            "binance_secret",
        ),
        ("yml", format!("@\n{}binance_secret:\n    main: {a}\n", "total: 5\n".repeat(200)), "[prices]", "prices"),
        ("yml", format!("@\n{}binance_secret:\n    main: {a}\n", "total: 5\n".repeat(200)), "prices (", "prices"),
        ("py", format!("id,@,market\n{csv}77,{a},binance\n"), "hash", "okx_api_secret"),
        ("py", format!("id,okx_api_secret,market\n{csv}1,none@\n{csv}77,{a},binance\n"), "", ",spot"),
        ("py", format!("id,okx_api_secret,text,market\n1,{a},{}@\n", "x ".repeat(450)), "", ",spot"),
        ("py", format!("id,okx_api_secret,text\n1,{a},{}@\n", "x ".repeat(1900)), &"x ".repeat(200), ""),
        (
            "py",
            format!("INSERT INTO t (id, text, @) VALUES (1, '{}', '{a}');\n", "x ".repeat(800)),
            "hash",
            "okx_secret",
        ),
        (
            "py",
            // The same at the end of the text.
            format!("{}INSERT INTO t (id, text, @) VALUES (1, '{}', '{a}');", lines(300), "x ".repeat(800)),
            "hash",
            "okx_secret",
        ),
        (
            "py",
            format!("INSERT INTO t (id, @) VALUES\n{} (1,'{a}');\n", " (1, 'none'),\n".repeat(120)),
            "hash",
            "okx_secret",
        ),
        ("sql", format!("COPY t (id, @, ex) FROM stdin;\n{copied}1\t{a}\tbinance\n"), "hash", "okx_secret"),
        (
            "sql",
            format!(
                "COPY t (id, okx_secret, ex) FROM stdin;\n{copied}@t (id, hash, ex) FROM stdin;\n{copied}1\t{a}\tbinance\n"
            ),
            "COPY ",
            "",
        ),
        (
            "json",
            format!("{{\"key\": \"@\",\n \"desc\": \"{}\",\n \"value\": \"{a}\"}}\n# binance\n", "xy-z".repeat(350)),
            "orderText",
            "apiSecret",
        ),
        (
            "py",
            format!("@=db {} password={}\n", "option=some ".repeat(150), ["Tr4de", "-bot!9x"].concat()),
            "x",
            "host",
        ),
        ("py", format!("x\n@{}", lines(1)), &wrapped("orderHash"), &wrapped("apiSecret")),
        (
            "py",
            format!("@{}", percent(&format!(" = [{} '{a}'] # binance", "'none', ".repeat(60)))),
            &percent("order_hash"),
            &percent("api_secret"),
        ),
        (
            "py",
            format!("@{}", percent(&format!("\": {{{} \"main\": \"{a}\"}}}}", "\"x\": 5, ".repeat(200)))),
            &percent("{\"binance_orders"),
            &percent("{\"binance_secret"),
        ),
        ("js", format!("@{}", unicode(&format!("{}'{a}'] // binance", "'none', ".repeat(45)))), "order=", "secret = ["),
        ("py", "@\n".to_owned(), "x = 1", concat!("pa\\u0073sword = ", "\"Abc1%22x!9z\"")),
        ("yml", format!("binance_\\u0073ecret:\n{}    # binance\n    main: @\n", "    total: 5\n".repeat(200)), "", &a),
        ("js", "@\n".to_owned(), &pieces(","), &pieces("")),
        // Brackets that only the reading has, far above a value.
        ("js", format!("api_secret = @\n{}main: '{a}', // binance\n}}\n", few(200)), "", "\\u007b"),
        ("js", format!("api_secret = {{\norder = {{\n{}@\nmain: '{a}', // binance\n", few(200)), "", "\\u007d"),
        ("js", format!("api_secret = {{\norder = {{\n@\n{}main: '{a}', // binance\n", few(200)), "", "\\u007d"),
        ("js", format!("@ = \\u007b\n{}main: '{a}', // binance\n}}\n", few(200)), "order", "api_secret"),
        (
            "js",
            format!(
                "get(url, {{ @: {{\n{}    accept, zz,\n}} }});\nconst zz = '{a}';\n",
                "    accept: text,\n    // of any kind\n".repeat(100)
            ),
            "params",
            "headers",
        ),
    ];
    for (number, (kind, template, before, after)) in cases.iter().enumerate() {
        let hint = Hint { path: format!("levels.{kind}"), from_start: true, ..Hint::default() };
        // There are candidates far off, and no text is all head.
        let far = format!("{}txid: {}\n{}", lines(700), random(99, ALNUM, 64), lines(10));
        let [before, after] =
            [before, after].map(|what| format!("{}{}{far}", lines(250), template.replacen('@', what, 1)));
        let (was, is) = (engine.scan(before.as_bytes(), &hint), engine.scan(after.as_bytes(), &hint));
        assert!(!is.is_empty() && (number == 4 || was.is_empty()), "{number}: {} {}", was.len(), is.len());
        let mut reader = Reader::new(&engine, &hint.path, before.clone());
        assert!(reader.known.is_some(), "{number}: it is told");
        reader.next(after.clone());
        reader.next(before);
    }
    // What stood behind the head of a text comes into it.
    let text = |count| format!("{}{key}{}txid: {}\n", few(count), lines(700), random(99, ALNUM, 64));
    Reader::new(&engine, "levels.py", text(210)).next(text(150));
}

/// The same for changes that a hostile reader of the code thought of, in a text that holds another candidate and in one of
/// which nothing could be a value.
#[test]
fn changes_that_were_thought_of() {
    let engine = Engine::new(RuleSet::builtin());
    let lines = |count: usize| "    total = price + size\n".repeat(count);
    let a = random(11, ALNUM, 64);
    let password = ["Tr4de", "-bot!9x"].concat();
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let hex = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let csv = "1,none,spot\n".repeat(800);
    let rows = "1\tnone\tx\n".repeat(1200);
    let values = " (1, 'none'),\n".repeat(120);
    let about = "  # words of it and words of it and words of it and words of it and words of it\n";
    let named = format!("passwd='{}'", ["Abab", "!11aA"].concat());
    let encoded = |width: usize, what: &str| {
        let mut plain = " ".repeat(12_000);
        plain.replace_range(6000..6000 + what.len(), what);
        let token = data_encoding::BASE64_NOPAD.encode(plain.as_bytes());
        let lines = token.as_bytes().chunks(width).map(String::from_utf8_lossy);
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let pieces = |first: &str| {
        let piece = |two: &[u8]| format!("'{}',\n{}", String::from_utf8_lossy(two), " ".repeat(90));
        format!("{first}{}", a.as_bytes().chunks(2).map(piece).collect::<String>())
    };
    let copied = |between: &str, last: &str| {
        let (one, two) = ("t (id, okx_secret, ex) FROM stdin;", "t (id, hash, ex) FROM stdin;");
        format!("COPY {one}\n{rows}@{two}\n{between}1\t{a}\tbinance\n{last}")
    };
    // A template, what stands for `@` before, and what does after.
    let cases: &[(&str, String, &str, &str)] = &[
        ("py", "x = \"\"\"\n@\"\"\"\n".to_owned(), &encoded(130, ""), &encoded(130, &named)),
        ("js", format!("binance_secret = [{}].join('');\n", pieces("'@',")), "a b", "ab"),
        ("js", format!("binance_secret = @{}].join('');\n", pieces("")), "", "["),
        ("js", format!("binance_secret = [@{}].join('');\n", pieces("'',")), "5,", ""),
        ("py", format!("binance_secret = ''.join([{}'@'])\n", pieces("")), "a b", "ab"),
        ("py", format!("id,@,market\n{csv}77,{},binance\n", percent(&a)), "hash", "okx_api_secret"),
        ("py", format!("id,@,market\n{csv}77,{},binance\n", hex(&a)), "hash", "okx_api_secret"),
        ("py", format!("id,okx_api_secret,market\n{csv}1,none@\n{csv}77,{},binance\n", percent(&a)), "", ",spot"),
        ("py", format!("id,okx_api_secret,market\n{csv}@{csv}77,{},binance\n", percent(&a)), "\n", ""),
        (
            "py",
            format!("INSERT INTO t (id, text, @) VALUES (1, '{}', '{}');\n", "x ".repeat(800), percent(&a)),
            "hash",
            "okx_secret",
        ),
        ("py", format!("INSERT INTO t (id, @) VALUES\n{values} (1,'{}');\n", percent(&a)), "hash", "okx_secret"),
        ("sql", copied(&format!("{rows}1\tx\ty\tz\n{rows}"), ""), "COPY ", ""),
        ("sql", copied(&format!("{rows}\n{rows}"), ""), "COPY ", ""),
        ("sql", copied(&format!("1\tx\ty\n\\.\n{}", lines(400)), ""), "COPY ", ""),
        (
            "html",
            format!("variable &quot;password&quot; {{\n{}  default = &quot;@&quot;\n}}\n", about.repeat(7)),
            "",
            &password,
        ),
        ("html", format!("{{&quot;password&quot;:{}&quot;@&quot;}}\n", " ".repeat(600)), "", &password),
        ("py", format!("pa\\u0073sword = {}\"@\"\n", " ".repeat(700)), "", &password),
        // A lone escape, which is none, in a row far before a value.
        (
            "sql",
            format!(
                "INSERT INTO t (id, url, text, binance_secret) VALUES (1, 'https://example.org/?q=@', '{}', '{}');\n",
                "x ".repeat(800),
                data_encoding::HEXUPPER.encode(a.as_bytes())
            ),
            "a",
            "a%2Cb",
        ),
        ("csv", format!("id,okx_api_secret,market\n{csv}1,none,@\n{csv}77,{},binance\n", hex(&a)), "a", "a%2Cb"),
    ];
    let dead = "x = aBaBaBaBaBaBaBaBaBaBaBaB\n";
    let alive = format!("txid: {}\n", random(99, ALNUM, 64));
    for (kind, template, before, after) in cases {
        for other in [dead, &alive] {
            let text = |what: &str| {
                let changed = template.replacen('@', what, 1);
                format!("{dead}{}{changed}{}{other}{}", lines(250), lines(700), lines(10))
            };
            Reader::new(&engine, &format!("levels.{kind}"), text(before)).next(text(after));
        }
    }
}
