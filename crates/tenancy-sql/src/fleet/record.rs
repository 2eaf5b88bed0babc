//! What a run did, for who goes on with it.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenancy_core::Location;

use super::{Fleet, Outcome};

/// Why the record of a run can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Another run writes it.
    #[error("the record `{0}` is another run's, which goes on still")]
    Held(PathBuf),
    /// It can't be read or written.
    #[error("the record `{0}` can't be kept: {1}")]
    Io(PathBuf, io::Error),
}

/// The record of a run: one line of JSON for the run and one for each database that it ended. The databases are the truth;
/// this says which wave a run was in and what failed, and keeps two runs apart.
#[derive(Debug)]
pub struct RunRecord {
    path: PathBuf,
    file: File,
    failed: BTreeSet<Location>,
    resumed: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run {
        schema: String,
        databases: usize,
        at: Timestamp,
    },
    Database {
        wave: usize,
        location: Location,
        outcome: Outcome,
        at: Timestamp,
    },
    Ended {
        why: String,
        at: Timestamp,
    },
}

impl RunRecord {
    /// Opens a record, or begins one. One of other migrations is begun anew: its run is over.
    ///
    /// # Errors
    ///
    /// When another process has it, or it can't be read or written.
    pub fn open(path: &Path, fleet: &Fleet) -> Result<Self, RecordError> {
        let failed_with = |error| RecordError::Io(path.to_owned(), error);
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.map_err(failed_with)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => RecordError::Held(path.to_owned()),
            std::fs::TryLockError::Error(error) => failed_with(error),
        })?;
        let mut record = Self {
            path: path.to_owned(),
            file,
            failed: BTreeSet::new(),
            resumed: None,
        };
        let schema = schema_of(fleet);
        record.read(&schema).map_err(failed_with)?;
        if record.resumed.is_none() {
            record.file.set_len(0).map_err(failed_with)?;
            let databases = fleet.list.locations.len();
            let at = Timestamp::now();
            record.append(&Line::Run {
                schema,
                databases,
                at,
            })?;
        }
        Ok(record)
    }

    /// The last wave of the run that this one goes on with, when it does.
    #[must_use]
    pub fn resumed(&self) -> Option<usize> {
        self.resumed
    }

    pub(super) fn failed_before(&self, location: &Location) -> bool {
        self.failed.contains(location)
    }

    pub(super) fn write(
        &mut self,
        wave: usize,
        location: &Location,
        outcome: &Outcome,
    ) -> Result<(), RecordError> {
        self.append(&Line::Database {
            wave,
            location: location.clone(),
            outcome: outcome.clone(),
            at: Timestamp::now(),
        })
    }

    pub(super) fn end(&mut self, why: &str) -> Result<(), RecordError> {
        let (why, at) = (why.to_owned(), Timestamp::now());
        self.append(&Line::Ended { why, at })
    }

    /// A line that a killed run left half written is none.
    fn read(&mut self, schema: &str) -> io::Result<()> {
        let mut torn = false;
        for line in BufReader::new(&self.file).split(b'\n') {
            let Ok(line) = serde_json::from_slice(&line?) else {
                torn = true;
                continue;
            };
            torn = false;
            match line {
                Line::Run { schema: own, .. } if own == schema => self.resumed = Some(0),
                Line::Run { .. } => return Ok(()),
                Line::Ended { .. } => {}
                Line::Database {
                    wave,
                    location,
                    outcome,
                    ..
                } => {
                    self.resumed = self.resumed.map(|last| last.max(wave));
                    match outcome {
                        Outcome::Failed(_) => self.failed.insert(location),
                        Outcome::Done(_) => self.failed.remove(&location),
                    };
                }
            }
        }
        if torn {
            self.file.write_all(b"\n")?;
        }
        Ok(())
    }

    fn append(&mut self, line: &Line) -> Result<(), RecordError> {
        let written = serde_json::to_vec(line)
            .map_err(io::Error::from)
            .and_then(|mut text| {
                text.push(b'\n');
                self.file.write_all(&text)
            });
        written.map_err(|error| RecordError::Io(self.path.clone(), error))
    }
}

/// Tells one set of migrations from another.
fn schema_of(fleet: &Fleet) -> String {
    let last = fleet.migrations.iter().last();
    let sum = last.map_or(&[][..], |one| one.checksum.get(..8).unwrap_or_default());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{} migrations to {} ({sum})",
        fleet.migrations.iter().count(),
        fleet.target().unwrap_or_default()
    )
}
