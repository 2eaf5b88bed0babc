//! The limits of one process.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use tenancy_core::{Allowance, Entry, Limits, Rate, TenantContext, Verdict};
use tokio::sync::broadcast::Receiver;

use crate::{
    LimitsConfig, SharedConfig, SharedError,
    address::Addresses,
    books::{Books, Key},
    meters::{Meters, Outcome, Policy},
    near::{Near, NearLimit},
    queue::Queue,
    rate::{Account, Mode, Question, Standing, Terms, pair},
    shared::{Sharing, Subject},
};

/// Rates by address, tenant and user, and places in a fair queue, as the crate's documentation says.
///
/// Made once a process; cheap to clone. Its meters are those of the `metrics` recorder that is installed when it is made.
#[derive(Clone)]
pub struct TenantLimits {
    inner: Arc<Inner>,
}

struct Inner {
    config: LimitsConfig,
    addresses: Option<Addresses>,
    books: Arc<Books>,
    sharing: Option<Arc<Sharing>>,
    queue: Queue,
    meters: Arc<Meters>,
    near: Near,
}

impl TenantLimits {
    /// Limits of this process alone: what a single replica and a pinned deployment use.
    #[must_use]
    pub fn local(config: LimitsConfig) -> Self {
        let meters = Meters::new();
        let books = Arc::new(Books::new(config.room.tenants, config.room.users));
        Self::with(config, books, meters, None)
    }

    /// Limits that all replicas with the same Redis and prefix share. Waits a second at most for it; one that is away is no
    /// error: it is found later, and each replica limits by itself until then.
    ///
    /// # Errors
    ///
    /// When the settings can't be right: the URL can't be read or is none, or it is `rediss://` and no provider of
    /// cryptography is installed.
    pub async fn shared(config: LimitsConfig, redis: SharedConfig) -> Result<Self, SharedError> {
        let meters = Meters::new();
        let books = Arc::new(Books::new(config.room.tenants, config.room.users));
        let sharing = Sharing::start(redis, Arc::clone(&books), Arc::clone(&meters)).await?;
        Ok(Self::with(config, books, meters, Some(sharing)))
    }

    fn with(
        config: LimitsConfig,
        books: Arc<Books>,
        meters: Arc<Meters>,
        sharing: Option<Arc<Sharing>>,
    ) -> Self {
        let addresses = config
            .address
            .map(|limit| Addresses::new(limit, config.window, config.room.addresses));
        let queue = Queue::new(config.queue.clone(), Arc::clone(&meters));
        Self {
            inner: Arc::new(Inner {
                config,
                addresses,
                books,
                sharing,
                queue,
                meters,
                near: Near::new(),
            }),
        }
    }

    /// Hears from now on of tenants and users that have used four fifths of a rate. Who is slow loses the oldest: 256 wait.
    #[must_use]
    pub fn near_limits(&self) -> Receiver<NearLimit> {
        self.inner.near.listen()
    }

    /// Whether this process limits by itself because the shared store is away.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.inner.mode() == Mode::Degraded
    }
}

impl Limits for TenantLimits {
    fn address(&self, peer: IpAddr) -> Verdict {
        let Some(addresses) = &self.inner.addresses else {
            return Verdict::Allowed(None);
        };
        let verdict = addresses.check(peer);
        let outcome = match (&verdict, self.inner.config.shadow.address) {
            (Verdict::Allowed(_), _) => Outcome::Allowed,
            (Verdict::Limited { .. }, true) => Outcome::Shadowed,
            (Verdict::Limited { .. }, false) => Outcome::Limited,
        };
        self.inner.meters.decided(Policy::Address, outcome);
        match outcome {
            Outcome::Shadowed => Verdict::Allowed(None),
            Outcome::Allowed | Outcome::Limited => verdict,
        }
    }

    fn request(&self, ctx: &TenantContext) -> Verdict {
        self.inner.request(ctx)
    }

    fn enter(&self, ctx: &TenantContext) -> Entry {
        self.inner.queue.enter(ctx)
    }
}

/// One policy that a request is counted against.
struct Counted<'a> {
    policy: Policy,
    shadow: bool,
    subject: Subject,
    account: &'a mut Account,
    standing: Standing,
    near: bool,
}

/// What was decided of a request under the locks, and what is to be done of it without them.
struct Decided {
    verdict: Verdict,
    questions: [Option<(Subject, Question)>; 2],
    near: [Option<(Policy, Rate)>; 2],
}

impl Inner {
    fn mode(&self) -> Mode {
        self.sharing
            .as_ref()
            .map_or(Mode::Local, |sharing| sharing.mode())
    }

    fn request(&self, ctx: &TenantContext) -> Verdict {
        let tenant = ctx.tenant_id();
        let by_tenant = self.terms(ctx.plan().requests_per_minute);
        let by_user = ctx.user_id().zip(self.terms(ctx.plan().user_requests_per_minute));
        let (now, mode) = (self.books.now(), self.mode());
        let of = |key, terms| Subject { key, terms };
        let decided = pair(
            (&self.books.users, by_user.map(|(user, _)| (tenant, user))),
            (&self.books.tenants, by_tenant.map(|_| tenant)),
            (now, self.piece()),
            |user, account| {
                let user = user
                    .zip(by_user)
                    .map(|(a, (id, terms))| (Policy::User, a, of(Key::User(tenant, id), terms)));
                let account = account
                    .zip(by_tenant)
                    .map(|(a, terms)| (Policy::Tenant, a, of(Key::Tenant(tenant), terms)));
                self.decide([user, account], now, mode)
            },
        );
        let Some(Decided {
            verdict,
            questions,
            near,
        }) = decided
        else {
            return Verdict::Allowed(None);
        };
        for (policy, rate) in near.into_iter().flatten() {
            self.meters.near(policy);
            let user = ctx.user_id().filter(|_| policy == Policy::User);
            self.near.tell(NearLimit { tenant, user, rate });
        }
        if let Some(sharing) = &self.sharing {
            for (subject, question) in questions.into_iter().flatten() {
                sharing.send(subject, question);
            }
        }
        verdict
    }

    /// Counts a request against all policies, or, when one refuses, against none.
    fn decide(
        &self,
        policies: [Option<(Policy, &mut Account, Subject)>; 2],
        now: Duration,
        mode: Mode,
    ) -> Decided {
        let mut counted = policies.map(|policy| {
            policy.map(|(policy, account, subject)| Counted {
                standing: account.standing(now, &subject.terms, mode),
                shadow: self.shadow(policy),
                policy,
                subject,
                account,
                near: false,
            })
        });
        let refusing = counted
            .iter()
            .flatten()
            .find(|one| !one.standing.allowed && !one.shadow);
        let verdict = refusing.map(|one| (one.policy, one.limited()));
        for one in counted.iter_mut().flatten() {
            match &verdict {
                None => self.pass(one, now, mode),
                Some((policy, _)) if *policy == one.policy => {
                    self.meters.decided(*policy, Outcome::Limited);
                }
                Some(_) => {}
            }
        }
        let near = counted.each_ref().map(|one| {
            one.as_ref()
                .filter(|one| one.near)
                .map(|one| (one.policy, one.rate()))
        });
        let nearest = nearest(&counted);
        let room = matches!(mode, Mode::Shared(_))
            && self.sharing.as_ref().is_some_and(|sharing| sharing.has_room());
        let questions = counted.map(|one| {
            let one = one.filter(|_| room)?;
            let question = one.account.ask(now, &one.subject.terms)?;
            Some((one.subject, question))
        });
        let verdict = verdict.map_or(Verdict::Allowed(nearest), |(_, limited)| limited);
        Decided {
            verdict,
            questions,
            near,
        }
    }

    /// Counts a request that goes on. What a watching policy would have refused is not counted.
    fn pass(&self, one: &mut Counted<'_>, now: Duration, mode: Mode) {
        if !one.standing.allowed {
            self.meters.decided(one.policy, Outcome::Shadowed);
            return;
        }
        one.account.pass(now, &one.subject.terms, mode);
        one.standing.remaining = one.standing.remaining.saturating_sub(1);
        self.meters.decided(one.policy, Outcome::Allowed);
        one.near = one
            .account
            .says_near(now, &one.subject.terms, one.standing.remaining);
    }

    fn terms(&self, allowance: Allowance) -> Option<Terms> {
        match allowance {
            Allowance::Unlimited => None,
            Allowance::Limited(limit) => Some(Terms {
                limit,
                window: self.config.window,
                replicas: u64::from(self.config.replicas.get()),
            }),
        }
    }

    /// The grain of counting, which no limit changes.
    fn piece(&self) -> Duration {
        let any = Terms {
            limit: 0,
            window: self.config.window,
            replicas: 1,
        };
        any.piece()
    }

    fn shadow(&self, policy: Policy) -> bool {
        let shadow = self.config.shadow;
        match policy {
            Policy::Address => shadow.address,
            Policy::Tenant => shadow.tenant,
            Policy::User => shadow.user,
        }
    }
}

impl Counted<'_> {
    fn rate(&self) -> Rate {
        Rate {
            policy: self.policy.as_str(),
            limit: self.subject.terms.limit,
            window: self.subject.terms.window,
            remaining: self.standing.remaining,
            reset: self.standing.reset,
        }
    }

    fn limited(&self) -> Verdict {
        Verdict::Limited {
            rate: Rate {
                remaining: 0,
                ..self.rate()
            },
            retry_after: self.standing.retry_after,
        }
    }
}

/// The rate of which the smallest part is left. A policy that only watches says nothing.
fn nearest(counted: &[Option<Counted<'_>>; 2]) -> Option<Rate> {
    let rates = counted.iter().flatten().filter(|one| !one.shadow);
    rates.map(Counted::rate).min_by(|a, b| {
        let of = |rate: &Rate, other: &Rate| u128::from(rate.remaining) * u128::from(other.limit);
        of(a, b).cmp(&of(b, a))
    })
}

impl fmt::Debug for TenantLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantLimits")
            .field("config", &self.inner.config)
            .field("shared", &self.inner.sharing.is_some())
            .finish_non_exhaustive()
    }
}
