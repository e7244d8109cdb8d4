//! The report for people: each finding as a good compiler shows an error, the advice once a provider, and what was read
//! and what wasn't.
//!
//! No line begins with a stranger's text, not even after blanks: a CI system would take commands from there.

use std::io::{self, Write};

use crate::finding::{Environment, Finding, FoundPart, Report};
use crate::rules::RuleSet;

use super::advice::Group;
use super::paint::Paint;
use super::title::{count, git_line, list, place, short, title, wrap};
use super::{Style, coverage, escape, explain, purge};

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Text { rules: report.rules, style, paint: Paint(style.colour), out };
    for finding in &report.findings {
        text.finding(finding)?;
    }
    if !style.quiet {
        text.advice(&report.findings)?;
        text.purge(report)?;
    }
    coverage::write(report, style, text.out)
}

/// What begins the lines below a finding's title.
const BAR: &str = "   |";
const NOTE: &str = "   =";

/// References that are named of a finding; --verbose names all.
const REFS: usize = 4;

struct Text<'a> {
    rules: &'a RuleSet,
    style: &'a Style,
    paint: Paint,
    out: &'a mut dyn Write,
}

impl Text<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let paint = self.paint;
        let severity = paint.severity(finding.severity, finding.severity.as_str());
        writeln!(self.out, "{severity}{} {}", paint.bold(":"), paint.bold(&title(self.rules, finding)))?;
        writeln!(self.out, "  {} {}", paint.faint("-->"), paint.place(&place(finding.chief())))?;
        self.parts(finding)?;
        let reasons = finding.reasons.join("; ");
        self.note("why", &format!("{reasons} ({} confidence)", finding.confidence.as_str()))?;
        for said in &finding.exposure {
            self.note("file", said)?;
        }
        if let Some(git) = &finding.chief().place.origin.git {
            self.note("git", &git_line(git))?;
            self.references(&git.refs)?;
        }
        if !finding.capabilities.is_empty() {
            self.note("rights", &format!("the text speaks of {}", finding.capabilities.join(", ")))?;
        }
        if let Some(verification) = &finding.verification {
            for (label, text) in super::verification::lines(verification) {
                self.note(label, &text)?;
            }
        }
        match finding.environment {
            Environment::Unknown => {}
            Environment::Live => self.note("account", "live")?,
            Environment::Test => self.note("account", "testnet, sandbox or demo")?,
        }
        if !finding.alternatives.is_empty() {
            let names: Vec<&str> =
                finding.alternatives.iter().map(|&id| self.rules.provider(id).name.as_str()).collect();
            self.note("or of", &names.join(", "))?;
        }
        let rule = self.rules.rule(finding.rule);
        let provider = self.rules.provider(finding.provider);
        if let Some(first) = explain::steps(provider, rule.role).first() {
            self.note("now", first)?;
        }
        self.note("rule", &format!("{}, fingerprint {}", rule.id, finding.fingerprint))?;
        writeln!(self.out)
    }

    /// The references that hold a value.
    fn references(&mut self, refs: &[String]) -> io::Result<()> {
        let names: Vec<&str> = refs.iter().map(String::as_str).collect();
        let most = if self.style.verbose { names.len() } else { REFS };
        if names.is_empty() { Ok(()) } else { self.note("held by", &list(&names, most)) }
    }

    /// A table: role, name, masked value, place.
    fn parts(&mut self, finding: &Finding) -> io::Result<()> {
        let name = |part: &FoundPart| part.name.as_ref().map_or_else(|| "-".to_owned(), |name| short(name));
        let width = |cell: fn(&FoundPart) -> usize| finding.parts.iter().map(cell).max().unwrap_or(0);
        let roles = width(|part| part.role.title().len());
        let names = finding.parts.iter().map(|part| name(part).chars().count()).max().unwrap_or(0);
        let values = width(|part| part.secret.masked().chars().count());
        for (index, part) in finding.parts.iter().enumerate() {
            let value = escape(part.secret.masked().as_bytes());
            let position = part.place.region.start;
            let mut at = format!("at {}:{}", position.line, position.column);
            if index > 0 && part.place.origin != finding.chief().place.origin {
                at = format!("in {}", place(part));
            }
            if !part.place.decoded.is_empty() {
                at += &format!(", within {}", escape(part.place.decoded.join(", ").as_bytes()));
            }
            writeln!(
                self.out,
                "{}  {:roles$}  {:names$}  {value:values$}  {}",
                self.paint.faint(BAR),
                part.role.title(),
                name(part),
                self.paint.faint(&at)
            )?;
            if self.style.show_secrets {
                writeln!(self.out, "{}  {}", self.paint.faint(BAR), escape(part.secret.expose()))?;
            }
        }
        Ok(())
    }

    /// A statement below a finding, wrapped.
    fn note(&mut self, label: &str, text: &str) -> io::Result<()> {
        let lines = wrap(&escape(text.as_bytes()), self.style.width.saturating_sub(16));
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                writeln!(self.out, "{} {:8} {line}", self.paint.faint(NOTE), format!("{label}:"))?;
            } else {
                writeln!(self.out, "{} {:8} {line}", self.paint.faint(BAR), "")?;
            }
        }
        Ok(())
    }

    /// What to do, once a provider and kind of credential; what several have in common is said once.
    fn advice(&mut self, findings: &[Finding]) -> io::Result<()> {
        let mut groups = Group::of(self.rules, findings);
        if groups.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{}", self.paint.bold("What to do now"))?;
        let shared = Group::shared(&mut groups);
        for group in &groups {
            let provider = self.rules.provider(group.provider);
            let name = escape(provider.name.as_bytes());
            writeln!(self.out, "  {} ({})", self.paint.bold(&name), count(group.credentials, "credential"))?;
            if let Some(permissions) = explain::permissions(provider) {
                self.item("-", &format!("Such a credential can have these rights: {permissions}"))?;
            }
            if !provider.ip_whitelist.is_empty() {
                self.item("-", &format!("IP whitelist: {}", provider.ip_whitelist))?;
            }
            for (number, step) in (1..).zip(&group.steps) {
                self.item(&format!("{number}."), step)?;
            }
        }
        if !shared.is_empty() {
            writeln!(self.out, "  {}", self.paint.bold("Then"))?;
            for step in &shared {
                self.item("*", step)?;
            }
        }
        writeln!(self.out)
    }

    /// How to take out again what git holds.
    fn purge(&mut self, report: &Report<'_>) -> io::Result<()> {
        let Some((heading, steps)) = purge::steps(report) else { return Ok(()) };
        writeln!(self.out, "{}", self.paint.bold(heading))?;
        for (number, step) in (1..).zip(&steps) {
            self.item(&if steps.len() > 1 { format!("{number}.") } else { "-".to_owned() }, &step.prose)?;
            // Not wrapped: commands are copied. They begin with words of ours.
            step.commands.iter().try_for_each(|command| writeln!(self.out, "         {command}"))?;
        }
        writeln!(self.out)
    }

    fn item(&mut self, mark: &str, text: &str) -> io::Result<()> {
        for (index, line) in wrap(&escape(text.as_bytes()), self.style.width.saturating_sub(8)).iter().enumerate() {
            let mark = if index == 0 { mark } else { "" };
            writeln!(self.out, "    {mark:2} {line}")?;
        }
        Ok(())
    }
}
