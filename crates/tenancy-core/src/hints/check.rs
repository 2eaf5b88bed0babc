//! Whether hints agree with the tenant that was proven.

use std::fmt;

use super::{HintRule, HintRules, HintSource, Hints, HostPolicy, host::Named};
use crate::TenantRecord;

/// Which hint disagrees: for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disagreement {
    /// This one names another tenant, or none there is.
    Other(HintSource),
    /// This one has to name the tenant, and does not.
    Absent(HintSource),
    /// There are more than any request has a reason to give.
    TooMany,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(source) => write!(f, "{source:?} names another tenant than the proof"),
            Self::Absent(source) => write!(f, "{source:?} has to name the tenant and does not"),
            Self::TooMany => f.write_str("more hints than a request has a reason to give"),
        }
    }
}

/// What one hint says of the tenant that was proven.
#[derive(PartialEq, Eq)]
enum Says {
    Nothing,
    Same,
    Other,
}

/// Checks that every hint agrees with `tenant`, as far as the rules ask.
pub(crate) fn check(
    hints: &Hints<'_>,
    rules: &HintRules,
    hosts: &HostPolicy,
    tenant: &TenantRecord,
) -> Result<(), Disagreement> {
    let given = hints.all().ok_or(Disagreement::TooMany)?;
    for source in HintSource::ALL {
        let rule = rules.of(source);
        if rule == HintRule::Ignore {
            continue;
        }
        let mut named = false;
        for (_, text) in given.iter().filter(|(of, _)| *of == source) {
            match says(source, text, hosts, tenant) {
                Says::Nothing => {}
                Says::Same => named = true,
                Says::Other => return Err(Disagreement::Other(source)),
            }
        }
        if rule == HintRule::Require && !named && hints.is_request() {
            return Err(Disagreement::Absent(source));
        }
    }
    Ok(())
}

fn says(source: HintSource, text: &str, hosts: &HostPolicy, tenant: &TenantRecord) -> Says {
    let same = match source {
        HintSource::Host => match hosts.named(text) {
            Named::Nobody => return Says::Nothing,
            Named::Slug(label) => label.eq_ignore_ascii_case(tenant.slug.as_str()),
            Named::Domain(name) => {
                let own = tenant.custom_host.as_deref();
                own.is_some_and(|own| name.eq_ignore_ascii_case(own))
            }
            Named::Malformed => false,
        },
        HintSource::Header | HintSource::Path => {
            text == tenant.slug.as_str() || text.parse() == Ok(tenant.id)
        }
    };
    if same { Says::Same } else { Says::Other }
}

#[cfg(test)]
mod tests {
    use super::{
        HintRule::{Agree, Ignore, Require},
        HintSource::{Header, Host, Path},
        *,
    };
    use crate::{IdentityTenant, Placement, TenantId, TenantStatus, Tier};

    fn acme() -> TenantRecord {
        TenantRecord {
            id: TenantId::new(),
            slug: "acme".parse().unwrap(),
            name: "Acme".to_owned(),
            tier: Tier::Standard,
            status: TenantStatus::Active,
            identity_tenant: "acme-x1y2z".parse::<IdentityTenant>().unwrap(),
            custom_host: Some("trips.acme.example".to_owned()),
            plan: None,
            placement: Placement {
                epoch: crate::Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
                documents: Default::default(),
                graph: Default::default(),
            },
        }
    }

    fn policy() -> HostPolicy {
        HostPolicy::new("app.example.com", ["localhost".to_owned(), "[::1]".to_owned()])
    }

    fn host(host: &str, agrees: bool) {
        let said = check(
            &Hints::default().host(host),
            &HintRules::default(),
            &policy(),
            &acme(),
        );
        assert_eq!(said.is_ok(), agrees, "{host}");
    }

    #[test]
    fn hosts() {
        for agrees in [
            "app.example.com",
            "acme.app.example.com",
            "ACME.app.example.com:8443",
            "acme.app.example.com.",
            "trips.acme.example",
            "TRIPS.Acme.example.:443",
            "localhost:3000",
            "[::1]:3000",
            "[::1]",
        ] {
            host(agrees, true);
        }
        for disagrees in [
            "globex.app.example.com",
            "acme.evil.example",
            "acme.app.example.com.evil.example",
            "127.0.0.1",
            "xacme.app.example.com",
            "a.acme.app.example.com",
            "xtrips.acme.example",
            "acme.example",
            "user@acme.app.example.com",
            "acme_.app.example.com",
            "",
            "acme",
            "app.example.com:x",
        ] {
            host(disagrees, false);
        }
    }

    #[test]
    fn a_domain_that_is_another_tenants_host_is_that_tenants() {
        let mut acme = acme();
        acme.custom_host = Some("globex.app.example.com".to_owned());
        let hints = Hints::default().host("globex.app.example.com");
        let said = check(&hints, &HintRules::default(), &policy(), &acme);
        assert_eq!(said, Err(Disagreement::Other(Host)));
    }

    #[test]
    fn without_a_domain_of_its_own_a_tenant_has_none() {
        let mut acme = acme();
        acme.custom_host = None;
        let hints = Hints::default().host("trips.acme.example");
        let said = check(&hints, &HintRules::default(), &policy(), &acme);
        assert_eq!(said, Err(Disagreement::Other(Host)));
    }

    #[test]
    fn every_hint_must_agree() {
        let (policy, acme) = (policy(), acme());
        let id = acme.id.to_string();
        let check = |tenants: &[&str], expect: Result<(), Disagreement>| {
            for source in [Header, Path] {
                let hints = tenants.iter().fold(Hints::default(), |hints, text| match source {
                    Header => hints.header(text),
                    _ => hints.path(text),
                });
                let expect = expect.map_err(|_| Disagreement::Other(source));
                assert_eq!(
                    check(&hints, &HintRules::default(), &policy, &acme),
                    expect,
                    "{tenants:?}"
                );
            }
        };
        let no = Err(Disagreement::TooMany);
        check(&[], Ok(()));
        check(&["acme", &id], Ok(()));
        check(&["acme", "globex"], no);
        check(&["globex", "acme"], no);
        check(&[""], no);
        check(&["Acme"], no);
        check(&["acme "], no);
        check(&["acme,globex"], no);
        check(&[&id.to_uppercase()], no);
        check(&[&id.replace('-', "")], no);
        check(&[&format!("{{{id}}}")], no);
        check(&[&TenantId::new().to_string()], no);
    }

    #[test]
    fn what_can_not_be_read_is_not_absent() {
        for source in HintSource::ALL {
            let said = check(
                &Hints::default().unreadable(source),
                &HintRules::default(),
                &policy(),
                &acme(),
            );
            assert_eq!(said, Err(Disagreement::Other(source)));
        }
    }

    #[test]
    fn more_than_eight_hints_are_refused_whatever_they_say() {
        let hints = |count| (0..count).fold(Hints::default(), |hints, _| hints.host("acme.app.example.com"));
        let ignored = HintRules {
            host: Ignore,
            ..HintRules::default()
        };
        for rules in [HintRules::default(), ignored] {
            assert_eq!(check(&hints(8), &rules, &policy(), &acme()), Ok(()));
            assert_eq!(
                check(&hints(9), &rules, &policy(), &acme()),
                Err(Disagreement::TooMany)
            );
        }
    }

    /// One source under each rule: absent, agreeing, disagreeing.
    fn rule(source: HintSource, rule: HintRule, expect: [Result<(), Disagreement>; 3]) {
        let mut rules = HintRules::default();
        let (at, texts) = match source {
            Host => (
                &mut rules.host,
                ["acme.app.example.com", "globex.app.example.com"],
            ),
            Header => (&mut rules.header, ["acme", "globex"]),
            Path => (&mut rules.path, ["acme", "globex"]),
        };
        *at = rule;
        let none = Hints::of_request();
        let all = [none, none.with(source, texts[0]), none.with(source, texts[1])];
        let said = all.map(|hints| check(&hints, &rules, &policy(), &acme()));
        assert_eq!(said, expect, "{source:?} {rule:?}");
    }

    #[test]
    fn each_source_has_its_rule() {
        for source in HintSource::ALL {
            let (other, absent) = (
                Err(Disagreement::Other(source)),
                Err(Disagreement::Absent(source)),
            );
            rule(source, Ignore, [Ok(()), Ok(()), Ok(())]);
            rule(source, Agree, [Ok(()), Ok(()), other]);
            rule(source, Require, [absent, Ok(()), other]);
        }
    }

    #[test]
    fn work_that_is_no_request_names_nobody_and_may_still_disagree() {
        let (host, header, path) = (Require, Require, Require);
        let rules = HintRules { host, header, path };
        let check = |hints: Hints<'_>| check(&hints, &rules, &policy(), &acme());
        assert_eq!(check(Hints::default()), Ok(()));
        let disagrees = Hints::default().header("globex");
        assert_eq!(check(disagrees), Err(Disagreement::Other(Header)));
        assert!(check(Hints::of_request()).is_err());
    }

    #[test]
    fn a_host_that_names_nobody_does_not_name_the_tenant() {
        let required = HintRules {
            host: Require,
            ..HintRules::default()
        };
        let check = |hints: Hints<'_>| check(&hints, &required, &policy(), &acme());
        let neutral = Hints::of_request().host("app.example.com");
        assert_eq!(check(neutral), Err(Disagreement::Absent(Host)));
        assert_eq!(check(neutral.host("acme.app.example.com")), Ok(()));
    }
}
