//! Columns whose names tell that a copy would hurt.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "sensitive_columns",
    level: Level::NOTE,
    title: "a column that sounds sensitive",
    why: "Passwords, tokens and numbers of identity or payment should be hashed, encrypted or elsewhere: the fence is between tenants, not between users of one.",
    reference: "splinter 0023",
    sql: "SELECT r.name || '.' || quote_ident(a.attname), format('can be read by `%s` and sounds sensitive', r.rolname),
               format('COMMENT ON COLUMN %s.%I IS ''sensitive: why it is here''', r.name, a.attname)
        FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE r.relkind IN ('r', 'p') AND has_column_privilege(r.role, r.oid, a.attnum, 'SELECT')
          AND a.attname ~* '(^|_)(password|passwd|secret|ssn|social_security|credit_card|card_number|cvv|iban|api_key|private_key|access_token|refresh_token|encryption_key|totp_secret)($|_)'
          AND a.attname !~* '(hash|_id|_at|_count|hint|digest|last4|expires?)$'
          AND coalesce(col_description(r.oid, a.attnum), '') !~* '^sensitive:'",
    faults: &[
        Fault { sql: "ALTER TABLE notes ADD COLUMN api_key text", says: "notes.api_key", also: &[] },
    ],
};
