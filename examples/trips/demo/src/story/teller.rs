//! Tells the story from its first chapter to its last.

use std::collections::BTreeMap;

use reqwest::Client;
use tenancy_core::RequestId;

use super::{
    chapters,
    client::{Answer, client, send},
    log::LogFile,
    receiver::Receiver,
    screen::Screen,
    step::Step,
    verdict::{Strangers, check},
};
use crate::world::{Failure, Result, World};

/// The one who tells it: what the chapters share.
pub(super) struct Teller<'t> {
    pub(super) world: &'t World,
    pub(super) screen: &'t mut Screen,
    pub(super) strangers: Strangers,
    /// What each tenant made, by its slug.
    pub(super) trips: Trips,
    pub(super) log: &'t LogFile,
    pub(super) receiver: &'t Receiver,
    client: Client,
}

/// What each tenant made, by its slug.
pub type Trips = BTreeMap<String, Trip>;

/// What a tenant made.
#[derive(Clone, Debug, Default)]
pub struct Trip {
    /// The id of its itinerary.
    pub itinerary: String,
    /// The entity tag of it.
    pub tag: String,
    /// The id of a comment, where comments are.
    pub comment: Option<String>,
    /// The request that made it.
    pub commented: Option<RequestId>,
}

/// Tells everything, shows it on the screen, and gives what the tenants made.
///
/// # Errors
///
/// When the world falls apart; what is not as it should be is no error, but on the screen.
pub async fn tell(world: &World, screen: &mut Screen, log: &LogFile, receiver: &Receiver) -> Result<Trips> {
    let (strangers, trips) = (Strangers::default(), Trips::new());
    let mut teller = Teller {
        world,
        screen,
        strangers,
        trips,
        log,
        receiver,
        client: client()?,
    };
    chapters::work::tell(&mut teller).await?;
    chapters::welcome::tell(&mut teller).await?;
    chapters::reach::tell(&mut teller).await?;
    chapters::tokens::tell(&mut teller).await?;
    chapters::browser::tell(&mut teller).await?;
    chapters::keys::tell(&mut teller).await?;
    chapters::plan::tell(&mut teller).await?;
    chapters::roles::tell(&mut teller).await?;
    chapters::revocation::tell(&mut teller).await?;
    chapters::publisher::tell(&mut teller).await?;
    chapters::operators::tell(&mut teller).await?;
    chapters::jobs::tell(&mut teller).await?;
    chapters::suspension::tell(&mut teller).await?;
    chapters::rates::tell(&mut teller).await?;
    chapters::traces::tell(&mut teller).await?;
    chapters::places::tell(&mut teller).await?;
    Ok(teller.trips)
}

impl Teller<'_> {
    /// Runs steps one after another.
    pub(super) async fn all(&mut self, steps: Vec<Step>) -> Result<()> {
        for step in steps {
            self.one(step).await?;
        }
        Ok(())
    }

    /// Runs one step, shows it, and gives what came back.
    pub(super) async fn one(&mut self, step: Step) -> Result<Answer> {
        let answer = self.ask(&step.call).await?;
        let (outcome, problem) = check(&step.expect, &answer, &self.strangers);
        let refused = answer.status >= 400;
        let reason = || self.log.reason(answer.request).or_else(|| answer.particulars());
        let reason = if refused { reason() } else { None };
        match problem {
            None => self.screen.right(&step.what, &outcome, reason.as_deref()),
            Some(problem) => {
                let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                self.screen.wrong(&step.what, &outcome, &(problem + &why));
            }
        }
        Ok(answer)
    }

    /// Asks without showing it.
    pub(super) async fn ask(&self, call: &super::call::Call) -> Result<Answer> {
        send(&self.client, call).await
    }

    /// What a tenant made.
    pub(super) fn trip(&self, slug: &str) -> Result<&Trip> {
        let found = self.trips.get(slug);
        found.ok_or_else(|| Failure::new("go on", format!("`{slug}` has made no itinerary")))
    }
}
