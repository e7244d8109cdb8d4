//! Whatever an answer holds: no panic, and no more is claimed than it says.

use proptest::prelude::*;
use serde_json::Value;

use crate::finding::verification::{Capability, Disclosure, Verdict};
use crate::verify::answer::{Reading, read_answer};
use crate::verify::venue::{Venue, venues};

const OWN: &str = "AKeyThatNobodyHas";

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z_:@*,;. -]{0,12}".prop_map(Value::from),
        Just(Value::from(OWN)),
    ];
    // Names that mean something, so that the readers get beyond their first question.
    let name = prop_oneof![
        "[a-z]{1,3}",
        prop::sample::select(vec![
            "code",
            "data",
            "result",
            "error",
            "permissions",
            "perms",
            "perm",
            "id",
            "key",
            "ips",
            "ip",
            "scope",
            "readOnly",
            "retCode",
            "role",
            "success",
            "ipRestrict",
            "enableReading",
            "expiredAt",
            "validDays",
            "0",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn sound(
    venue: &'static Venue,
    number: usize,
    status: u16,
    body: &[u8],
    reading: &Reading,
) -> Result<(), TestCaseError> {
    let request = &venue.requests[number];
    if reading.verdict != Verdict::Live {
        prop_assert!(reading.capabilities.is_empty() && reading.disclosure == Disclosure::None);
        return Ok(());
    }
    prop_assert!((200..300).contains(&status) && serde_json::from_slice::<Value>(body).is_ok());
    let told: Vec<Capability> = venue.words.values().flatten().copied().collect();
    for right in &reading.capabilities {
        prop_assert!(request.answer.proves.contains(right) || told.contains(right));
    }
    prop_assert!(reading.disclosure != Disclosure::All || request.answer.rights.is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        for venue in venues() {
            for number in 0..venue.requests.len() {
                let reading = read_answer(venue, number, OWN, status, &body).expect("there is such a request");
                sound(venue, number, status, &body, &reading)?;
            }
        }
    }

    #[test]
    fn any_json_is_read(status in prop_oneof![Just(200_u16), 200_u16..600], value in json()) {
        let body = value.to_string();
        for venue in venues() {
            for number in 0..venue.requests.len() {
                let reading = read_answer(venue, number, OWN, status, body.as_bytes()).expect("there is such a request");
                sound(venue, number, status, body.as_bytes(), &reading)?;
            }
        }
    }
}

/// Each place of a JSON text replaced in turn.
fn spoilt(value: &Value, with: &Value) -> Vec<Value> {
    let mut all = vec![with.clone()];
    match value {
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                for other in spoilt(inner, with) {
                    let mut list = list.clone();
                    list[index] = other;
                    all.push(Value::Array(list));
                }
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                for other in spoilt(inner, with) {
                    let mut map = map.clone();
                    map.insert(name.clone(), other);
                    all.push(Value::Object(map));
                }
                let mut without = map.clone();
                without.remove(name);
                all.push(Value::Object(without));
            }
        }
        _ => {}
    }
    all
}

/// A recorded answer with any one place spoilt never gives a right that the whole answer doesn't.
#[test]
fn a_spoilt_answer_gives_no_further_right() {
    let mut tried = 0;
    for venue in venues() {
        let path = format!("{}/testdata/verify/answers/{}.toml", env!("CARGO_MANIFEST_DIR"), venue.id);
        let file: toml::Value =
            toml::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("it is TOML");
        for case in file["case"].as_array().expect("it is a list") {
            for (id, answer) in case["answers"].as_table().expect("it is a table") {
                let number =
                    venue.requests.iter().position(|request| request.id == *id).expect("there is such a request");
                let body = answer["body"].as_str().expect("it is a text");
                let body = body.replace("${key:6}", &OWN[..6]).replace("${key}", OWN).replace("${address}", OWN);
                let Ok(whole) = serde_json::from_str::<Value>(&body) else { continue };
                let of = |value: &Value| {
                    read_answer(venue, number, OWN, 200, value.to_string().as_bytes()).expect("a request")
                };
                let before = of(&whole);
                for with in [
                    Value::Null,
                    Value::from("zzz"),
                    Value::from(-7),
                    Value::Array(vec![Value::Null]),
                    serde_json::json!({"zzz": {}}),
                ] {
                    for spoilt in spoilt(&whole, &with) {
                        tried += 1;
                        let after = of(&spoilt);
                        let gained = after.capabilities.iter().find(|right| !before.capabilities.contains(right));
                        // An error that is no longer one, a row that no longer says "disabled": the rights were there.
                        let was_live = before.verdict == Verdict::Live;
                        assert!(!was_live || gained.is_none(), "{}: {spoilt}: {gained:?}", venue.id);
                    }
                }
            }
        }
    }
    assert!(tried > 5_000, "{tried}");
}
