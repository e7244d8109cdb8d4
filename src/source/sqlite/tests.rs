//! Databases that SQLite made (`testdata/sqlite/make`), whole, damaged and hostile.

use std::io::Cursor;
use std::path::Path;

use super::*;
use rows::Text;

const ALL: [&str; 6] = ["accounts", "settings", "overflow", "utf16le", "utf16be", "deleted"];

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/sqlite/{name}.sqlite"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(bytes: &[u8]) -> (Text, Outcome) {
    let mut text = Text::default();
    let outcome = read(&mut Cursor::new(bytes), &mut |row| {
        text.row(row);
        true
    });
    (text, outcome)
}

#[test]
fn rows_are_read_with_their_columns() {
    let (key, secret) = ("@".repeat(64), "~".repeat(64));
    let config =
        format!("config:\n{{\"exchange\": {{\"name\": \"binance\", \"key\": \"{key}\", \"secret\": \"{secret}\"}}}}\n");
    let utf16 = format!(
        "accounts {{\nexchange: \"binance\"\nowner: \"\u{e9}va \u{1f511}\"\napi_key: \"{key}\"\napi_secret: \"{secret}\"\n}}\n"
    );
    for (name, expected, rows) in [
        (
            "accounts",
            format!(
                "accounts {{\nexchange: \"binance\"\napi_key: \"{key}\"\napi_secret: \"{secret}\"\nlabel: \"account number 77\"\n"
            ),
            119,
        ),
        (
            "settings",
            format!(
                "settings {{\ntheme: \"dark\"\nbinance_api_key: \"{key}\"\nbinance_api_secret: \"{secret}\"\npairs: \"BTC-USDT\"\n"
            ),
            1,
        ),
        ("overflow", config, 1),
        ("utf16le", utf16.clone(), 61),
        ("utf16be", utf16, 61),
        ("deleted", "accounts {\nexchange: \"other\"\n}\n".to_owned(), 1),
    ] {
        let (text, outcome) = text(&file(name));
        let shown = String::from_utf8(text.bytes.clone()).expect("UTF-8");
        assert!(shown.contains(&expected), "{name}: {shown}");
        assert_eq!(shown.matches("{\n").count(), rows, "{name}: objects");
        assert_eq!(outcome.damage, None, "{name}");
    }
}

#[test]
fn places_lead_back() {
    for name in ALL {
        let file = file(name);
        let (text, _) = text(&file);
        for (at, run) in
            text.bytes.chunk_by(|a, b| a == b).scan(0, |at, run| Some((std::mem::replace(at, *at + run.len()), run)))
        {
            if run.len() < 64 {
                continue;
            }
            let place = text.places.original(&text.bytes, Span::new(at, at + run.len()));
            let bytes: Vec<u8> = place.of(&file).iter().copied().filter(|&byte| byte != 0).collect();
            assert_eq!(bytes, run, "{name}");
        }
    }
    let (text, _) = text(&file("accounts"));
    let at = text.bytes.iter().position(|&byte| byte == b'@').expect("a key");
    assert_eq!(text.places.row(at).as_deref(), Some("row 77 of table accounts"));
}

/// Cut anywhere, and with any byte changed: it ends, what comes out is in proportion, places lie in the file.
#[test]
fn damage_stops_nothing() {
    for name in ALL {
        let whole = file(name);
        let cuts = (0..whole.len()).step_by(whole.len() / 20).map(|length| whole[..length].to_vec());
        let changes = (16..whole.len()).step_by(whole.len() / 60 + 1).flat_map(|at| {
            [0x00, 0xff, 0x81].map(|byte| {
                let mut changed = whole.clone();
                changed[at] = byte;
                changed
            })
        });
        for damaged in cuts.chain(changes) {
            let (text, outcome) = text(&damaged);
            assert!(text.bytes.len() <= 32 * whole.len(), "{name}: {} bytes", text.bytes.len());
            assert!(outcome.used.iter().all(|span| span.end <= damaged.len()), "{name}");
            let all = text.places.original(&text.bytes, Span::new(0, text.bytes.len()));
            assert!(all.end <= damaged.len(), "{name}");
        }
    }
}

#[test]
fn damage_is_told() {
    let whole = file("accounts");
    // The root of the table is an inner page; its children are in it.
    let inner = (0..whole.len() / 512).find(|page| *page > 0 && whole[page * 512] == 5).expect("an inner page");
    let at = inner * 512;
    let last_child = be32(&whole, at + 8);
    type Change<'a> = &'a dyn Fn(&mut Vec<u8>);
    let cases: [(&str, Change<'_>, &str); 6] = [
        (
            "a loop",
            &|file| file[at + 8..at + 12].copy_from_slice(&(inner as u32 + 1).to_be_bytes()),
            "is referred to twice",
        ),
        (
            "a page beyond the end",
            &|file| file[at + 8..at + 12].copy_from_slice(&9_999_u32.to_be_bytes()),
            "page 9999 of the database is not there",
        ),
        ("another kind", &|file| file[(last_child as usize - 1) * 512] = 0x77, "is no page of a table"),
        (
            "cells that overlap",
            &|file| {
                let page = (last_child as usize - 1) * 512;
                file[page + 3..page + 5].copy_from_slice(&200_u16.to_be_bytes());
                let first: Vec<u8> = file[page + 8..page + 10].to_vec();
                (0..200).for_each(|cell| file[page + 8 + 2 * cell..page + 10 + 2 * cell].copy_from_slice(&first));
            },
            "overlap",
        ),
        ("a page size of nothing", &|file| file[16] = 0x13, "says that its pages have"),
        ("a cut header", &|file| file.truncate(60), "ends in its header"),
    ];
    for (name, change, expected) in cases {
        let mut file = whole.clone();
        change(&mut file);
        let damage = text(&file).1.damage.unwrap_or_default();
        assert!(damage.contains(expected), "{name}: {damage}");
    }
}
