//! Slugs that no tenant may have, because the platform's own names are made of them.

/// Sorted, so that a look-up is a binary search and a reader finds the place for the next one.
const RESERVED: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "backup",
    "billing",
    "blog",
    "cdn",
    "console",
    "control",
    "dashboard",
    "default",
    "demo",
    "dev",
    "dns",
    "docs",
    "enterprise",
    "firestore",
    "free",
    "free-tier",
    "google",
    "grafana",
    "help",
    "host",
    "hostmaster",
    "identity",
    "imap",
    "info",
    "ingress",
    "internal",
    "kube",
    "kubernetes",
    "localhost",
    "login",
    "mail",
    "metrics",
    "monitor",
    "neo4j",
    "noc",
    "operator",
    "platform",
    "pop",
    "postgres",
    "postmaster",
    "preview",
    "prod",
    "production",
    "prometheus",
    "public",
    "registry",
    "root",
    "security",
    "shared",
    "signup",
    "smtp",
    "sso",
    "staging",
    "standard",
    "static",
    "status",
    "support",
    "system",
    "tenancy",
    "tenant",
    "test",
    "uploads",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

pub(crate) fn is_reserved(slug: &str) -> bool {
    RESERVED.binary_search(&slug).is_ok() || slug.starts_with("kube-") || slug.starts_with("tenancy-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
