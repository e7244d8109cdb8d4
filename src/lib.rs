//! Finds leaked exchange API keys, wallet keys and other credentials in text.
//!
//! A river in one direction: [`source`] hands out texts, [`view`] reads them decoded as well, [`detect`] finds values and
//! [`credential`] puts the parts of one credential together, [`scan`] does this for a whole tree, [`policy`] says what is
//! reported, and [`report`] writes it. [`rules`] is what is known of providers. `ARCHITECTURE.md` tells more.
//!
//! ```
//! use stopleak::detect::{Engine, Hint};
//! use stopleak::rules::RuleSet;
//!
//! let engine = Engine::new(RuleSet::builtin());
//! let key = "BINANCE_API_KEY = os.environ['BINANCE_API_KEY']";
//! assert!(engine.scan(key.as_bytes(), &Hint::default()).is_empty(), "a look-up is no leak");
//! ```

// Module docs speak of the parts of their room by name; most of these are private, and who follows has the source.
#![allow(rustdoc::private_intra_doc_links)]

pub mod config;
pub mod credential;
pub mod detect;
pub mod finding;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod policy;
pub mod report;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod source;
pub mod span;
#[cfg(feature = "verify")]
pub mod verify;
pub mod view;
