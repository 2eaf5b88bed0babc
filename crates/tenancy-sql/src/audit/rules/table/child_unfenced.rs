//! The policies of a parent are not those of its partitions and children.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "child_unfenced",
    level: Level::ERROR,
    title: "a partition or child that is reached past its parent's policies",
    why: "Policies are taken from the relation that the statement names. Who names the partition gets every row in it (reproduced).",
    reference: "https://www.postgresql.org/docs/current/ddl-partitioning.html",
    sql: "SELECT t.name, format('is a part of `%s`, and has no row-level security of its own', i.inhparent::regclass), format('REVOKE ALL ON %s FROM PUBLIC, %s', t.name, t.rolname)
        FROM relation t JOIN pg_inherits i ON i.inhrelid = t.oid JOIN pg_class parent ON parent.oid = i.inhparent
        WHERE t.relkind IN ('r', 'p') AND t.tenant IS NOT NULL AND parent.relrowsecurity AND NOT t.relrowsecurity",
    faults: &[
        Fault { sql: "CREATE TABLE parts (tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant(), id int, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); ALTER TABLE parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT ON parts_1 TO {role}", says: "public.parts_1", also: &[] },
        Fault { sql: "CREATE TABLE child (PRIMARY KEY (tenant_id, id)) INHERITS (notes); GRANT SELECT ON child TO {role}", says: "public.child", also: &[] },
    ],
};
