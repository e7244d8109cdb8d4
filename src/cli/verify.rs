//! Asking exchanges: `scan --verify` and `stopleak verify`. Builds without the feature `verify` know the words and say how
//! to get a build that can do it.

use stopleak::finding::Report;

#[cfg(feature = "verify")]
mod console;

#[cfg(not(feature = "verify"))]
use super::args::AskArgs;
use super::args::VerifyArgs;

/// Whether and how exchanges are asked about the findings of a scan.
#[derive(Debug, Default)]
pub(super) struct Asking {
    #[cfg(feature = "verify")]
    wanted: Option<console::Wanted>,
}

#[cfg(not(feature = "verify"))]
const ABSENT: &str = "this build has no network code, so it can't ask exchanges; `cargo install --locked --path . --features \
                      verify` in a clone of stopleak makes one that can";

#[cfg(not(feature = "verify"))]
impl Asking {
    pub(super) fn new(typed: &VerifyArgs, _quiet: bool) -> anyhow::Result<Self> {
        if typed.verify.is_some() {
            anyhow::bail!("--verify: {ABSENT}. Nothing was scanned");
        }
        Ok(Self::default())
    }

    pub(super) fn ask(&self, _report: &mut Report<'_>) -> anyhow::Result<()> {
        let Self {} = self;
        Ok(())
    }
}

#[cfg(not(feature = "verify"))]
pub(super) fn run(_typed: &AskArgs) -> anyhow::Result<u8> {
    anyhow::bail!("verify: {ABSENT}")
}

#[cfg(feature = "verify")]
impl Asking {
    pub(super) fn new(typed: &VerifyArgs, quiet: bool) -> anyhow::Result<Self> {
        Ok(Self { wanted: console::Wanted::new(typed, quiet)? })
    }

    pub(super) fn ask(&self, report: &mut Report<'_>) -> anyhow::Result<()> {
        self.wanted.as_ref().map_or(Ok(()), |wanted| wanted.ask(report))
    }
}

#[cfg(feature = "verify")]
pub(super) use console::run;
