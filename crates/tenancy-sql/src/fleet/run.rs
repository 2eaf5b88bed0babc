//! A run over the fleet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{StreamExt, stream};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use tenancy_core::Location;

use super::{
    Class, Failure, FleetList, FleetOptions, Pin, RecordError, RunRecord,
    lint::{self, Hazard, Reading},
    pin::today,
    state::Applied,
    step, wave,
};

/// Every database of a deployment, and the migrations that they are to have.
#[derive(Debug)]
pub struct Fleet {
    pub(super) list: FleetList,
    pub(super) migrations: Migrator,
    pub(super) options: FleetOptions,
    pub(super) reading: Reading,
}

/// Asks a run to end: what runs is ended, nothing more is begun. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// What was done to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Done {
    /// The version that it had.
    pub from: Option<i64>,
    /// The version that it has.
    pub to: Option<i64>,
    /// What was applied, in order.
    pub applied: Vec<i64>,
    /// Why it did not get all, where it did not.
    pub held: Option<String>,
    /// How long it took, waits for locks included.
    pub millis: u64,
}

/// How it went with one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has the version that it is to have.
    Done(Done),
    /// It has not.
    Failed(Failure),
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Every database was tried, and none failed in a way that another would repeat.
    Whole,
    /// A database failed in a way that others would repeat.
    Failing(Class),
    /// None of the databases of a wave could be migrated, so that it proved nothing.
    NothingProven,
    /// It was asked to.
    Asked,
    /// Nothing was begun: migrations are hazards.
    Hazards(Vec<Hazard>),
}

/// What a run did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// Why it ended.
    pub ended: Ended,
    /// How it went with each database that was begun.
    pub databases: BTreeMap<Location, Outcome>,
    /// How many were not begun.
    pub left: usize,
}

/// What happens, as it happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A wave begins.
    Wave {
        /// Which, from 1.
        number: usize,
        /// Of how many.
        of: usize,
        /// How many databases it has.
        databases: usize,
    },
    /// A database is ended.
    Database {
        /// Which.
        location: &'e Location,
        /// How it went.
        outcome: &'e Outcome,
        /// How many are ended.
        ended: usize,
        /// How many there are.
        of: usize,
    },
}

impl Stop {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl RunReport {
    /// The databases that could not be migrated, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&Location, &Failure)> {
        self.databases
            .iter()
            .filter_map(|(location, outcome)| match outcome {
                Outcome::Failed(failure) => Some((location, failure)),
                Outcome::Done(_) => None,
            })
    }
}

impl Fleet {
    /// A fleet. Connects to nothing.
    #[must_use]
    pub fn new(list: FleetList, migrations: Migrator, options: FleetOptions) -> Self {
        let reading = lint::read(&migrations, options.lint_after);
        Self {
            list,
            migrations,
            options,
            reading,
        }
    }

    /// What is wrong with the migrations, waived hazards included.
    #[must_use]
    pub fn hazards(&self) -> &[Hazard] {
        &self.reading.hazards
    }

    /// The last migration's version.
    #[must_use]
    pub fn target(&self) -> Option<i64> {
        self.migrations.iter().map(|one| one.version).max()
    }

    /// Migrates wave by wave. What was done before is found done.
    ///
    /// # Errors
    ///
    /// When the record can't be written: nothing more is begun then. What a database's failure does, [`RunReport`] says.
    pub async fn run(
        &self,
        record: &mut RunRecord,
        stop: &Stop,
        tell: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<RunReport, RecordError> {
        let hazards: Vec<_> = self.hazards().iter().filter(|one| one.waived.is_none()).collect();
        let mut run = Run {
            fleet: self,
            today: today(),
            halt: Stop::default(),
            asked: stop,
            done: BTreeMap::new(),
            tell,
        };
        let ended = if hazards.is_empty() {
            run.waves(record).await?
        } else {
            Ended::Hazards(hazards.into_iter().cloned().collect())
        };
        record.end(&format!("{ended:?}"))?;
        Ok(RunReport {
            left: self.list.locations.len() - run.done.len(),
            databases: run.done,
            ended,
        })
    }

    /// The version that a database gets no further than now, and why.
    pub(super) fn limit(&self, location: &Location, applied: &Applied, today: Date) -> Option<(i64, String)> {
        let pinned = self.pin(location).filter(|pin| pin.holds(today));
        let pinned = pinned.map(|pin| {
            let why = format!("held at {} until {}: {}", pin.version, pin.until, pin.reason);
            (pin.version, why)
        });
        let contracts = self.reading.contracts.iter();
        let early = contracts
            // a database that has nothing yet has no reader either
            .filter(|(version, since)| {
                !applied.is_empty() && !applied.has(*since) && !applied.has(*version)
            })
            .map(|(version, since)| {
                let why = format!(
                    "{version} takes away what code before {since} reads, and {since} is new here: run again when the code \
                     of {since} is everywhere"
                );
                (version - 1, why)
            });
        early
            .chain(pinned)
            .filter(|(version, _)| self.target().is_some_and(|target| *version < target))
            .min_by_key(|(version, _)| *version)
    }

    pub(super) fn pin(&self, location: &Location) -> Option<&Pin> {
        self.list.pins.iter().find(|pin| pin.location == *location)
    }
}

struct Run<'f> {
    fleet: &'f Fleet,
    today: Date,
    /// Nothing more is begun.
    halt: Stop,
    asked: &'f Stop,
    done: BTreeMap<Location, Outcome>,
    tell: &'f (dyn Fn(Event<'_>) + Sync),
}

impl Run<'_> {
    async fn waves(&mut self, record: &mut RunRecord) -> Result<Ended, RecordError> {
        let fleet: BTreeSet<_> = self.fleet.list.locations.keys().cloned().collect();
        let options = &self.fleet.options;
        let waves = wave::waves(&fleet, &options.canaries, &options.waves);
        let of = waves.len();
        for (number, mut wave) in (1..).zip(waves) {
            // what failed in the run before shows first whether it is mended
            wave.sort_by_key(|location| !record.failed_before(location));
            (self.tell)(Event::Wave {
                number,
                of,
                databases: wave.len(),
            });
            if let Some(ended) = self.wave(number, wave, record).await? {
                return Ok(ended);
            }
        }
        Ok(Ended::Whole)
    }

    /// Why the run must end with this wave, if it must.
    async fn wave(
        &mut self,
        number: usize,
        wave: Vec<Location>,
        record: &mut RunRecord,
    ) -> Result<Option<Ended>, RecordError> {
        let (fleet, today, halt, asked) = (self.fleet, self.today, self.halt.clone(), self.asked);
        let one = |location: Location| {
            let halt = halt.clone();
            async move {
                let url = fleet.list.locations.get(&location)?;
                if halt.asked() || asked.asked() {
                    return None;
                }
                let ended = step::bring(fleet, &location, url, today).await;
                Some((location, ended.map_or_else(Outcome::Failed, Outcome::Done)))
            }
        };
        let parallel = fleet.options.parallel.max(1);
        let mut ended = stream::iter(wave).map(one).buffer_unordered(parallel);
        let mut tally = Tally::default();
        while let Some(one) = ended.next().await {
            let Some((location, outcome)) = one else { continue };
            let written = record.write(number, &location, &outcome);
            tally.add(&outcome, written);
            self.ended(location, outcome, &tally);
        }
        tally.ended(self.asked.asked())
    }

    fn ended(&mut self, location: Location, outcome: Outcome, tally: &Tally) {
        if tally.worst >= self.fleet.options.same_failures || tally.unwritten.is_some() {
            self.halt.ask();
        }
        (self.tell)(Event::Database {
            location: &location,
            outcome: &outcome,
            ended: self.done.len() + 1,
            of: self.fleet.list.locations.len(),
        });
        self.done.insert(location, outcome);
    }
}

/// How a wave goes.
#[derive(Default)]
struct Tally {
    tried: usize,
    whole: usize,
    /// How many databases failed in which way that others would repeat.
    classes: BTreeMap<String, usize>,
    /// The most that failed in one way.
    worst: usize,
    failing: Option<Class>,
    unwritten: Option<RecordError>,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome, written: Result<(), RecordError>) {
        self.tried += 1;
        self.unwritten = self.unwritten.take().or(written.err());
        match outcome {
            Outcome::Done(_) => self.whole += 1,
            Outcome::Failed(failure) if failure.class.stops() => {
                let count = self.classes.entry(failure.class.to_string()).or_default();
                *count += 1;
                self.worst = self.worst.max(*count);
                self.failing.get_or_insert_with(|| failure.class.clone());
            }
            Outcome::Failed(_) => {}
        }
    }

    /// Why no other wave may come.
    fn ended(self, asked: bool) -> Result<Option<Ended>, RecordError> {
        match (self.unwritten, self.failing) {
            (Some(error), _) => Err(error),
            (None, Some(class)) => Ok(Some(Ended::Failing(class))),
            (None, None) if asked => Ok(Some(Ended::Asked)),
            (None, None) => Ok((self.tried > 0 && self.whole == 0).then_some(Ended::NothingProven)),
        }
    }
}
