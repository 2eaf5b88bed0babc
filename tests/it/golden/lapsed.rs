//! What a plan takes away from roles: custom ones that it no longer has only read, and on Free nobody is invited.

use std::sync::Arc;

use tenancy_core::{
    CustomRole, DataRead, DataWrite, Error, Feature, FeatureSet, Kind, MemberRole, Permission,
    PermissionCatalogue, PermissionNames, Permit, PlanChanges, Role, Rule, TenantContext, Tier, UserId,
    UsersInvite, check_invitation, decide,
};
use tenancy_testkit::{context, context_of, tenant};

fn editor() -> MemberRole {
    let list = ["tenant:data:write", "tenant:users:invite"];
    MemberRole::Custom(Arc::new(CustomRole {
        name: "editor".parse().unwrap(),
        permissions: PermissionNames::parse(list).unwrap(),
        version: 7,
    }))
}

async fn in_plan(tier: Tier, add: &[Feature], remove: &[Feature]) -> TenantContext {
    let mut record = tenant("acme", tier);
    let changes = PlanChanges {
        add_features: FeatureSet::of(add),
        remove_features: FeatureSet::of(remove),
        ..PlanChanges::default()
    };
    record.plan = Some(changes.into());
    context_of(&record, UserId::new(), editor()).await
}

#[tokio::test]
async fn a_custom_role_counts_while_the_plan_has_them() {
    let roles = [Feature::CustomRoles];
    for (tier, add, remove, rule) in [
        (Tier::Enterprise, &[] as &[_], &[] as &[_], Rule::CustomRole),
        (Tier::Standard, &roles, &[], Rule::CustomRole),
        (Tier::Standard, &[], &[], Rule::LapsedRole),
        (Tier::Enterprise, &[], &roles, Rule::LapsedRole),
    ] {
        let ctx = in_plan(tier, add, remove).await;
        let write = decide(ctx.actor(), &DataWrite::DEF);
        assert_eq!(
            (write.rule, write.allowed),
            (rule, rule == Rule::CustomRole),
            "{tier}"
        );
        assert_eq!(
            write.version,
            if rule == Rule::CustomRole { 7 } else { 1 },
            "{tier}"
        );
        assert!(
            decide(ctx.actor(), &DataRead::DEF).allowed,
            "{tier}: a member reads"
        );
        assert_eq!(Permit::<DataWrite>::check(&ctx).is_ok(), write.allowed, "{tier}");
        assert_eq!(
            ctx.role().unwrap().as_str(),
            "editor",
            "the log names it either way"
        );
    }
}

async fn invite(by: TenantContext, role: impl Into<MemberRole>) -> Result<(), Error> {
    let catalogue = PermissionCatalogue::new([]).unwrap();
    check_invitation(&Permit::<UsersInvite>::check(&by)?, &role.into(), &catalogue)
}

#[tokio::test]
async fn an_invitation_exceeds_neither_the_plan_nor_the_inviter() {
    let by = async |tier, role: Role| context(&tenant("acme", tier), role).await;
    let refused = |outcome: Result<(), Error>| {
        let problem = serde_json::to_value(outcome.unwrap_err().problem()).unwrap();
        ["feature", "available_from", "permission"].map(|key| problem[key].as_str().unwrap_or("-").to_owned())
    };
    let free = invite(by(Tier::Free, Role::Owner).await, Role::Member).await;
    assert_eq!(free.as_ref().unwrap_err().kind(), Kind::NotEntitled);
    assert_eq!(refused(free), ["members", "standard", "-"]);
    let custom = invite(by(Tier::Standard, Role::Owner).await, editor()).await;
    assert_eq!(refused(custom), ["custom_roles", "enterprise", "-"]);
    let above = invite(by(Tier::Standard, Role::Admin).await, Role::Admin).await;
    assert_eq!(refused(above), ["-", "-", "tenant:admins:manage"]);
    let member = invite(by(Tier::Standard, Role::Member).await, Role::ReadOnly).await;
    assert_eq!(refused(member), ["-", "-", "tenant:users:invite"]);
    invite(by(Tier::Standard, Role::Admin).await, Role::Member)
        .await
        .unwrap();
    invite(by(Tier::Standard, Role::Owner).await, Role::Owner)
        .await
        .unwrap();
    // a custom role that may invite gives what it has
    let everything = in_plan(Tier::Enterprise, &[], &[]).await;
    invite(everything.clone(), Role::Member).await.unwrap();
    assert_eq!(
        refused(invite(everything, Role::Admin).await),
        ["-", "-", "tenant:admins:manage"]
    );
}
