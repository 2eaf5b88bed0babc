//! The column, and the trigger that fills it for writers that know no tenants.

use super::{
    super::{
        catalog::Table,
        quote::body,
        walk::{Place, Source},
    },
    draft::Draft,
    fill::expression,
    step::{How, Lock, Phase},
};

/// Fires on rows that come without a tenant; after the table's own triggers, which go by name too.
const ON_INSERT: &str = "zz_tenancy_fill_insert";
/// Fires on rows that move to another parent, or were there before.
const ON_UPDATE: &str = "zz_tenancy_fill_update";

/// Refuses what would carry a row to another tenant.
///
/// A row's tenant never changes: the wall says so to everyone whom policies bind. The trigger says it to the others as well
/// (a superuser, a role that bypasses policies), and costs nothing where no statement names the column. Column rights
/// would do neither, and would have to be granted again with each new column.
const STAYS: &str = "CREATE OR REPLACE FUNCTION tenancy.tenant_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  RAISE EXCEPTION 'a row of %.% stays with its tenant', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$body$";

pub(super) fn steps(draft: &mut Draft<'_>) {
    let facts = &draft.catalog.facts;
    let (base, stays) = (facts.base, facts.stays);
    let migrations =
        vec!["-- the migrations of tenancy_sql (`tenancy_sql::migrate`), by `tenancy rls apply`".to_owned()];
    draft.push(
        Phase::Prepare,
        "tenancy",
        "the schema that fences stand on",
        Lock::Nothing,
        migrations,
        base,
        How::Base,
    );
    let function = vec![
        STAYS.to_owned(),
        "REVOKE ALL ON FUNCTION tenancy.tenant_stays() FROM PUBLIC".to_owned(),
    ];
    draft.locked(
        Phase::Prepare,
        "tenancy.tenant_stays()",
        "what keeps a row with its tenant",
        (Lock::Nothing, vec![]),
        function,
        stays,
    );
    for place in draft.places.clone() {
        if let Some(table) = draft.catalog.table(place.oid) {
            column(draft, &place, table);
        }
    }
}

fn column(draft: &mut Draft<'_>, place: &Place, table: &Table) {
    let catalog = draft.catalog;
    let present = catalog.columns_of(table.oid).any(|it| it.raw == "tenant_id");
    let text = function_body(place);
    let filled = |name: &str| {
        let mut triggers = catalog.triggers.iter();
        triggers.any(|it| it.table == table.oid && it.raw == name && it.source.trim() == text)
    };
    // the default has taken the trigger's place
    let done = table.defaulted() || (present && filled(ON_INSERT) && filled(ON_UPDATE));
    let name = &table.name;
    let function = function_name(table);
    let mut statements = Vec::new();
    if !present {
        statements.push(format!("ALTER TABLE {name} ADD COLUMN tenant_id uuid"));
    }
    statements.extend([
        // as its owner: whoever writes a row need not be able to read its parent
        format!(
            "CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
             SET search_path = pg_catalog, pg_temp AS {}",
            body(&text)
        ),
        format!("REVOKE ALL ON FUNCTION {function} FROM PUBLIC"),
        format!("DROP TRIGGER IF EXISTS {ON_INSERT} ON {name}"),
        format!("DROP TRIGGER IF EXISTS {ON_UPDATE} ON {name}"),
        format!(
            "CREATE TRIGGER {ON_INSERT} BEFORE INSERT ON {name} FOR EACH ROW WHEN (NEW.tenant_id IS NULL) \
             EXECUTE FUNCTION {function}"
        ),
        format!(
            "CREATE TRIGGER {ON_UPDATE} BEFORE UPDATE ON {name} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION {function}",
            moved(place)
        ),
    ]);
    draft.locked(
        Phase::Prepare,
        name,
        "the tenant's column, filled for writers that know no tenants",
        (Lock::Everybody, vec![name.clone()]),
        statements,
        done,
    );
}

pub(super) fn function_name(table: &Table) -> String {
    format!("tenancy.fill_{}()", table.oid)
}

/// What leaves nothing of it but the default.
pub(super) fn undo(table: &Table) -> Vec<String> {
    vec![
        format!("DROP TRIGGER IF EXISTS {ON_INSERT} ON {}", table.name),
        format!("DROP TRIGGER IF EXISTS {ON_UPDATE} ON {}", table.name),
        format!("DROP FUNCTION IF EXISTS {}", function_name(table)),
    ]
}

fn function_body(place: &Place) -> String {
    let own = expression(&place.source, "NEW");
    format!(
        "BEGIN\n  NEW.tenant_id := COALESCE(NULLIF(current_setting('app.current_tenant', true), '')::uuid, {own}, NEW.tenant_id);\n  \
         RETURN NEW;\nEND"
    )
}

/// When a row may have come to another tenant.
fn moved(place: &Place) -> String {
    let columns: Vec<&String> = match &place.source {
        Source::Column(column) => vec![column],
        Source::Generated => vec![],
        Source::Parents(edges) => edges
            .iter()
            .flat_map(|edge| edge.pairs.iter().map(|pair| &pair.child))
            .collect(),
    };
    let mut tests = vec!["NEW.tenant_id IS NULL".to_owned()];
    tests.extend(
        columns
            .iter()
            .map(|column| format!("OLD.{column}::text IS DISTINCT FROM NEW.{column}::text")),
    );
    tests.join(" OR ")
}
