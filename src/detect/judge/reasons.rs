//! Why something is reported, in words.

use super::Case;
use crate::detect::Engine;
use crate::detect::context::{NEAR, OWN_NAME, Support};
use crate::detect::vocabulary::Mark;
use crate::rules::Role;
use crate::span::Span;

/// Why the surroundings speak for a provider.
pub(crate) fn support_reason(engine: &Engine<'_>, case: &Case<'_>, support: &Support) -> String {
    let provider = &engine.rules.provider(support.provider).name;
    let Some(mention) = support.mention else { return format!("{provider} is named by the file's name") };
    let word = quote(case.text, mention.span);
    let what = match mention.mark {
        Mark::Host(_) => "the host",
        Mark::Header(_) => "the header",
        Mark::Client(_) => "the client",
        Mark::Name(_) => "the setting",
        _ => "the word",
    };
    let place = match support.weight {
        OWN_NAME.. => "in the value's own name",
        96..OWN_NAME => "in what the value is handed to",
        68..=95 if support.weight >= 77 => "in the block around it",
        NEAR.. => "close by",
        _ => "in the same file",
    };
    format!("{provider} is named by {what} {word} {place}")
}

/// What a value's name says of it.
pub(crate) fn name_reason(text: &[u8], name: Span, role: Role) -> String {
    format!("the name {} says it is the {}", quote(text, name), role.title())
}

/// A piece of the text for people: printable, short.
pub(crate) fn quote(text: &[u8], span: Span) -> String {
    let shown: String = String::from_utf8_lossy(span.of(text)).chars().filter(|c| !c.is_control()).take(48).collect();
    format!("`{shown}`")
}
