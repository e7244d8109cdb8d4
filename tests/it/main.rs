//! The integration tests: one binary, a module a subject.

#[cfg(all(feature = "archives", feature = "cli"))]
mod archives;
#[cfg(feature = "cli")]
mod baseline;
#[cfg(feature = "cli")]
mod carried;
mod cases;
#[cfg(feature = "cli")]
mod config;
mod databases;
#[cfg(all(feature = "archives", feature = "cli"))]
mod decoding;
#[cfg(feature = "cli")]
mod findings;
#[cfg(feature = "cli")]
mod foreign;
#[cfg(feature = "git")]
mod git;
#[cfg(feature = "cli")]
mod harness;
#[cfg(all(target_os = "linux", feature = "cli", feature = "git", feature = "archives"))]
mod hostile;
mod layering;
#[cfg(feature = "cli")]
mod output;
mod proofs;
#[cfg(feature = "cli")]
mod proven;
#[cfg(feature = "git")]
mod repo;
mod rules;
#[cfg(feature = "cli")]
mod stats;
#[cfg(feature = "cli")]
mod usage;
#[cfg(feature = "cli")]
mod verify;
