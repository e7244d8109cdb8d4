//! Names near to a mistyped one.

/// How many names are suggested at most.
const MOST: usize = 3;

/// The candidates nearest to what was typed: those that contain it, else those a few letters away.
fn near<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let reach = 1 + typed.chars().count() / 4;
    let mut found: Vec<(usize, &str)> = candidates
        .filter_map(|candidate| {
            let distance =
                if !typed.is_empty() && candidate.contains(&typed) { 0 } else { distance(&typed, candidate) };
            (distance <= reach).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

/// `; did you mean a, b or c?`, or nothing.
#[must_use]
pub fn suggestion<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    match near(typed, candidates).as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [first @ .., last] => format!("; did you mean {} or {last}?", first.join(", ")),
    }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_name() {
        let ids = ["binance-api-key", "binance-api-secret", "bybit-api-key", "telegram-bot-token"];
        assert_eq!(near("binance-api-sekret", ids.into_iter()).first(), Some(&"binance-api-secret"));
        assert_eq!(near("binance", ids.into_iter()), ["binance-api-key", "binance-api-secret"]);
        assert!(near("zzzzzz", ids.into_iter()).is_empty());
        assert_eq!(suggestion("binance-api", ids.into_iter()), "; did you mean binance-api-key or binance-api-secret?");
    }
}
