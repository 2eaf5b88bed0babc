WITH own AS (
    SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_')
SELECT format('column %s %s %s %s %s', a.attrelid::regclass, a.attname, a.atttypid::regtype, a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    FROM own JOIN pg_attribute a ON a.attrelid = own.oid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND own.relkind IN ('r', 'p')
UNION ALL SELECT format('constraint %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    FROM own JOIN pg_constraint k ON k.conrelid = own.oid
UNION ALL SELECT format('index %s %s', pg_get_indexdef(i.indexrelid), i.indisvalid) FROM own JOIN pg_index i ON i.indrelid = own.oid
UNION ALL SELECT format('policy %s %s %s %s', p.polrelid::regclass, p.polname, p.polpermissive, p.polroles) FROM pg_policy p
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM own JOIN pg_trigger t ON t.tgrelid = own.oid WHERE NOT t.tgisinternal
UNION ALL SELECT format('function %s', p.oid::regprocedure) FROM pg_proc p WHERE p.pronamespace = 'tenancy'::regnamespace
UNION ALL SELECT format('relation %s %s %s %s %s %s', oid::regclass, relkind, relrowsecurity, relforcerowsecurity, relacl, reloptions) FROM own
ORDER BY 1
