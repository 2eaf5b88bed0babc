//! A plan in the making.

use std::collections::HashSet;

use super::{
    super::{
        Declaration,
        catalog::{Catalog, Index, Reference, Table},
        walk::Place,
    },
    Note, Plan, Problem, Step, place,
    step::{How, Lock, Phase},
};

/// What the planning files share: what is there, what is wanted, and what came out so far.
pub(super) struct Draft<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) declared: &'a Declaration,
    /// The tenants' tables, parents before their children; partitions are part of their table.
    pub(super) places: Vec<Place>,
    pub(super) globals: HashSet<i64>,
    pub(super) skipped: HashSet<i64>,
    pub(super) steps: Vec<Step>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(catalog: &'a Catalog, declared: &'a Declaration) -> Result<Self, Vec<Problem>> {
        let set = |list: &[super::super::Reasoned]| {
            list.iter()
                .filter_map(|it| catalog.named.get(&it.table).copied().flatten())
                .collect()
        };
        let mut draft = Self {
            catalog,
            declared,
            places: Vec::new(),
            globals: set(&declared.globals),
            skipped: set(&declared.skipped),
            steps: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
        };
        place::place(&mut draft);
        if draft.problems.is_empty() {
            Ok(draft)
        } else {
            Err(draft.problems)
        }
    }

    pub(super) fn finish(self) -> Result<Plan, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(Plan {
                steps: self.steps,
                notes: self.notes,
            })
        } else {
            Err(self.problems)
        }
    }

    /// The tenants' tables, parents first.
    pub(super) fn tables(&self) -> Vec<&'a Table> {
        self.places
            .iter()
            .filter_map(|place| self.catalog.table(place.oid))
            .collect()
    }

    /// The tenants' tables and their partitions.
    pub(super) fn nodes(&self) -> Vec<&'a Table> {
        self.tables()
            .into_iter()
            .flat_map(|table| self.catalog.nodes(table))
            .collect()
    }

    /// It is a tenant's table, or a partition of one.
    pub(super) fn is_tenants(&self, oid: i64) -> bool {
        let top = self.top(oid);
        self.places.iter().any(|place| place.oid == top)
    }

    /// The table that it is a partition of, in the end.
    fn top(&self, oid: i64) -> i64 {
        let mut at = oid;
        while let Some(parent) = self.catalog.table(at).and_then(|table| table.parent) {
            at = parent;
        }
        at
    }

    /// Declared to stay without the tenant.
    pub(super) fn keeps(&self, table: i64, name: &str) -> bool {
        self.declared.kept.iter().any(|kept| {
            kept.name == name && self.catalog.named.get(&kept.table).copied().flatten() == Some(table)
        })
    }

    /// The references between tenants' tables that do not compare tenants yet and shall.
    pub(super) fn references(&self) -> Vec<&'a Reference> {
        let wanted = |reference: &&Reference| {
            !reference.inherited
                && !reference.knows_tenants()
                && self.is_tenants(reference.table)
                && self.is_tenants(reference.target)
                && !self.keeps(reference.table, &reference.raw)
        };
        self.catalog.references.iter().filter(wanted).collect()
    }

    /// Both ends of a reference, parents first: as writers go, so that who holds the one waits for us at the other less often
    /// than we for them.
    pub(super) fn ends(&self, table: &Table, target: &Table) -> Vec<String> {
        let place = |of: &Table| {
            let top = self.top(of.oid);
            self.places.iter().position(|place| place.oid == top)
        };
        let mut ends = vec![(place(target), target), (place(table), table)];
        ends.sort_by_key(|(place, _)| *place);
        ends.dedup_by_key(|(_, end)| end.oid);
        ends.into_iter().map(|(_, end)| end.name.clone()).collect()
    }

    /// The indexes of a table or partition that stand for themselves, do not begin with the tenant and shall.
    pub(super) fn indexes(&self, node: &Table) -> Vec<&'a Index> {
        let wanted = |index: &&Index| {
            index.table == node.oid
                && index.parent.is_none()
                && index.valid
                && index.method == "btree"
                && !index.excludes
                && !index.knows_tenants()
                && !self.keeps(node.oid, &index.raw)
        };
        self.catalog.indexes.iter().filter(wanted).collect()
    }

    /// A step in one transaction that locks these tables.
    pub(super) fn locked(
        &mut self,
        phase: Phase,
        object: &str,
        why: &'static str,
        (lock, tables): (Lock, Vec<String>),
        statements: Vec<String>,
        done: bool,
    ) {
        let how = How::Locked(tables);
        self.push(phase, object, why, lock, statements, done, how);
    }

    /// A step that stops nobody.
    pub(super) fn online(
        &mut self,
        phase: Phase,
        object: &str,
        why: &'static str,
        statements: Vec<String>,
        done: bool,
    ) {
        self.push(phase, object, why, Lock::Shape, statements, done, How::Online);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a step, in their order")]
    pub(super) fn push(
        &mut self,
        phase: Phase,
        object: &str,
        why: &'static str,
        lock: Lock,
        statements: Vec<String>,
        done: bool,
        how: How,
    ) {
        let object = object.to_owned();
        self.steps.push(Step {
            phase,
            object,
            why,
            lock,
            statements,
            done,
            how,
        });
    }

    pub(super) fn problem(
        &mut self,
        object: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.problems.push(Problem::new(object, problem, remedy));
    }
}
