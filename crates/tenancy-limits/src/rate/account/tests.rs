//! Replicas that share, against a store of a few lines: whatever comes late, the bound holds.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::window::PIECES;
use super::*;

const REPLICAS: u64 = 3;
const TERMS: Terms = Terms {
    limit: 200,
    window: Duration::from_secs(10),
    replicas: REPLICAS,
};
const MODE: Mode = Mode::Shared(0);

/// What the script does, without Redis.
#[derive(Default)]
struct Store(BTreeMap<u64, u64>);

impl Store {
    fn take(&mut self, now: Duration, question: &Question) -> Answer {
        let piece = |at: Duration| u64::try_from(at.as_nanos() / TERMS.piece().as_nanos()).unwrap();
        let (lease, size) = question.returned;
        if question.memory != 0 {
            let entry = self.0.entry(lease).or_default();
            *entry = entry.saturating_sub(size);
        }
        for (ago, count) in &question.passed {
            *self.0.entry(piece(now.saturating_sub(*ago))).or_default() += u64::from(*count);
        }
        let oldest = piece(now).saturating_sub(PIECES);
        self.0.retain(|at, count| *at >= oldest && *count > 0);
        let used: u64 = self.0.values().sum();
        let free = question.limit.saturating_sub(used + question.kept);
        let granted = question.more.min((free / 4).max(free.min(1)));
        let (leased, ends) = (question.kept + granted, piece(now + TERMS.life()));
        *self.0.entry(ends).or_default() += leased;
        let mut left = used + leased;
        let away = |at: u64| (TERMS.piece() * u32::try_from(at + PIECES + 1).unwrap()).saturating_sub(now);
        let leaves = self.0.iter().find(|(_, count)| {
            left -= **count;
            left < question.limit
        });
        Answer {
            memory: 1,
            piece: ends,
            leased,
            remaining: free - granted,
            retry_after: leaves.map_or(Duration::ZERO, |(at, _)| away(*at)),
            reset: self.0.keys().next_back().map_or(Duration::ZERO, |at| away(*at)),
        }
    }
}

/// A question that reaches the store, and an answer that reaches the replica, each at its time.
struct OnItsWay {
    replica: usize,
    arrives: Duration,
    returns: Duration,
    question: Question,
    answer: Option<Answer>,
}

/// One step: how long nothing happens, which replica, how many requests, how long its question takes each way.
type Step = (u64, usize, usize, u64);

/// When requests passed.
fn run(steps: &[Step]) -> Vec<Duration> {
    let mut accounts: Vec<Account> = (0..REPLICAS).map(|_| Account::default()).collect();
    let (mut store, mut now) = (Store::default(), Duration::ZERO);
    let (mut ways, mut passed): (Vec<OnItsWay>, _) = (vec![], vec![]);
    for (pause, replica, requests, delay) in steps {
        now += Duration::from_millis(*pause);
        ways.sort_by_key(|way| way.arrives);
        for way in ways
            .iter_mut()
            .filter(|way| way.arrives <= now && way.answer.is_none())
        {
            way.answer = Some(store.take(way.arrives, &way.question));
        }
        for way in ways.extract_if(.., |way| way.returns <= now) {
            let answer = way.answer.unwrap();
            accounts[way.replica].answered(now, &TERMS, way.question.kept, &answer);
        }
        let account = &mut accounts[*replica];
        for _ in 0..*requests {
            if account.standing(now, &TERMS, MODE).allowed {
                account.pass(now, &TERMS, MODE);
                passed.push(now);
            }
            if let Some(question) = account.ask(now, &TERMS) {
                let delay = Duration::from_millis(*delay);
                ways.push(OnItsWay {
                    replica: *replica,
                    arrives: now + delay,
                    returns: now + delay * 2,
                    question,
                    answer: None,
                });
            }
        }
    }
    passed
}

fn most(passed: &[Duration]) -> usize {
    let count =
        |(n, at): (usize, &Duration)| passed[n..].partition_point(|other| *other < *at + TERMS.window);
    passed.iter().enumerate().map(count).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_window_holds_more_than_the_limit_and_what_passed_unasked(
        steps in prop::collection::vec((0..60_u64, 0..3_usize, 0..12_usize, 0..40_u64), 100..900),
    ) {
        let passed = run(&steps);
        let bound = TERMS.limit + REPLICAS * TERMS.unasked();
        prop_assert!(most(&passed) as u64 <= bound, "{} of {bound}", most(&passed));
    }
}

#[test]
fn who_sends_twice_the_limit_gets_the_limit() {
    // 40 a second are sent, 20 allowed; answers take 4 ms; the load is uneven
    let steps: Vec<Step> = (0..4_000)
        .map(|n| (25, [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][n % 10], 1, 2))
        .collect();
    let passed = run(&steps);
    let full = passed
        .iter()
        .filter(|at| **at >= TERMS.window * 2 && **at < TERMS.window * 10)
        .count();
    assert!((1_520..=1_680).contains(&full), "{full} in eight windows of 200");
    assert!(most(&passed) <= 210, "{}", most(&passed));
}

#[test]
fn who_was_told_that_there_is_nothing_does_not_ask_before_there_is() {
    let (mut account, now) = (Account::default(), Duration::from_secs(1));
    let at = |ms| now + Duration::from_millis(ms);
    assert!(account.standing(now, &TERMS, MODE).allowed);
    account.pass(now, &TERMS, MODE);
    assert!(account.ask(now, &TERMS).is_some());
    assert!(account.ask(now, &TERMS).is_none(), "one is on its way");
    let nothing = Answer {
        memory: 1,
        piece: 0,
        leased: 0,
        remaining: 0,
        retry_after: Duration::from_millis(100),
        reset: TERMS.window,
    };
    account.answered(now, &TERMS, 0, &nothing);
    let standing = account.standing(at(40), &TERMS, MODE);
    assert_eq!(
        (standing.allowed, standing.retry_after),
        (false, Duration::from_millis(60))
    );
    assert!(account.ask(at(99), &TERMS).is_none());
    assert!(account.standing(at(100), &TERMS, MODE).allowed);
    assert!(account.ask(at(100), &TERMS).is_some());
}
