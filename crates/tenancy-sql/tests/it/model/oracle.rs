//! What a tenant may find.

use std::collections::{BTreeMap, BTreeSet};

use tenancy_core::TenantId;
use uuid::Uuid;

/// The number of the write that is under a key, if one is.
pub(super) type Value = Option<u64>;

/// What a write does to a key.
pub(super) type Change = (Uuid, Value);

/// What a tenant may find under each key: one value, or several while nobody knows what became of a commit.
pub(super) struct Oracle {
    tenant: TenantId,
    may: BTreeMap<Uuid, BTreeSet<Value>>,
    written: u64,
}

impl Oracle {
    pub(super) fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            may: BTreeMap::new(),
            written: 0,
        }
    }

    /// The number of the next write: no two are alike.
    pub(super) fn next(&mut self) -> u64 {
        self.written += 1;
        self.written
    }

    /// What a row says: whose it is, and which write's.
    pub(super) fn body(&self, number: u64) -> String {
        format!("{} {number}", self.tenant)
    }

    /// The changes were acknowledged. What was unknown of a key that has a row now is settled: its lock was waited for. One
    /// that was deleted may get the row of a commit that is still on its way.
    pub(super) fn acknowledged(&mut self, changes: &[Change]) {
        for (key, value) in changes {
            let may = self.may.entry(*key).or_insert_with(nothing);
            if value.is_some() || may.len() == 1 {
                may.clear();
            }
            may.insert(*value);
        }
    }

    /// The changes were about to be committed when the last was heard of them: all, or none.
    pub(super) fn perhaps(&mut self, changes: &[Change]) {
        for (key, value) in changes {
            self.may.entry(*key).or_insert_with(nothing).insert(*value);
        }
    }

    /// All that the tenant sees.
    pub(super) fn check_all(&self, rows: &[(Uuid, String)]) -> Result<(), String> {
        let mut seen = BTreeMap::new();
        for (key, body) in rows {
            if seen.insert(*key, body.as_str()).is_some() {
                return Err(format!("a key is there twice: {key}"));
            }
        }
        for key in seen.keys().chain(self.may.keys()) {
            self.check(*key, seen.get(key).copied())?;
        }
        Ok(())
    }

    /// What the tenant sees under a key.
    pub(super) fn check(&self, key: Uuid, body: Option<&str>) -> Result<(), String> {
        let value = body.map(|body| self.read(body)).transpose()?;
        let never = nothing();
        let may = self.may.get(&key).unwrap_or(&never);
        match may.contains(&value) {
            true => Ok(()),
            false if may.contains(&None) => Err(format!(
                "what was never committed is there: {key} {value:?}, not {may:?}"
            )),
            false => Err(format!(
                "an acknowledged write is lost: {key} {value:?}, not {may:?}"
            )),
        }
    }

    fn read(&self, body: &str) -> Result<u64, String> {
        let (tenant, number) = body.split_once(' ').unwrap_or_default();
        match number.parse() {
            Ok(number) if tenant == self.tenant.to_string() => Ok(number),
            _ => Err(format!("a foreign row: `{body}` is seen by {}", self.tenant)),
        }
    }
}

fn nothing() -> BTreeSet<Value> {
    BTreeSet::from([None])
}

#[test]
fn it_knows_what_may_be_found() {
    let tenant = TenantId::new();
    let mut oracle = Oracle::new(tenant);
    let key = Uuid::from_u128(1);
    let mut check = |change: &dyn Fn(&mut Oracle), right: &[Value]| {
        change(&mut oracle);
        for value in [None, Some(1), Some(2), Some(3)] {
            let body = value.map(|number| oracle.body(number));
            let rows: Vec<_> = body.iter().map(|body| (key, body.clone())).collect();
            assert_eq!(
                oracle.check_all(&rows).is_ok(),
                right.contains(&value),
                "{value:?}"
            );
        }
    };
    check(&|_| {}, &[None]);
    check(&|oracle| oracle.acknowledged(&[(key, Some(1))]), &[Some(1)]);
    check(&|oracle| oracle.perhaps(&[(key, Some(2))]), &[Some(1), Some(2)]);
    check(
        &|oracle| oracle.acknowledged(&[(key, None)]),
        &[None, Some(1), Some(2)],
    );
    check(&|oracle| oracle.acknowledged(&[(key, Some(3))]), &[Some(3)]);
    check(&|oracle| oracle.acknowledged(&[(key, None)]), &[None]);
    let foreign = Oracle::new(TenantId::new()).body(1);
    assert!(oracle.check(key, Some(&foreign)).unwrap_err().contains("foreign"));
}
