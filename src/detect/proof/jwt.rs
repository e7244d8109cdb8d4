//! JSON Web Tokens: the header must be JSON that names an algorithm. Issuer and expiry are told.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::{Proof, Random, ascii};

fn json(part: &str) -> Option<Value> {
    let bytes = BASE64URL_NOPAD.decode(part.trim_end_matches('=').as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A day of the Gregorian calendar, from seconds since 1970.
pub(super) fn date(seconds: u64) -> String {
    // Days since 0000-03-01, cut into eras of 400 years.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// What may be shown of a claim: short and without control characters.
fn shown(claim: &str) -> String {
    claim.chars().filter(|c| c.is_ascii_graphic()).take(60).collect()
}

pub(super) fn prove(value: &[u8]) -> Proof {
    let Some(text) = ascii(value) else { return Proof::Fails };
    let mut parts = text.split('.');
    let header = parts.next().and_then(json);
    let Some(algorithm) = header.as_ref().and_then(|header| header.get("alg")).and_then(Value::as_str) else {
        return Proof::Fails;
    };
    let mut says = format!("a JSON Web Token ({})", shown(algorithm));
    let claims = parts.next().and_then(json);
    if claims.is_none() && header.as_ref().and_then(|header| header.get("enc")).is_none() {
        return Proof::Fails;
    }
    let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name));
    if let Some(issuer) = claim("iss").and_then(Value::as_str) {
        says += &format!(", issued by {}", shown(issuer));
    }
    match claim("exp").and_then(Value::as_f64) {
        // Some write milliseconds; beyond the year 9999 nothing is said.
        Some(expiry) if (0.0..2.5e11).contains(&expiry) => says += &format!(", expires {}", date(expiry as u64)),
        Some(_) => {}
        None => says += ", without an expiry",
    }
    Proof::Holds(says)
}

pub(super) fn sample(random: &mut Random) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(r#"{{"sub":"{}","iss":"desk","exp":{}}}"#, random.below(1 << 40), 1_900_000_000);
    let signature = BASE64URL_NOPAD.encode(&random.bytes::<32>());
    format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(claims.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let cases = [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_516_239_022, "2018-01-18")];
        for (seconds, day) in cases {
            assert_eq!(date(seconds), day);
        }
    }

    #[test]
    fn a_header_without_an_algorithm_fails() {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        for header in ["{}", "[]", "alg", r#"{"alg":1}"#] {
            let token = format!("{}.{}.{}", part(header), part("{}"), part("signature"));
            assert_eq!(prove(token.as_bytes()), Proof::Fails, "{header}");
        }
    }
}
