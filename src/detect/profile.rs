//! What a scan costs and where: counts, time by stage and time by rule, so that a slow rule of one's own can be seen. Without a
//! profile nothing is counted and no clock is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock: nanoseconds since some moment. It is handed in, because this room reads none.
pub type Clock = fn() -> u64;

/// The stages of a scan, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Tokens that could be random values, in every byte.
    Candidates,
    /// Literals that other shapes hang on, in every byte.
    Anchors,
    /// Whether any of them can lead to a value.
    Viability,
    /// Words of providers and of credentials around them.
    Words,
    /// Rules that are sought around their literals.
    Search,
    /// Names, surroundings and shapes of the candidates.
    Judgement,
    /// Pairs of values without telling names.
    Pairs,
    /// Short values, read forward from their names.
    Names,
    /// Recovery phrases and arrays of numbers.
    Phrases,
    /// The parts of a credential put together.
    Credentials,
    /// Encoded pieces decoded.
    Decoding,
    /// Rules of other scanners.
    Foreign,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 12] = [
        Self::Candidates,
        Self::Anchors,
        Self::Viability,
        Self::Words,
        Self::Search,
        Self::Judgement,
        Self::Pairs,
        Self::Names,
        Self::Phrases,
        Self::Credentials,
        Self::Decoding,
        Self::Foreign,
    ];

    /// The name people read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Candidates => "candidates",
            Self::Anchors => "literals",
            Self::Viability => "can any be a value",
            Self::Words => "words around",
            Self::Search => "sought rules",
            Self::Judgement => "judgement",
            Self::Pairs => "pairs",
            Self::Names => "named values",
            Self::Phrases => "phrases",
            Self::Credentials => "credentials",
            Self::Decoding => "decoding",
            Self::Foreign => "rules of other scanners",
        }
    }
}

/// A count and a time.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    calls: AtomicU64,
    nanos: AtomicU64,
}

impl Cost {
    fn add(&self, nanos: u64) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// The clock and the cost of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    clock: Clock,
    cost: Arc<Cost>,
}

impl Meter {
    /// Does something and adds its time, if there is a meter.
    pub(crate) fn measure<T>(meter: Option<&Self>, work: impl FnOnce() -> T) -> T {
        let Some(Self { clock, cost }) = meter else { return work() };
        let begin = clock();
        let result = work();
        cost.add(clock().saturating_sub(begin));
        result
    }
}

/// Counts of a scan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Texts, decoded readings among them.
    Texts,
    /// Decoded readings.
    Views,
    /// Bytes of texts and readings.
    Bytes,
    /// Candidates.
    Candidates,
    /// Literals that may lead to a value.
    Anchors,
    /// Texts whose surroundings were read.
    Read,
    /// Candidates that were judged.
    Judged,
}

/// What was measured.
#[derive(Debug)]
pub struct Profile {
    clock: Clock,
    counts: [AtomicU64; 7],
    stages: [Cost; 12],
    rules: Vec<Arc<Cost>>,
}

/// What one rule cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCost {
    /// The number of the rule.
    pub rule: usize,
    /// How many values or places it was tried on.
    pub calls: u64,
    /// Nanoseconds.
    pub nanos: u64,
}

impl Profile {
    pub(crate) fn new(clock: Clock, rules: usize) -> Self {
        Self {
            clock,
            counts: Default::default(),
            stages: Default::default(),
            rules: (0..rules).map(|_| Arc::default()).collect(),
        }
    }

    pub(crate) fn meter(&self, rule: usize) -> Meter {
        Meter { clock: self.clock, cost: self.rules.get(rule).map(Arc::clone).unwrap_or_default() }
    }

    /// Adds to a count, if there is a profile.
    pub(crate) fn count(profile: Option<&Self>, what: Count, more: usize) {
        if let Some(profile) = profile {
            profile.counts[what as usize].fetch_add(more as u64, Ordering::Relaxed);
        }
    }

    /// The counts with their names.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 7] {
        const NAMES: [&str; 7] = [
            "texts",
            "decoded readings among them",
            "bytes looked at",
            "candidates",
            "literals",
            "texts whose surroundings were read",
            "candidates judged",
        ];
        std::array::from_fn(|at| (NAMES[at], self.counts[at].load(Ordering::Relaxed)))
    }

    /// The stages with their times in nanoseconds, summed over all threads.
    #[must_use]
    pub fn stages(&self) -> [(Stage, u64); 12] {
        std::array::from_fn(|at| (Stage::ALL[at], self.stages[at].nanos.load(Ordering::Relaxed)))
    }

    /// The rules that were tried at all, the dearest first.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleCost> {
        let cost = |(rule, cost): (usize, &Arc<Cost>)| RuleCost {
            rule,
            calls: cost.calls.load(Ordering::Relaxed),
            nanos: cost.nanos.load(Ordering::Relaxed),
        };
        let mut all: Vec<RuleCost> = self.rules.iter().enumerate().map(cost).filter(|cost| cost.calls > 0).collect();
        all.sort_by_key(|cost| (u64::MAX - cost.nanos, cost.rule));
        all
    }
}

/// Laps of a scan; without a profile it does nothing.
#[derive(Debug)]
pub(crate) struct Stopwatch<'p> {
    profile: Option<&'p Profile>,
    begin: u64,
}

impl<'p> Stopwatch<'p> {
    pub(crate) fn start(profile: Option<&'p Profile>) -> Self {
        Self { profile, begin: profile.map_or(0, |profile| (profile.clock)()) }
    }

    /// Adds the time since the last lap to a stage.
    pub(crate) fn lap(&mut self, stage: Stage) {
        if let Some(profile) = self.profile {
            let now = (profile.clock)();
            profile.stages[stage as usize].add(now.saturating_sub(self.begin));
            self.begin = now;
        }
    }

    /// Begins a lap anew: what happened since the last one was measured by itself.
    pub(crate) fn restart(&mut self) {
        *self = Self::start(self.profile);
    }
}
