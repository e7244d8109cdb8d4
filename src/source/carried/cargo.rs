//! Cargo: `include` and `exclude` of Cargo.toml, else what git ignores.
//!
//! <https://doc.rust-lang.org/cargo/reference/manifest.html#the-exclude-and-include-fields>

use super::{Around, Patterns, text_of, texts};

/// What `cargo package` does with a file; Some(None) if the folder's package leaves it out.
pub(super) fn statement(around: &Around<'_>) -> Option<Option<String>> {
    let manifest = around.folder.join("Cargo.toml");
    let table: toml::Table = text_of(&manifest)?.parse().ok()?;
    let package = table.get("package")?.as_table()?;
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
    let names = |list: &[String]| Patterns::new(list.iter().map(String::as_str)).names(&path) == Some(true);
    Some(match (list("include"), list("exclude")) {
        // What is included is so though git ignores it.
        (Some(include), _) => {
            names(&include).then(|| format!("`cargo publish` packs the file: `include` of {shown} lists it"))
        }
        (None, _) if around.git_ignores => None,
        // Where git does not track the manifest, names with a leading dot are left out.
        (None, _) if !(around.tracks)(&manifest) && path.split('/').any(|name| name.starts_with('.')) => None,
        (None, Some(exclude)) if names(&exclude) => None,
        (None, Some(_)) => Some(format!("`cargo publish` packs the file: `exclude` of {shown} does not keep it out")),
        (None, None) => Some(format!("`cargo publish` packs the file: {shown} has neither `include` nor `exclude`")),
    })
}
