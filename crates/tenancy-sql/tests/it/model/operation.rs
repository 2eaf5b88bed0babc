//! What a tenant does next.

use uuid::Uuid;

use super::{
    dice::Dice,
    hostile,
    oracle::{Change, Oracle},
};

/// Ids that every tenant writes to.
const COMMON: u64 = 6;
/// Ids that one tenant writes to, and others ask for.
const OWN: u64 = 4;

/// What a tenant does next.
#[derive(Debug)]
pub(super) enum Operation {
    Read,
    /// Asks for a row, and for all rows, of another tenant: the one with this number.
    ReadForeign(Uuid, usize),
    Write(Vec<Change>, End),
    /// Writes through a connection that reads.
    WriteInRead,
    /// Writes to another tenant: the one with this number.
    WriteForeign(Uuid, usize),
    Refused(&'static str, Via),
    /// Hostile, in a function; against the tenant with this number.
    Smuggled(&'static str, Via, usize),
    /// What is left on the connection.
    Look(Via),
    /// Reads so many rows of a long answer.
    Stream(u64),
    TimesOut(TimesOut),
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Commit,
    RollBack,
    Drop,
    /// A statement fails, and the commit after it.
    Fail,
}

/// What a statement goes through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Via {
    Read,
    Transaction,
}

/// Whose bound ends a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum TimesOut {
    /// The pool's, of a second.
    Pool,
    /// A short one, of the transaction's own.
    Own,
}

/// An id that the tenant writes to.
fn key(dice: &mut Dice, number: usize) -> Uuid {
    match dice.below(COMMON + OWN) {
        common if common < COMMON => Uuid::from_u128(common.into()),
        _ => own(dice, number),
    }
}

/// An id that only this tenant writes to.
fn own(dice: &mut Dice, number: usize) -> Uuid {
    let number = u128::try_from(number).unwrap();
    Uuid::from_u128(1_000 + number * u128::from(OWN) + u128::from(dice.below(OWN)))
}

fn changes(dice: &mut Dice, number: usize, oracle: &mut Oracle) -> Vec<Change> {
    let many = dice.pick(&[1, 1, 1, 2, 3]);
    let mut keys: Vec<Uuid> = (0..many).map(|_| key(dice, number)).collect();
    // in order: two transactions of a tenant, one of them given up, must not wait for each other
    keys.sort();
    keys.dedup();
    let change = |key| (key, (!dice.one_in(4)).then(|| oracle.next()));
    keys.into_iter().map(change).collect()
}

impl Operation {
    /// The next one of the tenant `number` of so many.
    pub(super) fn roll(
        dice: &mut Dice,
        (number, tenants): (usize, usize),
        oracle: &mut Oracle,
        sealed: bool,
    ) -> Self {
        let via = dice.pick(&[Via::Read, Via::Transaction]);
        let step = usize::try_from(dice.below(u64::try_from(tenants - 1).unwrap())).unwrap();
        // never itself; they are numbered from 1
        let other = (number + step) % tenants + 1;
        match dice.below(100) {
            0..26 => Self::Read,
            26..34 => Self::ReadForeign(own(dice, other), other),
            34..66 => {
                use End::{Commit, Drop, Fail, RollBack};
                let end = dice.pick(&[Commit, Commit, Commit, Commit, Commit, RollBack, Drop, Fail]);
                Self::Write(changes(dice, number, oracle), end)
            }
            66..69 => Self::WriteInRead,
            69..74 => Self::WriteForeign(own(dice, other), other),
            74..80 => Self::Refused(dice.pick(hostile::REFUSED), via),
            80..86 => Self::Smuggled(hostile::smuggled(dice, sealed), via, other),
            86..95 => Self::Look(via),
            95..98 => Self::Stream(dice.below(40)),
            _ if dice.one_in(100) => Self::TimesOut(TimesOut::Pool),
            _ => Self::TimesOut(TimesOut::Own),
        }
    }

    /// What it commits.
    pub(super) fn commits(&self) -> Option<&[Change]> {
        match self {
            Self::Write(changes, End::Commit) => Some(changes),
            _ => None,
        }
    }
}
