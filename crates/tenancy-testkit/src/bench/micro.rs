//! One operation of nanoseconds, measured in batches.

/// One short operation to measure in batches, and what it is compared with.
pub struct Micro {
    name: &'static str,
    baseline: &'static str,
    batch: Box<dyn FnMut(u64)>,
    facts: Vec<(&'static str, u64)>,
    added: bool,
}

impl Micro {
    /// A case: `batch` runs the operation that many times.
    pub fn new(name: &'static str, baseline: &'static str, batch: impl FnMut(u64) + 'static) -> Self {
        Self {
            name,
            baseline,
            batch: Box::new(batch),
            facts: Vec::new(),
            added: false,
        }
    }

    /// States a figure beside the times: `bytes_per_tenant`.
    #[must_use]
    pub fn with_fact(mut self, name: &'static str, value: u64) -> Self {
        self.facts.push((name, value));
        self
    }

    /// The case is about what it adds to its baseline: the microseconds that are reported are the difference.
    #[must_use]
    pub fn added(mut self) -> Self {
        self.added = true;
        self
    }

    pub(super) fn is_added(&self) -> bool {
        self.added
    }

    /// The case's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is compared with.
    #[must_use]
    pub fn baseline(&self) -> &'static str {
        self.baseline
    }

    /// The figures beside the times.
    #[must_use]
    pub fn facts(&self) -> &[(&'static str, u64)] {
        &self.facts
    }

    /// Runs the operation `times` times.
    pub fn run(&mut self, times: u64) {
        (self.batch)(times);
    }
}
