use super::*;

/// A notebook as nbformat writes it: one line of a cell is one string.
fn notebook(cells: &[(&str, &[&str], &[&str])]) -> String {
    let strings = |lines: &[&str]| lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join(",\n");
    let cell = |(kind, source, text): &(&str, &[&str], &[&str])| {
        let outputs = format!(
            "  \"outputs\": [\n   {{\n    \"name\": \"stdout\",\n    \"text\": [\n{}\n    ]\n   }}\n  ],\n",
            strings(text)
        );
        format!(
            " {{\n  \"cell_type\": \"{kind}\",\n  \"metadata\": {{\"source\": 1}},\n{} \"source\": [\n{}\n  ]\n }}",
            if text.is_empty() { "" } else { &outputs },
            strings(source)
        )
    };
    let cells = cells.iter().map(cell).collect::<Vec<_>>().join(",\n");
    format!("{{\"metadata\": {{\"cells\": \"x\"}}, \"cells\": [\n{cells}\n], \"nbformat\": 4}}\n")
}

/// The texts of the cells.
fn read(text: &str) -> String {
    let book = Notebook::read(text.as_bytes(), &State::default());
    book.view(text.as_bytes()).map_or_else(String::new, |view| String::from_utf8_lossy(&view.text).into_owned())
}

/// The cell of a word.
fn cell(text: &str, word: &str) -> Option<String> {
    let at = text.find(word).expect("it is there");
    Notebook::read(text.as_bytes(), &State::default()).cell(Span::new(at, at + word.len()))
}

#[test]
fn cells_read_as_written() {
    let book = notebook(&[
        ("markdown", &[r##""# Title""##], &[]),
        ("code", &[r#""a = \"x\"\n""#, r#""b = 'y\\n'\n""#, r#""c""#], &[r#""out\tput\n""#, r#""more\u0041\n""#]),
        ("code", &[r#""d = 1""#], &[]),
    ]);
    assert_eq!(read(&book), "\n# Title\nout\tput\nmoreA\n\na = \"x\"\nb = 'y\\n'\nc\nd = 1\n");
    // The source as one string, and format 3.
    assert_eq!(read(r#"{"cells":[{"cell_type":"code","source":"a\nb","outputs":[]}]}"#), "\na\nb\n");
    assert_eq!(
        read(r#"{"worksheets":[{"cells":[{"cell_type":"code","input":["a\n","b"]}]},{"cells":[{"input":"c"}]}]}"#),
        "\na\nb\nc\n"
    );
    // Results, tracebacks; pictures and names are no text.
    let output = r#"{"cells":[{"outputs":[{"output_type":"o","data":{"image/png":"iVBO","text/plain":["r"]}},
        {"ename":"E","evalue":"v","traceback":["one","two"]}],"source":["s"]}]}"#;
    assert_eq!(read(output), "\nr\nv\none\ntwo\ns\n");
}

#[test]
fn cells_are_numbered_as_they_stand() {
    let book = notebook(&[
        ("markdown", &[r#""first""#], &[]),
        ("code", &[r#""second""#], &[r#""shown""#]),
        ("raw", &[r#""third""#], &[]),
    ]);
    for (word, expected) in [
        ("first", Some("notebook cell 1 (markdown)")),
        ("second", Some("notebook cell 2 (code)")),
        ("shown", Some("notebook cell 2 (output)")),
        ("third", Some("notebook cell 3 (raw)")),
        ("nbformat", None),
    ] {
        assert_eq!(cell(&book, word).as_deref(), expected, "{word}");
    }
    let kind_last = r#"{"cells":[{"source":"here","cell_type":"code"}]}"#;
    assert_eq!(cell(kind_last, "here").as_deref(), Some("notebook cell 1 (code)"));
}

#[test]
fn what_is_broken_is_read_as_far_as_it_goes() {
    let whole = notebook(&[("code", &[r#""a = 1\n""#, r#""b = 2\n""#], &[]), ("code", &[r#""c = 3""#], &[])]);
    let at = whole.find("b = 2").expect("it is there") + 3;
    assert_eq!(read(&whole[..at]), "\na = 1\nb =\n");
    for text in ["", "{", "}}}]]]", "\"", "[[[[", r#"{"cells":[{"source":["\"#, r#"{"cells":[{"source":["\u12"#] {
        assert!(read(text).trim_matches('\n').len() <= 4, "{text}");
    }
    // Deep nesting costs a number, no memory, and hides nothing that comes after.
    let deep = format!(r#"{{"x":{}{},"cells":[{{"source":"s"}}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(&deep), "\ns\n");
    for at in 0..whole.len() {
        for byte in *b"\"\\{}[],:\x00\xff" {
            let mut changed = whole.clone().into_bytes();
            changed[at] = byte;
            let book = Notebook::read(&changed, &State::default());
            book.view(&changed);
        }
    }
}

#[test]
fn windows_go_on_where_the_last_one_ended() {
    let whole = notebook(&[
        ("code", &[r#""first = 1\n""#, r#""more\n""#], &[r#""shown""#]),
        ("markdown", &[r#""second""#], &[]),
    ]);
    for cut in 0..whole.len() {
        let (one, two) = whole.as_bytes().split_at(cut);
        let mut state = State::default();
        state.advance(one);
        let rest = Notebook::read(two, &state);
        let second = whole.find("second").expect("it is there");
        if cut <= second {
            let span = Span::new(second - cut, second - cut + 6);
            assert_eq!(rest.cell(span).as_deref().map(|cell| &cell[..15]), Some("notebook cell 2"), "cut at {cut}");
            let view = rest.view(two).expect("it has cells");
            assert!(memchr::memmem::find(&view.text, b"second").is_some(), "cut at {cut}");
        }
    }
}

#[test]
fn places_lead_back() {
    let text = r#"{"cells":[{"source":["k = \"abc\"\n","s = 'def'"]}]}"#;
    let view = Notebook::read(text.as_bytes(), &State::default()).view(text.as_bytes()).expect("it has a cell");
    for word in ["abc", "def"] {
        let at = memchr::memmem::find(&view.text, word.as_bytes()).expect("it is there");
        let span = view.original(Span::new(at, at + word.len()));
        assert_eq!(&text[span.range()], word);
    }
}
