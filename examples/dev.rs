use stopleak::{
    detect::{Engine, Hint},
    rules::RuleSet,
    span::LineIndex,
};
fn walk(dir: &std::path::Path, all: &mut Vec<std::path::PathBuf>) {
    let Ok(rd) = std::fs::read_dir(dir) else { return };
    for e in rd.flatten() {
        let p = e.path();
        if p.is_symlink() {
            continue;
        }
        if p.is_dir() {
            if p.file_name().unwrap() != ".git" {
                walk(&p, all)
            }
        } else {
            all.push(p)
        }
    }
}
fn main() {
    let root = std::env::args().nth(1).unwrap();
    let show = std::env::args().nth(2).is_some();
    let mut all = vec![];
    walk(std::path::Path::new(&root), &mut all);
    all.sort();
    let engine = Engine::new(RuleSet::builtin());
    for p in all {
        let Ok(text) = std::fs::read(&p) else { continue };
        if text[..text.len().min(8192)].contains(&0) || text.len() > 5_000_000 {
            continue;
        }
        let rel = p.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let mut h: Vec<&str> = rel.rsplit('/').take(3).collect();
        h.reverse();
        let hint = Hint { path: h.join("/").to_lowercase(), from_start: true, partial: false };
        let index = LineIndex::new(&text);
        for (n, c) in engine.scan(&text, &hint).into_iter().enumerate() {
            if c.confidence == stopleak::rules::Confidence::Low {
                continue;
            }
            for part in &c.parts {
                let r = index.region(part.span);
                let v = String::from_utf8_lossy(part.value.expose()).into_owned();
                if show {
                    let line = text[part.span.start.saturating_sub(70)..(part.span.end + 30).min(text.len())].to_vec();
                    println!(
                        "{}:{} [{}] {:?} {} {} :: {}",
                        rel,
                        r.start.line,
                        engine.rules().provider(c.provider).id,
                        c.confidence,
                        engine.rules().rule(part.rule).id,
                        part.name.as_deref().unwrap_or("-"),
                        String::from_utf8_lossy(&line).replace('\n', "⏎")
                    );
                } else {
                    println!(
                        "{}",
                        serde_json::json!({"path": rel, "start_line": r.start.line, "end_line": r.end.line, "start_column": r.start.column, "end_column": r.end.column, "secret": v, "rule_id": engine.rules().rule(part.rule).id,
                  "exchange": engine.rules().provider(c.provider).id, "role": part.role.as_str(), "group": format!("{rel}#{n}")})
                    );
                }
            }
        }
    }
}
