//! The last line of defence: a value that stands in the text *about* a finding (a file named after a token, a name that
//! holds a value, a reason that quotes one) is taken out there as well, whole or cut short.

use std::borrow::Cow;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use zeroize::{Zeroize as _, Zeroizing};

use crate::finding::{Finding, Remark, Report};
use crate::secret::guessable;
use crate::source::{Origin, SkipReason, Skipped};

/// What stands where a value was.
pub(super) const REDACTED: &str = "[REDACTED]";
/// Shorter values may be words, and words stand in names for other reasons.
const SHORTEST: usize = 12;
/// Values are looked for by pieces of this length, so that one that was cut is found too. What is shorter gives nothing
/// away of a value that can't be guessed.
const PIECE: usize = 8;
/// Longer values (blocks of keys) are not looked for encoded: no name is that long.
const LONGEST_ENCODED: usize = 512;

/// The report without its own values in names, reasons and paths; nothing if it is free of them already.
pub(super) fn scrub<'r>(report: &Report<'r>) -> Option<Report<'r>> {
    let scrubber = Scrubber::new(report)?;
    let findings = |list: &[Finding]| list.iter().map(|one| scrubber.finding(one)).collect();
    let clean = Report {
        rules: report.rules,
        mode: report.mode,
        findings: findings(&report.findings),
        suppressed: findings(&report.suppressed),
        skipped: report.skipped.iter().map(|one| scrubber.skipped(one)).collect(),
        notes: report.notes.iter().map(|note| scrubber.text(note)).collect(),
        remarks: report.remarks.iter().map(|remark| Remark { text: scrubber.text(&remark.text), ..*remark }).collect(),
        has_baseline: report.has_baseline,
        totals: report.totals,
    };
    let same = clean.findings == report.findings
        && clean.suppressed == report.suppressed
        && clean.skipped == report.skipped
        && clean.notes == report.notes
        && clean.remarks == report.remarks;
    (!same).then_some(clean)
}

/// Finds the values of a report in other texts: whole values, their beginnings and ends of at least a piece, and any middle
/// of two pieces.
#[derive(Debug)]
pub struct Scrubber {
    /// The values and their encoded forms.
    values: Vec<Zeroizing<Vec<u8>>>,
    /// The pieces, sorted. There are a hundred of each value, and a file can hold a hundred thousand values: an automaton of them
    /// takes gigabytes.
    pieces: Vec<Piece>,
    /// A bit for each hash that a piece has: most texts hold none, and learn it here.
    hashes: Vec<u64>,
}

/// A piece of a value by its first eight bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    begin: [u8; PIECE],
    value: u32,
    /// Where it is in the value, and how much of it.
    at: u32,
    length: u8,
}

impl Drop for Scrubber {
    fn drop(&mut self) {
        self.pieces.iter_mut().for_each(|piece| piece.begin.zeroize());
    }
}

/// Bits of the hashes.
const HASHES: u32 = 18;

fn hash(begin: [u8; PIECE]) -> usize {
    (u64::from_le_bytes(begin).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HASHES)) as usize
}

impl Scrubber {
    /// Knows the values of all findings; nothing to do if there is none that can't be a word.
    #[must_use]
    pub fn new(report: &Report<'_>) -> Option<Self> {
        let findings = report.findings.iter().chain(&report.suppressed);
        let values = findings.flat_map(|finding| &finding.parts).map(|part| part.secret.expose());
        let mut plain: Vec<&[u8]> = values.filter(|value| value.len() >= SHORTEST && !guessable(value)).collect();
        plain.sort_unstable();
        plain.dedup();
        let mut values: Vec<Zeroizing<Vec<u8>>> = plain.into_iter().flat_map(forms).collect();
        // The longest first: of two values that share a piece, the one that reaches farther is asked first.
        values.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        let (mut pieces, mut hashes) = (Vec::new(), vec![0; 1 << (HASHES - 6)]);
        for (index, value) in values.iter().enumerate() {
            // A word or a header ("-----BEGIN ...") may stand elsewhere for other reasons, unless the value is all like that.
            let plain = !value.windows(PIECE).any(has_digit_and_letter);
            let length = if plain { SHORTEST } else { PIECE };
            let last = value.len() - length;
            let starts = (0..last).step_by(length).chain([last]);
            for at in starts.filter(|&at| plain || has_digit_and_letter(&value[at..at + length])) {
                let Some(begin) = value[at..].first_chunk() else { continue };
                let (value, at) = (u32::try_from(index).ok()?, u32::try_from(at).ok()?);
                pieces.push(Piece { begin: *begin, value, at, length: length as u8 });
                hashes[hash(*begin) / 64] |= 1_u64 << (hash(*begin) % 64);
            }
        }
        pieces.sort_unstable();
        (!pieces.is_empty()).then_some(Self { values, pieces, hashes })
    }

    /// Where pieces of values stand in a text: the piece, and its first byte there.
    fn found<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (&'a Piece, usize)> {
        text.windows(PIECE).enumerate().filter_map(|(at, window)| Some((at, *window.first_chunk::<PIECE>()?))).flat_map(
            move |(at, begin)| {
                let seen = self.hashes[hash(begin) / 64] & 1 << (hash(begin) % 64) != 0;
                let first =
                    if seen { self.pieces.partition_point(|piece| piece.begin < begin) } else { self.pieces.len() };
                let same = self.pieces[first..].iter().take_while(move |piece| piece.begin == begin);
                let whole = move |piece: &&Piece| {
                    let value = &self.values[piece.value as usize][piece.at as usize..];
                    text[at..].starts_with(&value[..usize::from(piece.length)])
                };
                same.filter(whole).map(move |piece| (piece, at))
            },
        )
    }

    fn bytes<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut clean = Vec::new();
        let mut copied = 0;
        for (piece, from) in self.found(text) {
            let value = &self.values[piece.value as usize];
            let (at, until) = (piece.at as usize, from + usize::from(piece.length));
            let equal = |(a, b): &(&u8, &u8)| a == b;
            let before = value[..at].iter().rev().zip(text[copied.min(from)..from].iter().rev());
            let after = value[at + usize::from(piece.length)..].iter().zip(&text[until..]);
            let start = from - before.take_while(equal).count();
            let end = until + after.take_while(equal).count();
            if start >= copied {
                clean.extend_from_slice(&text[copied..start]);
                clean.extend_from_slice(REDACTED.as_bytes());
            }
            copied = copied.max(end);
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        clean.extend_from_slice(&text[copied..]);
        Cow::Owned(clean)
    }

    /// A text without them.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    fn texts(&self, texts: &mut [String]) {
        texts.iter_mut().for_each(|text| *text = self.text(text));
    }

    fn origin(&self, origin: &mut Origin) {
        origin.path = self.bytes(&origin.path).into_owned();
        origin.member = origin.member.as_deref().map(|member| self.text(member));
        if let Some(git) = &origin.git {
            let mut git = (**git).clone();
            self.texts(&mut git.also);
            self.texts(&mut git.refs);
            git.author = git.author.as_deref().map(|author| self.text(author));
            origin.git = Some(git.into());
        }
    }

    fn finding(&self, finding: &Finding) -> Finding {
        let mut finding = finding.clone();
        self.texts(&mut finding.reasons);
        self.texts(&mut finding.exposure);
        self.texts(&mut finding.capabilities);
        if let Some(suppression) = &mut finding.suppressed {
            suppression.place = self.text(&suppression.place);
            suppression.reason = suppression.reason.as_deref().map(|reason| self.text(reason));
        }
        for part in &mut finding.parts {
            part.name = part.name.as_deref().map(|name| self.text(name));
            self.origin(&mut part.place.origin);
        }
        finding
    }

    fn skipped(&self, skipped: &Skipped) -> Skipped {
        let mut skipped = skipped.clone();
        self.origin(&mut skipped.origin);
        if let SkipReason::Unreadable(why)
        | SkipReason::Limit(why)
        | SkipReason::Missing(why)
        | SkipReason::Failed(why) = &mut skipped.reason
        {
            *why = self.text(why);
        }
        skipped
    }
}

/// A value as it is, in hexadecimal and in Base64. What stands before a value shifts its Base64 by a byte or two; without
/// these and what is behind the last whole group, the characters are the same then.
fn forms(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(value.to_vec())];
    if value.len() <= LONGEST_ENCODED {
        for encoding in [&HEXLOWER, &HEXUPPER] {
            forms.push(Zeroizing::new(encoding.encode(value).into_bytes()));
        }
        for shift in 0..3 {
            let whole = &value[shift..shift + (value.len() - shift) / 3 * 3];
            for encoding in [&BASE64, &BASE64URL] {
                forms.push(Zeroizing::new(encoding.encode(whole).into_bytes()));
            }
        }
    }
    forms
}

fn has_digit_and_letter(piece: &[u8]) -> bool {
    piece.iter().any(u8::is_ascii_digit) && piece.iter().any(u8::is_ascii_alphabetic)
}
