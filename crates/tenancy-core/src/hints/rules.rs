//! How much each source of hints counts.

use serde::Deserialize;

use super::{HintSource, HostPolicy};

/// How much a source of hints counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HintRule {
    /// Nothing: it may say what it likes.
    Ignore,
    /// What it says agrees, or it says nothing.
    #[default]
    Agree,
    /// It names the tenant, and nothing else.
    Require,
}

/// The rule of each source. The strict default: each agrees or is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HintRules {
    /// Hosts. Required, `{slug}.domain` or the tenant's own domain names the tenant; the platform's own names none.
    pub host: HintRule,
    /// The header `X-Tenant-Id`.
    pub header: HintRule,
    /// The path parameters `{tenant}` and `{tenant_id}`. Required, every route has one.
    pub path: HintRule,
}

/// Rules that can't be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HintRulesError {
    /// Nothing is compared with the token.
    #[error("host, header and path are all ignored; leave one of them at `agree`")]
    NothingAgrees,
    /// Hosts that no request can use.
    #[error("`{0}` names no tenant, and the host is required to; remove it, or let the host `agree`")]
    NeutralHost(String),
    /// No host could name a tenant.
    #[error("the host is required to name the tenant, and there is no domain for it to be below")]
    NoDomain,
}

impl HintRules {
    pub(super) fn of(&self, source: HintSource) -> HintRule {
        match source {
            HintSource::Host => self.host,
            HintSource::Header => self.header,
            HintSource::Path => self.path,
        }
    }

    /// Whether the rules can be meant for these hosts.
    ///
    /// # Errors
    ///
    /// [`HintRulesError`], with what to change.
    pub fn check(&self, hosts: &HostPolicy) -> Result<(), HintRulesError> {
        if HintSource::ALL
            .iter()
            .all(|source| self.of(*source) == HintRule::Ignore)
        {
            return Err(HintRulesError::NothingAgrees);
        }
        if self.host != HintRule::Require {
            return Ok(());
        }
        match hosts.neutral().first() {
            Some(host) => Err(HintRulesError::NeutralHost(host.clone())),
            None if hosts.domain().is_empty() => Err(HintRulesError::NoDomain),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HintRule::*, *};

    fn check(rules: [HintRule; 3], hosts: &HostPolicy, expect: Result<(), HintRulesError>) {
        let [host, header, path] = rules;
        let rules = HintRules { host, header, path };
        assert_eq!(rules.check(hosts), expect, "{rules:?} {hosts:?}");
    }

    #[test]
    fn a_wrong_combination_is_refused() {
        use HintRulesError::*;
        let plain = HostPolicy::new("app.example.com", []);
        let more = HostPolicy::new("app.example.com", ["trips".to_owned()]);
        for (rules, hosts, expect) in [
            ([Agree, Agree, Agree], &plain, Ok(())),
            ([Agree, Agree, Agree], &more, Ok(())),
            ([Ignore, Ignore, Agree], &plain, Ok(())),
            ([Ignore, Agree, Ignore], &plain, Ok(())),
            ([Agree, Ignore, Ignore], &more, Ok(())),
            ([Ignore, Ignore, Ignore], &plain, Err(NothingAgrees)),
            ([Require, Ignore, Ignore], &plain, Ok(())),
            ([Require, Require, Require], &plain, Ok(())),
            (
                [Require, Agree, Agree],
                &more,
                Err(NeutralHost("trips".to_owned())),
            ),
            ([Agree, Require, Require], &more, Ok(())),
            ([Require, Agree, Agree], &HostPolicy::default(), Err(NoDomain)),
            ([Agree, Agree, Agree], &HostPolicy::default(), Ok(())),
        ] {
            check(rules, hosts, expect);
        }
    }
}
