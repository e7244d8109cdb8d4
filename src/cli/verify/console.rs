//! The dialogue: what would be sent, whether it may, and what came back. What is said here goes to standard error, because
//! standard output holds the report.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use anyhow::{Context as _, anyhow, bail};
use stopleak::config::near;
use stopleak::finding::Report;
use stopleak::finding::verification::Verdict;
use stopleak::report;
use stopleak::rules::{Role, RuleSet};
use stopleak::secret::Secret;
use stopleak::verify::{self, Asker, Check, Credential, Environment, Piece, Plan, Venue};
use zeroize::Zeroizing;

use crate::cli::args::{AskArgs, EnvironmentArg, ListFormat, VerifyArgs, VerifyMode};
use crate::cli::output;
use crate::cli::terminal::Hidden;

/// What stands before and after every question.
const DUTY: &str = "Only do this with keys that are yours or that you were hired to test; the exchange's log will show the \
                    address of this machine";

/// What was asked for with `scan --verify`.
#[derive(Debug)]
pub(super) struct Wanted {
    dry_run: bool,
    yes: bool,
    quiet: bool,
    proxy: Option<String>,
}

fn say(text: &str) {
    // If standard error is gone, nobody is there to be told.
    let _ = writeln!(std::io::stderr(), "{}", report::escape(text.as_bytes()));
}

fn is_dialogue() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

impl Wanted {
    /// Refuses before anything is scanned what would be refused after it.
    pub(super) fn new(typed: &VerifyArgs, quiet: bool) -> anyhow::Result<Option<Self>> {
        let Some(mode) = typed.verify else { return Ok(None) };
        let dry_run = mode == VerifyMode::DryRun;
        if !dry_run && !typed.yes && !is_dialogue() {
            bail!(
                "--verify uses the keys it finds, and there is no terminal to ask you on; add --yes to allow it, or see \
                 what would be sent with --verify=dry-run. {DUTY}. Nothing was scanned"
            );
        }
        Asker::new(typed.proxy.as_deref()).map_err(|error| anyhow!(error))?;
        Ok(Some(Self { dry_run, yes: typed.yes, quiet, proxy: typed.proxy.clone() }))
    }

    /// Asks about the findings of a report and writes the answers into it.
    pub(super) fn ask(&self, report: &mut Report<'_>) -> anyhow::Result<()> {
        let plan = Plan::of(report.rules, &report.findings);
        self.tell_left_out(&plan, report.findings.len());
        if self.dry_run {
            for check in &plan.checks {
                let fingerprint = report.findings[check.finding].fingerprint;
                show(check, &format!(", finding {fingerprint}"));
            }
            say(&format!("stopleak: a dry run: nothing was sent, {} could be asked about", plan.checks.len()));
            return Ok(());
        }
        if plan.checks.is_empty() {
            return Ok(());
        }
        if !self.yes && !agreed(&plan)? {
            say("stopleak: nothing was asked");
            return Ok(());
        }
        for venue in plan.nonce_venues() {
            say(&format!("stopleak: a program that uses the same key at {venue} may have one request refused (nonce)"));
        }
        let mut asker = Asker::new(self.proxy.as_deref()).map_err(|error| anyhow!(error))?;
        verify::verify(report, &plan, &mut asker, &mut |check, verification| {
            if !self.quiet {
                say(&format!("stopleak: asked {}: {}", check.venue.name, verification.verdict.as_str()));
            }
        });
        Ok(())
    }

    fn tell_left_out(&self, plan: &Plan, findings: usize) {
        if self.quiet || plan.left_out.is_empty() {
            return;
        }
        let mut reasons: Vec<&str> = plan.left_out.iter().map(|(_, why)| *why).collect();
        reasons.sort_unstable();
        let mut told: Vec<String> = Vec::new();
        for group in reasons.chunk_by(|a, b| a == b) {
            told.push(format!("{}: {}", group.len(), group[0]));
        }
        say(&format!("stopleak: {} of {findings} can't be asked about. {}", plan.left_out.len(), told.join("; ")));
    }
}

/// One credential and the requests for it.
fn show(check: &Check, finding: &str) {
    say(&format!("{}: key {}{finding}", check.venue.name, check.credential.shown()));
    for request in check.requests() {
        say(&format!("  {request}"));
    }
}

/// Asks once for all.
fn agreed(plan: &Plan) -> anyhow::Result<bool> {
    let keys = plan.checks.len();
    say(&format!("{keys} key{} will be used at: {}.", if keys == 1 { "" } else { "s" }, plan.hosts().join(", ")));
    let _ = write!(std::io::stderr(), "{DUTY}. Go on? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().lock().take(64).read_line(&mut answer).context("standard input can't be read")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// `stopleak verify`: 1 if the key is live or real, 0 if the exchange speaks against it, 3 if there is no answer.
pub(in crate::cli) fn run(typed: &AskArgs) -> anyhow::Result<u8> {
    let Some(id) = &typed.exchange else { return list().map(|()| 0) };
    let venue = verify::find(id).ok_or_else(|| unknown(id))?;
    let environment = match typed.environment {
        EnvironmentArg::Live => Environment::Live,
        EnvironmentArg::Test => Environment::Test,
        EnvironmentArg::Demo => Environment::Demo,
    };
    if venue.host(environment).is_none() {
        let known: Vec<&str> = venue.environments().map(Environment::as_str).collect();
        bail!("--environment {}: {} has {} only", environment.as_str(), venue.name, known.join(", "));
    }
    let mut asker = Asker::new(typed.proxy.as_deref()).map_err(|error| anyhow!(error))?;
    let credential = if std::io::stdin().is_terminal() { prompted(venue)? } else { piped(venue)? };
    let check = Check { finding: 0, venue, environment, credential };
    if let Some(why) = check.unfit() {
        bail!("{}: {why}; nothing was sent, see what `stopleak verify --list` says it needs", venue.name);
    }
    if typed.dry_run {
        show(&check, "");
        say("stopleak: a dry run: nothing was sent");
        return Ok(0);
    }
    let answer = asker.ask(venue, &check.credential, environment);
    match typed.format {
        ListFormat::Json => output::stdout(|out| report::verification::write_json(&answer, out))?,
        ListFormat::Text => {
            let mut text = String::new();
            for (label, line) in report::verification::lines(&answer) {
                text += &format!("{label}: {line}\n");
            }
            if !answer.verdict.is_dead() {
                text += &advice(venue);
            }
            output::print(&text)?;
        }
    }
    Ok(match answer.verdict {
        Verdict::ClockSkew | Verdict::RateLimited | Verdict::GeoBlocked | Verdict::Inconclusive => 3,
        verdict if verdict.is_dead() => 0,
        _ => 1,
    })
}

/// What to do with a key that is or may be live: stopleak revokes nothing.
fn advice(venue: &Venue) -> String {
    let provider = RuleSet::builtin().providers().iter().find(|provider| provider.id == venue.provider());
    let steps = provider.map(|provider| report::explain::steps(provider, Role::Secret)).unwrap_or_default();
    steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}\n")).collect()
}

fn unknown(id: &str) -> anyhow::Error {
    let ids = verify::venues().iter().map(|venue| venue.id.as_str());
    let hint = near::suggestion(id, ids);
    anyhow!("--exchange {id}: stopleak can't ask there{hint}; `stopleak verify --list` names all it can")
}

/// One venue a line: id, what it needs, what it tells, where.
fn list() -> anyhow::Result<()> {
    output::stdout(|out| {
        for venue in verify::venues() {
            let join = |pieces: &[Piece]| pieces.iter().map(|piece| piece.as_str()).collect::<Vec<_>>().join("+");
            let tells =
                [("permissions", venue.tells_rights()), ("ip", venue.tells_ip()), ("expiry", venue.tells_expiry())];
            let tells: Vec<&str> = tells.iter().filter(|(_, does)| *does).map(|(name, _)| *name).collect();
            let places: Vec<&str> = venue.environments().map(Environment::as_str).collect();
            let tells = if tells.is_empty() { "alive".to_owned() } else { tells.join(",") };
            let needs = join(&venue.needs);
            writeln!(out, "{:17} {needs:22} {tells:22} {:15} {}", venue.id, places.join(","), venue.name)?;
        }
        Ok(())
    })
}

/// The parts a venue takes, the necessary ones first.
fn pieces(venue: &Venue) -> impl Iterator<Item = (Piece, bool)> {
    let needs = venue.needs.iter().map(|&piece| (piece, true));
    needs.chain(venue.optional.iter().map(|&piece| (piece, false)))
}

/// Asks for the parts without showing what is typed.
fn prompted(venue: &Venue) -> anyhow::Result<Credential> {
    say(&format!("{}. {DUTY}.", venue.name));
    let mut found = Vec::new();
    let hidden = Hidden::new();
    for (piece, is_needed) in pieces(venue) {
        let hint = if is_needed { "" } else { " (may be empty)" };
        let _ = write!(std::io::stderr(), "{} {}{hint}: ", venue.name, piece.as_str());
        let _ = std::io::stderr().flush();
        let mut lines = Lines(Box::new(std::io::stdin().lock()));
        let value = lines.next()?.unwrap_or_default();
        let _ = writeln!(std::io::stderr());
        match (value.is_empty(), is_needed) {
            (true, true) => bail!("no {} was typed; nothing was sent", piece.as_str()),
            (true, false) => {}
            (false, _) => found.push((piece, Secret::new(value.as_bytes()))),
        }
    }
    drop(hidden);
    Ok(Credential::new(found))
}

/// Reads the parts from standard input, one a line; a PEM block counts as one line.
fn piped(venue: &Venue) -> anyhow::Result<Credential> {
    let mut lines = Lines(Box::new(std::io::stdin().lock()));
    let mut found = Vec::new();
    for (piece, is_needed) in pieces(venue) {
        let value = lines.next()?.unwrap_or_default();
        if !value.is_empty() {
            found.push((piece, Secret::new(value.as_bytes())));
        } else if is_needed {
            let names: Vec<&str> = pieces(venue).map(|(piece, _)| piece.as_str()).collect();
            bail!(
                "standard input lacks the {}; {} wants, one a line: {}",
                piece.as_str(),
                venue.name,
                names.join(", ")
            );
        }
    }
    Ok(Credential::new(found))
}

/// Lines, PEM blocks joined. What is read is wiped when it is dropped.
struct Lines<'a>(Box<dyn std::io::BufRead + 'a>);

impl Lines<'_> {
    fn next(&mut self) -> anyhow::Result<Option<Zeroizing<String>>> {
        const MOST: u64 = 64 * 1024;
        let mut value = Zeroizing::new(String::new());
        loop {
            let read = self.0.by_ref().take(MOST).read_line(&mut value).context("standard input is no text")?;
            if read == 0 {
                return Ok((!value.is_empty()).then_some(value));
            }
            if !value.starts_with("-----BEGIN ") || value.contains("-----END ") || value.len() as u64 >= MOST {
                return Ok(Some(Zeroizing::new(value.trim().to_owned())));
            }
        }
    }
}
