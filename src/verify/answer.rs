//! From an answer to what it means. An answer is a stranger's bytes: whatever is not positive evidence, read from a parsed
//! body, is an error row of the venue or inconclusive. Nothing of a body leaves this file but words of our own.

use serde_json::Value;

use crate::finding::verification::{Capability, Disclosure, Expiry, IpRestriction, Verdict};

use super::rights;
use super::venue::{
    AnswerShape, Environment, ErrorRow, ExpiryShape, IpShape, RequestTemplate, Select, TimeUnit, Venue,
};

/// What one answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The verdict.
    pub verdict: Verdict,
    /// What it could be as well.
    pub also_possible: Vec<Verdict>,
    /// The rights, sorted; empty unless the verdict is live.
    pub capabilities: Vec<Capability>,
    /// Whether these are all.
    pub disclosure: Disclosure,
    /// Whether the key is bound to addresses.
    pub ip: IpRestriction,
    /// When it ends.
    pub expires: Expiry,
    /// A value for the next request.
    pub(super) carried: Option<String>,
    /// Another request to make instead.
    pub(super) then: Option<&'static str>,
    /// Environments to ask instead.
    pub(super) elsewhere: &'static [Environment],
}

impl Reading {
    pub(super) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            also_possible: Vec::new(),
            capabilities: Vec::new(),
            disclosure: Disclosure::None,
            ip: IpRestriction::Unknown,
            expires: Expiry::Unknown,
            carried: None,
            then: None,
            elsewhere: &[],
        }
    }
}

/// What is asked, and by whom.
pub(super) struct Asked<'a> {
    pub(super) venue: &'static Venue,
    pub(super) request: &'static RequestTemplate,
    pub(super) environment: Environment,
    /// The key or address whose row is meant.
    pub(super) own: &'a str,
    /// Unix time in seconds.
    pub(super) now: u64,
}

/// Reads an answer to any of a venue's requests, by its number. For fuzzing: it must not panic and not claim more than
/// the bytes say. `None`: the venue has no such request.
#[must_use]
pub fn read_answer(venue: &'static Venue, request: usize, own: &str, status: u16, body: &[u8]) -> Option<Reading> {
    let request = venue.requests.get(request)?;
    let environment = venue.environments().find(|&one| request.is_in(one))?;
    Some(read(&Asked { venue, request, environment, own, now: 1_700_000_000 }, status, body))
}

pub(super) fn read(asked: &Asked<'_>, status: u16, body: &[u8]) -> Reading {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    if let Some(json) = &json
        && (200..300).contains(&status)
        && let Some(reading) = success(asked, json)
    {
        return reading;
    }
    let row = error_row(asked, status, json.as_ref(), body);
    let Some(row) = row else {
        return Reading::of(match status {
            418 | 429 => Verdict::RateLimited,
            451 => Verdict::GeoBlocked,
            _ => Verdict::Inconclusive,
        });
    };
    Reading {
        also_possible: row.also.clone(),
        then: row.then.as_deref(),
        elsewhere: &row.elsewhere,
        ..Reading::of(row.verdict)
    }
}

/// The row of the venue's errors that fits: those with a code or a text before those with a status alone, because one
/// status stands for many things.
fn error_row(asked: &Asked<'_>, status: u16, json: Option<&Value>, body: &[u8]) -> Option<&'static ErrorRow> {
    let at = |pointers: &[String]| -> Vec<String> {
        pointers.iter().filter_map(|pointer| text_of(json?.pointer(pointer)?)).collect()
    };
    let codes = at(&asked.venue.codes);
    let mut texts = at(&asked.venue.texts);
    let is_page = body.trim_ascii_start().starts_with(b"<");
    if json.is_none() && !is_page {
        texts.push(String::from_utf8_lossy(body).into_owned());
    }
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let fits = |row: &ErrorRow| {
        row.http.is_none_or(|http| http == status)
            && (row.within.is_empty() || row.within.contains(&asked.environment))
            && (row.code.is_empty() || row.code.iter().any(|code| codes.contains(code)))
            && (row.text.is_empty()
                || row.text.iter().any(|part| texts.iter().any(|text| text.contains(&part.to_lowercase()))))
    };
    let by_status_alone = |row: &&'static ErrorRow| row.code.is_empty() && row.text.is_empty();
    let rows = || asked.venue.errors.iter();
    rows().filter(|row| !by_status_alone(row)).find(|row| fits(row)).or_else(|| {
        // A page of a proxy or a firewall speaks for nobody's key, whatever its status; only its pace is obeyed.
        let may_be = |row: &&'static ErrorRow| {
            !is_page || matches!(row.verdict, Verdict::RateLimited | Verdict::GeoBlocked | Verdict::Inconclusive)
        };
        rows().filter(by_status_alone).filter(may_be).find(|row| fits(row))
    })
}

/// The reading of a success; nothing if a condition of it does not hold.
fn success(asked: &Asked<'_>, json: &Value) -> Option<Reading> {
    let shape = &asked.request.answer;
    let whole = |pointer: &str| json.pointer(pointer);
    let is = |(pointer, value): (&String, &String)| whole(pointer).and_then(text_of).as_ref() == Some(value);
    let is_or_absent = |(pointer, value): (&String, &String)| {
        whole(pointer).is_none_or(|found| text_of(found).as_ref() == Some(value))
    };
    let list = |pointer: &String| whole(pointer).and_then(Value::as_array);
    let holds = shape.is.iter().all(is)
        && shape.is_or_absent.iter().all(is_or_absent)
        && shape.empty.iter().all(|pointer| list(pointer).is_some_and(Vec::is_empty))
        && shape.array.iter().all(|pointer| list(pointer).is_some());
    if !holds {
        return None;
    }
    let row = match &shape.select {
        Some(select) => own_row(json, select, asked.own)?,
        None => json,
    };
    if !shape.has.iter().all(|pointer| row.pointer(pointer).is_some_and(|value| !value.is_null())) {
        return None;
    }
    if let Some(unless) =
        shape.unless.iter().find(|unless| row.pointer(&unless.at).and_then(text_of).as_ref() == Some(&unless.is))
    {
        return Some(Reading::of(unless.verdict));
    }
    let words = shape.rights.as_ref().and_then(|rights| rights::words(rights, row, &asked.venue.words));
    if shape.needs_rights && words.is_none() {
        return None;
    }
    let (capabilities, disclosure) = judge(asked, shape, words);
    let carried = shape.carry.as_ref().and_then(|pointer| row.pointer(pointer)).and_then(text_of);
    Some(Reading {
        capabilities,
        disclosure,
        ip: ip(&shape.ip, row),
        expires: shape.expires.as_ref().map_or(Expiry::Unknown, |expires| expiry(expires, row, asked.now)),
        carried,
        ..Reading::of(Verdict::Live)
    })
}

/// What the words mean. A word that is not known makes the whole incomplete.
fn judge(asked: &Asked<'_>, shape: &AnswerShape, words: Option<rights::Words>) -> (Vec<Capability>, Disclosure) {
    let mut capabilities = shape.proves.clone();
    let disclosure = match words {
        None => Disclosure::None,
        Some(words) => {
            let mut all = !words.unknown;
            for word in &words.words {
                match rights::meaning(&asked.venue.words, word, words.level.as_deref()) {
                    Some(meaning) => capabilities.extend(meaning),
                    None => all = false,
                }
            }
            // Nothing at all is said, and nothing else shows that this is meant.
            let silent = words.words.is_empty() && !words.saw_flags && shape.proves.is_empty();
            match all {
                _ if shape.partial => Disclosure::None,
                true if silent => Disclosure::None,
                true => Disclosure::All,
                false => Disclosure::Some,
            }
        }
    };
    capabilities.sort_unstable();
    capabilities.dedup();
    (capabilities, disclosure)
}

/// The row of our key. Some venues show keys masked in the middle or at the end.
fn own_row<'a>(json: &'a Value, select: &Select, own: &str) -> Option<&'a Value> {
    let is_own = |row: &&Value| {
        let Some(name) = row.get(&select.field).and_then(Value::as_str) else { return false };
        match name.split_once('*') {
            None => !own.is_empty() && name.eq_ignore_ascii_case(own),
            Some((before, behind)) => {
                let behind = behind.trim_start_matches('*');
                before.len() >= 4 && own.starts_with(before) && own.ends_with(behind)
            }
        }
    };
    let mut rows = json.pointer(&select.at)?.as_array()?.iter().filter(is_own);
    let row = rows.next()?;
    // Two rows that could be ours are none.
    rows.next().is_none().then_some(row)
}

/// Whether a key is bound to addresses. The addresses themselves are dropped.
fn ip(shape: &IpShape, row: &Value) -> IpRestriction {
    if shape.never {
        return IpRestriction::No;
    }
    let mut known = if shape.absent_means_none { IpRestriction::No } else { IpRestriction::Unknown };
    for value in shape.flags.iter().filter_map(|pointer| row.pointer(pointer)) {
        known = match text_of(value).as_deref() {
            Some("true") => return IpRestriction::Yes,
            Some("false") => IpRestriction::No,
            _ => IpRestriction::Unknown,
        };
    }
    for value in shape.lists.iter().filter_map(|pointer| row.pointer(pointer)) {
        let Some(addresses) = addresses(value) else {
            if !value.is_null() {
                known = IpRestriction::Unknown;
            }
            continue;
        };
        let open = addresses.iter().any(|address| matches!(address.as_str(), "*" | "0.0.0.0/0" | "::/0"));
        known = match (open, addresses.is_empty()) {
            (false, false) => return IpRestriction::Yes,
            (true, _) | (_, true) => IpRestriction::No,
        };
    }
    known
}

/// The addresses of a list or of a text between commas; nothing if it is neither.
fn addresses(value: &Value) -> Option<Vec<String>> {
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split([',', ';', ' ']).collect(),
        Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect())
}

fn expiry(shape: &ExpiryShape, row: &Value, now: u64) -> Expiry {
    let Some(value) = row.pointer(&shape.at) else { return Expiry::Unknown };
    if shape.unit == TimeUnit::Rfc3339 {
        return match value.as_str().and_then(seconds_of) {
            Some(0..86_400) => Expiry::Never,
            Some(time) => Expiry::At(time),
            None => Expiry::Unknown,
        };
    }
    if value.is_null() && shape.unit == TimeUnit::Ms {
        return Expiry::Never;
    }
    let Some(number) = text_of(value).and_then(|text| text.parse::<i64>().ok()) else { return Expiry::Unknown };
    match (shape.unit, u64::try_from(number)) {
        (TimeUnit::Days, Err(_)) | (TimeUnit::S | TimeUnit::Ms, Ok(0)) => Expiry::Never,
        (TimeUnit::Days, Ok(days)) => Expiry::At(now.saturating_add(days.min(36_500) * 86_400)),
        (TimeUnit::S, Ok(time)) => at(time),
        (TimeUnit::Ms, Ok(time)) => at(time / 1000),
        _ => Expiry::Unknown,
    }
}

/// A time that a calendar has; others are no times.
fn at(seconds: u64) -> Expiry {
    const YEAR_9999: u64 = 253_402_300_799;
    if seconds <= YEAR_9999 { Expiry::At(seconds) } else { Expiry::Unknown }
}

/// Unix seconds of `2026-11-21T08:00:00Z`, with a fraction or without.
pub(super) fn seconds_of(text: &str) -> Option<u64> {
    let (date, rest) = text.strip_suffix('Z')?.split_once('T')?;
    let time = rest.split('.').next()?;
    let numbers = |text: &str, mark: char| -> Option<[u64; 3]> {
        let parts: Vec<u64> = text.split(mark).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 {
        return None;
    }
    // Howard Hinnant's days_from_civil.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (y / 400, y % 400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = (era * 146_097 + doe).checked_sub(719_468)?;
    (minute < 60 && second <= 60).then_some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// A text, number or truth value as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for seconds in [0, 951_782_400, 1_700_000_000, 4_102_444_799] {
            assert_eq!(seconds_of(&crate::finding::verification::utc(seconds)), Some(seconds));
        }
        assert_eq!(seconds_of("2023-11-14T22:13:20.123Z"), Some(1_700_000_000));
        for bad in ["", "Z", "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T25:13:20Z", "1-1-1T1:1:1Z", "--T::Z"] {
            assert_eq!(seconds_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_list_that_lets_everybody_in_is_none() {
        let shape = IpShape { lists: vec!["/ips".to_owned()], ..IpShape::default() };
        let cases = [
            (r#"{"ips": ["203.0.113.7"]}"#, IpRestriction::Yes),
            (r#"{"ips": "203.0.113.7,203.0.113.8"}"#, IpRestriction::Yes),
            (r#"{"ips": ["*"]}"#, IpRestriction::No),
            (r#"{"ips": ["203.0.113.7", "0.0.0.0/0"]}"#, IpRestriction::No),
            (r#"{"ips": []}"#, IpRestriction::No),
            (r#"{"ips": [""]}"#, IpRestriction::No),
            (r#"{"ips": ""}"#, IpRestriction::No),
            (r#"{"ips": null}"#, IpRestriction::Unknown),
            (r#"{"ips": [7]}"#, IpRestriction::Unknown),
            (r#"{"ips": {"a": 1}}"#, IpRestriction::Unknown),
            (r"{}", IpRestriction::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(ip(&shape, &serde_json::from_str(text).expect("it is JSON")), expected, "{text}");
        }
    }
}
