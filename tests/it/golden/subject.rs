//! Who asks, through the code that a request goes through.

use std::sync::Arc;

use tenancy_core::{
    AdminsManage, BillingManage, DataAll, DataRead, DataWrite, Deployment, Error, Hints, HostPolicy, Kind,
    Permission, Permit, RequestId, Resolver, Result, Role, SettingsUpdate, StaticMember, StaticMemberships,
    TenantContext, TenantDelete, TenantRecord, TenantStatus, Tier, UserId, UsersInvite, UsersRemove,
    directory::StaticDirectory,
};
use tenancy_testkit::{signed_in, tenant};

use super::specification::Outcome;

tenancy_core::permissions! {
    /// An application's own.
    pub(super) Publish = "trips:itinerary:publish", Admin, write;
}

/// Everybody who can stand before a tenant's door. `guest` is signed in to the tenant's pool and no member; `foreign` is the
/// owner of another tenant; `suspended` is the owner of a suspended one.
pub(super) const WHO: [&str; 8] = [
    "readonly",
    "member",
    "admin",
    "owner",
    "anonymous",
    "guest",
    "foreign",
    "suspended",
];
/// Whose data it is about: the caller's own, another user's that is shared, another user's that is not.
pub(super) const DATA: [&str; 3] = ["own", "shared", "private"];

/// The tenant, as one of them comes to it.
pub(super) struct Door {
    resolver: Resolver,
    acme: TenantRecord,
    globex: TenantRecord,
    initech: TenantRecord,
}

impl Door {
    pub(super) fn new() -> Self {
        let (acme, globex) = (tenant("acme", Tier::Standard), tenant("globex", Tier::Standard));
        let mut initech = tenant("initech", Tier::Standard);
        initech.status = TenantStatus::Suspended;
        let members = Role::ALL.map(|role| member(&acme, role.as_str(), role));
        let owners = [
            member(&globex, "foreign", Role::Owner),
            member(&initech, "suspended", Role::Owner),
        ];
        let directory = StaticDirectory::new([acme.clone(), globex.clone(), initech.clone()]);
        let resolver = Resolver::new(
            Arc::new(directory.unwrap()),
            Arc::new(StaticMemberships::new(members.into_iter().chain(owners))),
            Deployment::Shared,
            HostPolicy::default(),
        );
        Self {
            resolver,
            acme,
            globex,
            initech,
        }
    }

    /// The context of `who`, who asks for the tenant acme (for initech, when it is that one's owner).
    pub(super) async fn context(&self, who: &str) -> Result<TenantContext> {
        let (of, asked) = match who {
            "anonymous" => return Err(Error::unauthenticated("there is no token")),
            "foreign" => (&self.globex, &self.acme),
            "suspended" => (&self.initech, &self.initech),
            _ => (&self.acme, &self.acme),
        };
        let asked = asked.id.to_string();
        let hints = Hints::default().header(&asked);
        let identity = signed_in(of, who.parse().unwrap());
        self.resolver
            .resolve(&identity.into(), &hints, RequestId::new(), None)
            .await
    }
}

fn member(tenant: &TenantRecord, subject: &str, role: Role) -> StaticMember {
    StaticMember {
        tenant: tenant.id,
        pool: tenant.identity_tenant.clone(),
        subject: subject.parse().unwrap(),
        user: UserId::new(),
        role: role.into(),
    }
}

/// What comes of asking for `P` on such data.
fn ask<P: Permission>(context: &TenantContext, data: &str) -> Outcome {
    let permit = match Permit::<P>::check(context) {
        Ok(permit) => permit,
        Err(error) => return heard(&error),
    };
    let (own, other) = (context.user_id().unwrap(), UserId::new());
    let answer = match data {
        "own" => permit.on_visible(own, false),
        // to look at what is shared takes no more than leave to look
        "shared" if P::DEF == DataRead::DEF => Ok(()),
        "shared" => permit.on_visible(other, true),
        _ => permit.on_visible(other, false),
    };
    answer.map_or_else(|error| heard(&error), |()| Outcome::Allowed)
}

/// An error, as the one who asked hears it.
pub(super) fn heard(error: &Error) -> Outcome {
    match error.kind() {
        Kind::Forbidden => Outcome::Forbidden,
        Kind::NotFound => Outcome::NotFound,
        Kind::Unauthenticated => Outcome::Unauthenticated,
        Kind::Suspended => Outcome::Suspended,
        kind => panic!("nobody expects {kind:?}"),
    }
}

type Ask = fn(&TenantContext, &str) -> Outcome;

/// Every permission of the platform and one of an application, by name.
pub(super) fn permissions() -> Vec<(&'static str, Ask)> {
    fn row<P: Permission>() -> (&'static str, Ask) {
        (P::DEF.name(), ask::<P>)
    }
    vec![
        row::<TenantDelete>(),
        row::<BillingManage>(),
        row::<AdminsManage>(),
        row::<UsersInvite>(),
        row::<UsersRemove>(),
        row::<SettingsUpdate>(),
        row::<DataAll>(),
        row::<DataWrite>(),
        row::<DataRead>(),
        row::<Publish>(),
    ]
}
