//! What `CREATE TABLE` says of a table: its name and its columns, in the order in which records hold them.

/// A table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// The columns of a table without row numbers as they are stored: those of its key first.
    pub(super) stored: Vec<usize>,
    /// Its definition has no sense: it names no columns, or has no end.
    pub(super) broken: bool,
}

/// The longest name that is kept, in characters.
const MAX_NAME: usize = 64;

impl Table {
    /// A table by its entry in the schema.
    pub(super) fn new(name: &str, sql: &str) -> Self {
        let mut table = Self { name: tidy(name), ..Self::default() };
        let mut key: Vec<String> = Vec::new();
        let open = sql.find('(').map_or(sql.len(), |at| at + 1);
        let (definitions, ends) = definitions(&sql[open..]);
        for definition in definitions {
            let words = words(&definition);
            let Some(first) = words.first() else { continue };
            let at = |word: &str| words.iter().position(|found| found.eq_ignore_ascii_case(word));
            let quoted = definition.trim_start().starts_with(['"', '`', '[', '\'']);
            let is = |word: &str| !quoted && first.eq_ignore_ascii_case(word);
            if is("CONSTRAINT") || is("PRIMARY") || is("UNIQUE") || is("CHECK") || is("FOREIGN") {
                if let Some(primary) = at("PRIMARY") {
                    let named = words.iter().skip(primary + 2).filter(|word| !is_order(word));
                    key = named.map(|name| tidy(name)).collect();
                }
                continue;
            }
            if at("AS").is_some() && at("STORED").is_none() && at("CAST").is_none() {
                // It is computed when it is asked for.
                continue;
            }
            if at("PRIMARY").is_some() {
                key = vec![tidy(first)];
            }
            table.columns.push(tidy(first));
        }
        let position = |name: &String| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        table.stored = key.iter().filter_map(position).collect();
        let rest: Vec<usize> = (0..table.columns.len()).filter(|column| !table.stored.contains(column)).collect();
        table.stored.extend(rest);
        table.broken = table.columns.is_empty() || !ends;
        table
    }

    /// The name of a column; records can hold more of them than were declared.
    pub(super) fn column(&self, number: usize) -> &str {
        self.columns.get(number).map_or("column", String::as_str)
    }

    /// Which columns hold a name and the value of that name, if that is what the rows are.
    pub(super) fn pair(&self) -> Option<(usize, usize)> {
        let find = |list: &[&str]| {
            let is = |column: &String| list.iter().any(|name| column.eq_ignore_ascii_case(name));
            self.columns.iter().position(is)
        };
        Some((find(NAMES)?, find(VALUES)?))
    }
}

/// How the two columns of tables of settings are called.
const NAMES: &[&str] = &[
    "key",
    "name",
    "setting",
    "setting_name",
    "setting_key",
    "option",
    "option_name",
    "param",
    "parameter",
    "property",
    "variable",
    "field",
    "item",
    "config_key",
    "attribute",
    "meta_key",
    "k",
];
const VALUES: &[&str] =
    &["value", "val", "setting_value", "option_value", "config_value", "meta_value", "data", "content", "v"];

fn is_order(word: &str) -> bool {
    word.eq_ignore_ascii_case("ASC") || word.eq_ignore_ascii_case("DESC")
}

/// A name without what could be taken for punctuation.
fn tidy(name: &str) -> String {
    let letter =
        |letter: char| if letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.') { letter } else { '_' };
    name.chars().take(MAX_NAME).map(letter).collect()
}

/// The definitions up to the closing bracket, without comments; whether it is there.
fn definitions(sql: &str) -> (Vec<String>, bool) {
    let (mut all, mut one, mut ends) = (Vec::new(), String::new(), false);
    let mut depth = 0_usize;
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '-' if letters.peek() == Some(&'-') => {
                letters.by_ref().take_while(|&letter| letter != '\n').for_each(drop);
                one.push(' ');
                continue;
            }
            '/' if letters.peek() == Some(&'*') => {
                let mut last = ' ';
                letters.next();
                for letter in letters.by_ref() {
                    if last == '*' && letter == '/' {
                        break;
                    }
                    last = letter;
                }
                one.push(' ');
                continue;
            }
            '"' | '\'' | '`' | '[' => {
                let close = if letter == '[' { ']' } else { letter };
                one.push(letter);
                one.extend(letters.by_ref().take_while(|&letter| letter != close));
                one.push(close);
                continue;
            }
            '(' => depth += 1,
            ')' if depth == 0 => {
                ends = true;
                break;
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                all.push(std::mem::take(&mut one));
                continue;
            }
            _ => {}
        }
        one.push(letter);
    }
    all.push(one);
    (all, ends)
}

/// The words of a definition; a quoted name is one.
fn words(definition: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut letters = definition.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut word = String::new();
        match letter {
            '"' | '\'' | '`' | '[' => {
                let close = if letter == '[' { ']' } else { letter };
                word.extend(letters.by_ref().take_while(|&letter| letter != close));
            }
            _ if letter.is_alphanumeric() || letter == '_' || letter == '$' => {
                word.push(letter);
                while let Some(letter) =
                    letters.next_if(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'))
                {
                    word.push(letter);
                }
            }
            _ => continue,
        }
        all.push(word);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_by_definition() {
        for (sql, columns, stored) in [
            ("CREATE TABLE t (a TEXT, b TEXT)", "a b", "0 1"),
            ("CREATE TABLE \"t\" (\"a b\" text default ',', [c(d)] x, `e`)", "a_b c_d_ e", "0 1 2"),
            ("CREATE TABLE t (id INTEGER PRIMARY KEY, b NUMERIC(10,2) CHECK (b > 0), c)", "id b c", "0 1 2"),
            (
                "CREATE TABLE t (a, -- the (first\n b /* x, */, c, PRIMARY KEY (c DESC, a)) WITHOUT ROWID",
                "a b c",
                "2 0 1",
            ),
            (
                "CREATE TABLE t (a, b AS (a+1), c TEXT DEFAULT (CAST(1 AS TEXT)), UNIQUE (a, c), FOREIGN KEY (a) REFERENCES u(x))",
                "a c",
                "0 1",
            ),
            ("CREATE TABLE t (a, b", "a b", "0 1"),
            ("nonsense", "", ""),
        ] {
            let table = Table::new("t", sql);
            assert_eq!(table.columns.join(" "), columns, "{sql}");
            assert_eq!(table.broken, !sql.ends_with([')', 'D']), "{sql}");
            assert_eq!(table.stored.iter().map(usize::to_string).collect::<Vec<_>>().join(" "), stored, "{sql}");
        }
    }
}
