//! Trips on three tiers, driven end to end.
