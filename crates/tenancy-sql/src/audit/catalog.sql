-- What every rule asks of. A rule is a SELECT that reads these; what it does not read is not computed.
-- `:'name'` is a quoted literal, as in psql: `\set role app_rw` and the file runs there with a rule behind it.
WITH arg AS MATERIALIZED (
    -- one row: whose view is taken, and the convention of the schema
    SELECT r.oid AS role, quote_ident(r.rolname) AS rolname, r.rolsuper, :'column'::text AS col, :'setting'::text AS setting,
           :'function'::text AS function, :'schemas'::text[] AS schemas
    FROM pg_roles r WHERE r.rolname = :'role'
), helper AS MATERIALIZED (
    -- functions that give the setting's value, as they stand in a policy; the second step calls one of the first
    SELECT p.oid, format('%I.%I()', n.nspname, p.proname) AS name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body
    FROM arg, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.pronargs = 0 AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND CASE WHEN arg.function <> '' THEN format('%I.%I()', n.nspname, p.proname) = arg.function
               ELSE strpos(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), quote_literal(arg.setting)) > 0 END
), value AS MATERIALIZED (
    -- regular expressions: the setting's value, and a comparison of the column with it. They match what the server
    -- deparses, parenthesis by parenthesis, so that a comparison below an OR, a NOT or a call is none.
    SELECT v.core, v.hoisted,
           '\((' || l.col || ' = ' || v.side || '|' || v.side || ' = ' || l.col || ')\)' AS fence
    FROM (SELECT core, '\( SELECT ' || typed || ' AS [a-z_0-9"]+\)' AS hoisted,
                 '(' || typed || '|\( SELECT ' || typed || ' AS [a-z_0-9"]+\)|\(\( SELECT ' || typed || ' AS [a-z_0-9"]+\)\)' || kind || ')' AS side
          FROM (SELECT core, kind, '(' || plain || '|\(' || plain || '\)' || kind || '|' || claim || '|\(' || claim || '\)' || kind || ')' AS typed
                FROM (SELECT core, kind, plain, '\(\(' || plain || '\)::jsonb? ->> ''[A-Za-z0-9_.]+''::text\)' AS claim
                      FROM (SELECT core, '::[a-z_0-9 ."]+(\([0-9]+\))?' AS kind, '(' || core || '|NULLIF\((' || core || '|\( SELECT ' || core || ' AS [a-z_0-9"]+\)), ''''::text\))' AS plain
                            FROM (SELECT '(' || coalesce(nullif(concat_ws('|',
                                      CASE WHEN arg.function = '' THEN 'current_setting\(' || regexp_replace(quote_literal(arg.setting), '([^A-Za-z0-9_ ])', '\\\1', 'g') || '::text(, true|, false)?\)' END,
                                      (SELECT string_agg(regexp_replace(h.name, '([^A-Za-z0-9_ ])', '\\\1', 'g'), '|') FROM helper h)), ''), '!none!') || ')' AS core FROM arg) a) b) c) d) v,
         (SELECT '(' || regexp_replace(quote_ident(arg.col), '([^A-Za-z0-9_ ])', '\\\1', 'g') || '|\(' || regexp_replace(quote_ident(arg.col), '([^A-Za-z0-9_ ])', '\\\1', 'g') || '\)::[a-z_0-9 ]+)' AS col FROM arg) l
), relation AS (
    -- every relation on which the role has any right, or has a tenant where the role has every right anyway. The right alone
    -- counts: through a view the role reaches a table whose schema it may not use.
    SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relowner, c.relispartition,
           n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS name, arg.role, arg.rolname, quote_ident(arg.col) AS col,
           t.attnum AS tenant, t.atttypid AS tenant_type, t.attnotnull AS tenant_not_null,
           -- the tenant of this session, for a statement that mends
           CASE WHEN arg.function <> '' THEN format('(SELECT %s)', arg.function)
                ELSE format('(SELECT current_setting(%L)::%s)', arg.setting, coalesce(format_type(t.atttypid, NULL), 'uuid')) END AS tenant_value,
           -- the mark of `rls`: everybody's, with a reason; with a tenant's column it is somebody's all the same
           t.attnum IS NULL AND coalesce(obj_description(c.oid, 'pg_class') ~ '^tenancy: global: \S', false) AS global,
           -- what an owner may do comes with owning, of which one rule tells
           NOT arg.rolsuper AND NOT pg_has_role(arg.role, c.relowner, 'USAGE') AS granted
    FROM arg, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = (SELECT a.col FROM arg a) AND NOT t.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      AND (cardinality(arg.schemas) = 0 OR n.nspname = ANY (arg.schemas))
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      AND CASE WHEN arg.rolsuper THEN t.attnum IS NOT NULL OR c.relrowsecurity
               ELSE has_table_privilege(arg.role, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                    OR has_any_column_privilege(arg.role, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
), tenant_table AS (
    SELECT * FROM relation WHERE relkind IN ('r', 'p') AND tenant IS NOT NULL
), fenced_table AS (
    SELECT * FROM tenant_table WHERE relrowsecurity
), side (command, side) AS (
    -- what a policy may be asked: which rows are there, and which may be written
    VALUES ('r', 'USING'), ('a', 'CHECK'), ('w', 'USING'), ('w', 'CHECK'), ('d', 'USING')
), need AS (
    -- what the policies of a table are asked, given the role's rights on it
    SELECT f.*, s.command, s.side
    FROM fenced_table f CROSS JOIN side s
    WHERE CASE s.command WHEN 'r' THEN has_any_column_privilege(f.role, f.oid, 'SELECT')
                         WHEN 'a' THEN has_any_column_privilege(f.role, f.oid, 'INSERT')
                         WHEN 'w' THEN has_any_column_privilege(f.role, f.oid, 'UPDATE')
                         ELSE has_table_privilege(f.role, f.oid, 'DELETE') END
), policy AS (
    -- one row for each policy and what it is asked, if it is for the role at all
    SELECT f.oid AS relation, f.name, f.col, f.tenant_value, p.oid, p.polname, p.polpermissive, p.polcmd, s.command, s.side, t.text,
           t.text IN ('true', '(1 = 1)') AS open,
           -- alone, or joined by AND at the top: one parenthesis is open before it, texts aside
           t.text ~ ('^' || v.fence || '$') OR t.text ~ ('^\(' || v.fence || ' AND ')
               OR (t.text ~ ('^\(.* AND ' || v.fence || '( AND .*)?\)$') AND before.text ~ '^\(.* AND $'
                   AND length(regexp_replace(before.text, '[^(]', '', 'g')) = length(regexp_replace(before.text, '[^)]', '', 'g')) + 1) AS fences
    FROM fenced_table f JOIN pg_policy p ON p.polrelid = f.oid
    JOIN side s ON p.polcmd IN ('*', s.command::"char")
    CROSS JOIN value v
    CROSS JOIN LATERAL (SELECT pg_get_expr(CASE WHEN s.side = 'USING' THEN p.polqual ELSE coalesce(p.polwithcheck, p.polqual) END, p.polrelid)) t (text)
    CROSS JOIN LATERAL (SELECT regexp_replace((regexp_split_to_array(t.text, v.fence))[1], '''([^'']|'''')*''', '', 'g')) before (text)
    WHERE p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) g (role) WHERE pg_has_role(f.role, g.role, 'USAGE'))
), wall AS (
    SELECT DISTINCT relation, command, side FROM policy WHERE NOT polpermissive AND fences
), routine AS (
    -- functions that are nobody's but the schema's
    SELECT p.oid, p.oid::regprocedure::text AS name, p.prosecdef, p.proconfig, p.provolatile, p.proowner, p.prolang, p.prosrc, p.prosqlbody,
           p.pronargs, p.prorettype, arg.role, arg.rolname, has_function_privilege(arg.role, p.oid, 'EXECUTE') AS callable
    FROM arg, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      -- those of the SDK's seal, as it installs them
      AND NOT (n.nspname = 'tenancy' AND p.prosecdef AND p.prosrc = ANY (:'sealed'::text[]))
), policy_function AS (
    -- functions that a policy of a reachable table calls; those of the server itself are not recorded
    SELECT DISTINCT f.name AS table_name, p.polname, r.*
    FROM fenced_table f JOIN pg_policy p ON p.polrelid = f.oid
    JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass
    JOIN routine r ON r.oid = d.refobjid
)
