//! Finds leaked credentials in text.

pub mod credential;
pub mod detect;
pub mod finding;
pub mod policy;
pub mod report;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod source;
pub mod span;
pub mod view;
