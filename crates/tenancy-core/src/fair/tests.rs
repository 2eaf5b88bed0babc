//! Against a model that is plain and slow.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const BOUNDS: Bounds = Bounds { tenant: 6, all: 15 };

#[derive(Clone, Debug)]
enum Step {
    Ask(u8),
    /// One of those that run, by its number from the left.
    Leave(usize),
    /// The same, and its place stays with its tenant when one of it waits.
    Stay(usize),
    /// One of those that wait.
    Cancel(usize),
    /// A tenant's cap from now on.
    Cap(u8, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..5_u8).prop_map(Step::Ask),
        4 => any::<usize>().prop_map(Step::Leave),
        2 => any::<usize>().prop_map(Step::Stay),
        2 => any::<usize>().prop_map(Step::Cancel),
        1 => (0..5_u8, 0..4_usize).prop_map(|(tenant, cap)| Step::Cap(tenant, cap)),
    ];
    prop::collection::vec(step, 1..200)
}

fn weight(tenant: u8) -> u32 {
    u32::from(tenant % 3) + 1
}

/// What is known without a clever structure: who runs, who waits in which order, and what passed whom.
struct Model {
    places: usize,
    caps: BTreeMap<u8, usize>,
    /// The caps that were told with the last request.
    told: BTreeMap<u8, usize>,
    running: Vec<u8>,
    waiting: Vec<(u64, u8)>,
    /// How often the second got a place since the first could have had one.
    passed: BTreeMap<(u8, u8), u32>,
}

impl Model {
    fn runs(&self, tenant: u8) -> usize {
        self.running.iter().filter(|one| **one == tenant).count()
    }

    fn waits(&self, tenant: u8) -> usize {
        self.waiting.iter().filter(|(_, one)| *one == tenant).count()
    }

    fn may(&self, tenant: u8) -> bool {
        self.waits(tenant) > 0 && self.runs(tenant) < self.told[&tenant]
    }

    fn expect(&self, tenant: u8) -> Option<Asked> {
        let free = self.running.len() < self.places && self.runs(tenant) < self.told[&tenant];
        match (self.waits(tenant), self.waiting.len()) {
            (0, _) if free => Some(Asked::Runs),
            (waits, _) if waits >= BOUNDS.tenant || self.told[&tenant] == 0 => Some(Asked::TenantFull),
            (_, all) if all >= BOUNDS.all => Some(Asked::Full),
            _ => None,
        }
    }

    /// Somebody who waited got a place: the first of its tenant, and nobody who could have had it was passed too often.
    fn got(&mut self, tenant: u8, number: u64) {
        assert!(self.may(tenant));
        for other in 0..5 {
            if other == tenant || !self.may(other) {
                self.passed.retain(|(passed, _), _| *passed != other);
            } else {
                let times = self.passed.entry((other, tenant)).or_default();
                *times += 1;
                assert!(*times <= weight(tenant), "{tenant} passed {other} {times} times");
            }
        }
        self.runs_now(tenant, number);
    }

    fn runs_now(&mut self, tenant: u8, number: u64) {
        let place = self.waiting.iter().position(|(_, one)| *one == tenant).unwrap();
        let (first, _) = self.waiting.remove(place);
        assert_eq!(first, number, "not the first of its tenant");
        self.running.push(tenant);
    }

    fn check(&self) {
        assert!(self.running.len() <= self.places);
        if self.running.len() < self.places {
            assert!(
                (0..5).all(|tenant| !self.may(tenant)),
                "a place is free and somebody waits"
            );
        }
        for other in 0..5 {
            assert!(self.waits(other) <= BOUNDS.tenant);
        }
    }
}

fn drain(fair: &mut Fair<u8, u64>, model: &mut Model) {
    loop {
        let first = fair.peek().copied();
        let Some((tenant, number)) = fair.give_next() else {
            return;
        };
        assert_eq!(first, Some(number));
        model.got(tenant, number);
    }
}

fn act(fair: &mut Fair<u8, u64>, model: &mut Model, step: &Step) {
    match step {
        Step::Ask(tenant) => {
            let share = Share {
                cap: model.caps[tenant],
                weight: weight(*tenant),
            };
            model.told.insert(*tenant, share.cap);
            let number = fair.last + 1;
            let asked = fair.ask(*tenant, share, BOUNDS, || number);
            match model.expect(*tenant) {
                Some(expect) => assert_eq!(asked, expect),
                None => assert_eq!(asked, Asked::Waits(number)),
            }
            match asked {
                Asked::Runs => model.running.push(*tenant),
                Asked::Waits(number) => model.waiting.push((number, *tenant)),
                Asked::TenantFull | Asked::Full => {}
            }
        }
        Step::Leave(which) if !model.running.is_empty() => {
            let tenant = model.running.remove(which % model.running.len());
            fair.leave(tenant);
        }
        Step::Stay(which) if !model.running.is_empty() => {
            let tenant = model.running.remove(which % model.running.len());
            fair.leave(tenant);
            let stays = fair.give_to(tenant);
            assert_eq!(stays.is_some(), model.may(tenant));
            if let Some(number) = stays {
                model.runs_now(tenant, number);
            }
        }
        Step::Cancel(which) if !model.waiting.is_empty() => {
            let (number, _) = model.waiting.remove(which % model.waiting.len());
            assert!(fair.cancel(number) && !fair.cancel(number));
        }
        // a lower cap takes nothing away, and a higher one is told with the next request
        Step::Cap(tenant, cap) => {
            model.caps.insert(*tenant, *cap);
        }
        Step::Leave(_) | Step::Stay(_) | Step::Cancel(_) => {}
    }
    // who can not have a place is not passed
    let may: Vec<bool> = (0..5).map(|tenant| model.may(tenant)).collect();
    model.passed.retain(|(passed, _), _| may[usize::from(*passed)]);
    drain(fair, model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_does_what_the_model_does(places in 1..6_usize, steps in steps()) {
        let mut fair = Fair::<u8, u64>::new(places);
        let mut model = Model {
            places,
            caps: (0..5).map(|tenant| (tenant, usize::from(tenant) + 1)).collect(),
            told: (0..5).map(|tenant| (tenant, 0)).collect(),
            running: vec![],
            waiting: vec![],
            passed: BTreeMap::new(),
        };
        for step in &steps {
            act(&mut fair, &mut model, step);
            model.check();
            assert_eq!(fair.waiting(), model.waiting.len());
        }
        while !model.waiting.is_empty() || !model.running.is_empty() {
            act(&mut fair, &mut model, &Step::Leave(0));
            if model.running.is_empty() {
                act(&mut fair, &mut model, &Step::Cancel(0));
            }
            model.check();
        }
        assert!(fair.tenants.is_empty() && fair.ring.is_empty() && fair.in_use == 0, "{fair:?}");
    }
}

#[test]
fn a_cap_that_is_raised_is_used_at_once() {
    let mut fair = Fair::<u8, u64>::new(4);
    let ask = |fair: &mut Fair<u8, u64>, cap| fair.ask(0, Share { cap, weight: 1 }, BOUNDS, || 0);
    assert_eq!(ask(&mut fair, 1), Asked::Runs);
    assert_eq!(ask(&mut fair, 1), Asked::Waits(1));
    assert_eq!(ask(&mut fair, 3), Asked::Waits(2));
    assert_eq!(
        (fair.give_next(), fair.give_next(), fair.give_next()),
        (Some((0, 0)), Some((0, 0)), None)
    );
}

#[test]
fn a_cap_that_is_lowered_counts_for_who_waits() {
    let mut fair = Fair::<u8, u64>::new(2);
    let mut ask = |key, cap| fair.ask(key, Share { cap, weight: 1 }, BOUNDS, || 0);
    assert_eq!((ask(0, 2), ask(1, 1)), (Asked::Runs, Asked::Runs));
    assert_eq!((ask(0, 2), ask(0, 1)), (Asked::Waits(1), Asked::Waits(2)));
    fair.leave(1);
    assert_eq!(fair.give_next(), None);
    fair.leave(0);
    assert_eq!((fair.give_next(), fair.give_next()), (Some((0, 0)), None));
}

#[test]
fn a_tenant_that_may_run_nothing_waits_for_nothing() {
    let mut fair = Fair::<u8, u64>::new(4);
    assert_eq!(
        fair.ask(0, Share { cap: 0, weight: 1 }, BOUNDS, || 0),
        Asked::TenantFull
    );
    assert!(fair.tenants.is_empty());
}

#[test]
fn a_tenant_whose_turn_is_to_come_is_forgotten_when_it_waits_no_longer() {
    let mut fair = Fair::<u8, u64>::new(1);
    let share = Share { cap: 1, weight: 1 };
    let mut ask = |key| fair.ask(key, share, BOUNDS, || 0);
    assert_eq!((ask(0), ask(1)), (Asked::Runs, Asked::Waits(1)));
    assert!(fair.cancel(1));
    fair.leave(0);
    assert_eq!((fair.waiting(), fair.turns()), (0, 1));
    assert_eq!((fair.give_next(), fair.turns()), (None, 0));
    assert!(fair.tenants.is_empty());
}

#[test]
fn who_cancels_and_comes_again_for_ever_takes_no_room() {
    let mut fair = Fair::<u8, u64>::new(1);
    let share = Share { cap: 1, weight: 1 };
    assert_eq!(fair.ask(0, share, BOUNDS, || 0), Asked::Runs);
    for _ in 0..10_000 {
        let Asked::Waits(number) = fair.ask(0, share, BOUNDS, || 0) else {
            panic!("it waits");
        };
        assert!(fair.cancel(number));
    }
    assert!(fair.tenants[&0].queue.len() <= DEAD + 1);
}

#[test]
fn tenants_that_cancel_and_never_come_again_are_forgotten() {
    let mut fair = Fair::<u32, u64>::new(1);
    let share = Share { cap: 1, weight: 1 };
    assert_eq!(fair.ask(0, share, BOUNDS, || 0), Asked::Runs);
    for tenant in 1..10_000 {
        let Asked::Waits(number) = fair.ask(tenant, share, BOUNDS, || 0) else {
            panic!("it waits");
        };
        assert!(fair.cancel(number));
    }
    assert!(fair.tenants.len() <= DEAD + 1, "{}", fair.tenants.len());
    assert!(fair.ring.len() <= DEAD, "{}", fair.ring.len());
}

#[test]
fn a_cap_that_is_raised_by_who_is_refused_is_used_at_once() {
    let mut fair = Fair::<u8, u64>::new(4);
    let bounds = Bounds { tenant: 1, all: 9 };
    let ask = |fair: &mut Fair<u8, u64>, cap| fair.ask(0, Share { cap, weight: 1 }, bounds, || 0);
    assert_eq!(ask(&mut fair, 1), Asked::Runs);
    assert_eq!(ask(&mut fair, 1), Asked::Waits(1));
    assert_eq!(ask(&mut fair, 2), Asked::TenantFull);
    assert_eq!(fair.give_next(), Some((0, 0)));
}
