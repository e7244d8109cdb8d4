//! The command line of stopleak.
fn main() {}
