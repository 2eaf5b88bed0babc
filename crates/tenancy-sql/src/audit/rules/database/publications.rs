//! What is published leaves the database without asking a policy.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "publications",
    level: Level::WARNING,
    title: "a publication of tenants' tables",
    why: "Logical replication reads the log: a subscriber gets every tenant's rows. A row filter is no policy, and holds for that publication alone.",
    reference: "https://www.postgresql.org/docs/current/logical-replication-security.html",
    sql: "SELECT p.pubname::text, format('publishes tenants'' tables: %s', string_agg(t.name, ', ' ORDER BY t.name)), format('DROP PUBLICATION %I', p.pubname)
        FROM pg_publication p JOIN LATERAL pg_get_publication_tables(p.pubname) g ON true JOIN tenant_table t ON t.oid = g.relid
        GROUP BY p.pubname
        UNION ALL
        SELECT s.slot_name::text, format('is a logical slot of this database (`%s`): who reads it reads every tenant', s.plugin), format('SELECT pg_drop_replication_slot(%L)', s.slot_name)
        FROM pg_replication_slots s WHERE s.database = current_database() AND s.slot_type = 'logical' AND NOT s.temporary",
    faults: &[
        Fault { sql: "CREATE PUBLICATION everything FOR TABLE notes", says: "DROP PUBLICATION everything", also: &[] },
        Fault { sql: "CREATE PUBLICATION everything FOR ALL TABLES", says: "public.notes", also: &[] },
    ],
};
