//! The integration tests: one binary, a module a subject.

#[cfg(feature = "cli")]
mod findings;
#[cfg(feature = "cli")]
mod harness;
mod layering;
#[cfg(feature = "cli")]
mod output;
mod rules;
#[cfg(feature = "cli")]
mod usage;
