//! Cargo: `include` and `exclude` of Cargo.toml, and what git ignores, if it tracks Cargo.toml.
//!
//! <https://doc.rust-lang.org/cargo/reference/manifest.html#the-exclude-and-include-fields>

use super::{Around, Patterns, text_of, texts};

/// What `cargo package` does with a file; Some(None) if the folder's package leaves it out.
pub(super) fn statement(around: &Around<'_>) -> Option<Option<String>> {
    let manifest = around.folder.join("Cargo.toml");
    let table: Option<toml::Table> = text_of(&manifest)?.parse().ok();
    // A package ends where another Cargo.toml begins, whatever that one says.
    let Some(package) = table.as_ref().and_then(|table| table.get("package")?.as_table()) else { return Some(None) };
    let is_published = match package.get("publish") {
        Some(toml::Value::Boolean(published)) => *published,
        Some(toml::Value::Array(registries)) => !registries.is_empty(),
        _ => true,
    };
    let path = around.path()?;
    if !is_published || path.starts_with("target/") {
        return Some(None);
    }
    let list = |name: &str| texts(package.get(name)).filter(|list| !list.is_empty());
    let shown = around.shown(&manifest);
    // Where git does not track the manifest, or there is an `include`, Cargo walks the folder and does not ask git.
    let tracked = (around.tracks)(&manifest);
    let despite = if around.git_ignores && !tracked {
        format!("; that git ignores the file does not count, as git does not track {shown}")
    } else {
        String::new()
    };
    let names = |list: &[String]| Patterns::new(list.iter().map(String::as_str)).names(&path) == Some(true);
    Some(match (list("include"), list("exclude")) {
        // What is included is so though git ignores it.
        (Some(include), _) => {
            names(&include).then(|| format!("`cargo publish` packs the file: `include` of {shown} lists it"))
        }
        (None, _) if around.git_ignores && tracked => None,
        // A walk leaves out names with a leading dot.
        (None, _) if !tracked && path.split('/').any(|name| name.starts_with('.')) => None,
        (None, Some(exclude)) if names(&exclude) => None,
        (None, Some(_)) => {
            Some(format!("`cargo publish` packs the file: `exclude` of {shown} does not keep it out{despite}"))
        }
        (None, None) => {
            Some(format!("`cargo publish` packs the file: {shown} has neither `include` nor `exclude`{despite}"))
        }
    })
}
