//! Each rule, tripped by each of its faults, and mended by what it says.

use sqlx::{AssertSqlSafe, Connection, Executor};
use tenancy_sql::{
    PoolOptions,
    audit::{Auditor, Convention, Fault, Probe, Report, Rule, rules},
};

use crate::support::{Cell, as_superuser, connect, options};

/// Rules whose faults are no statements, or need another convention than the SDK's, and the tests that hold them.
const HELD_ELSEWHERE: [&str; 10] = [
    "activity_visible", // conventions
    "policy_strict",    // conventions
    "server_version",   // unit
    "pooler_mode",      // unit
    "pooler_present",   // boot
    "nothing_fenced",   // conventions
    "probe_no_tenant",  // probe
    "probe_stranger",   // probe
    "probe_foreign",    // probe
    "probe_forged",     // probe
];

const FENCE: &str = "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; \
    CREATE POLICY tenant_rows ON {t} USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant())); \
    CREATE POLICY tenant_wall ON {t} AS RESTRICTIVE USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant())); \
    GRANT SELECT, INSERT, UPDATE, DELETE ON {t} TO {role}";

#[test]
fn each_rule_has_a_fault_that_trips_it() {
    for rule in rules() {
        let elsewhere = HELD_ELSEWHERE.contains(&rule.id());
        assert_eq!(rule.faults().is_empty(), elsewhere, "{}", rule.id());
        let page = include_str!("../../../docs/auditor.md");
        assert!(
            page.contains(&format!("| `{}` |", rule.id())),
            "{} is not in docs/auditor.md",
            rule.id()
        );
        assert!(!rule.why().is_empty() && !rule.title().is_empty() && !rule.reference().is_empty());
    }
}

/// Rules whose faults can't but trip another one, too: it says what is wrong as well, and not why. May only shrink.
const TOLD_BY_ANOTHER_TOO: [&str; 5] = [
    "policy_widens",    // a wall that is none
    "table_references", // there is a key without the tenant to refer to
    "tenant_movable",   // a policy that checks nothing
    "tenant_nullable",  // no primary key
    "tenant_type",      // no policy compares it
];

/// Without a rule its fault is found by none: what a fault trips is known to be its rule and those beside it, as
/// `each_fault_is_found_and_its_remedy_mends_it` shows.
#[test]
fn each_rule_is_needed() {
    for rule in rules().filter(|rule| !rule.faults().is_empty()) {
        let alone = rule.faults().iter().any(|fault| fault.also.is_empty());
        assert_ne!(alone, TOLD_BY_ANOTHER_TOO.contains(&rule.id()), "{}", rule.id());
    }
}

/// A rule that is taken out of the list takes its faults with it: the page is the list's other half.
#[test]
fn no_rule_of_the_page_is_gone() {
    let page = include_str!("../../../docs/auditor.md").lines();
    let rows = page.filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: Vec<_> = rows
        .map(|(id, _)| id)
        .filter(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        .collect();
    let rules: Vec<_> = rules().map(Rule::id).collect();
    let gone: Vec<_> = told.iter().filter(|id| !rules.contains(id)).collect();
    assert!(gone.is_empty(), "{gone:?}");
    assert!(told.len() >= rules.len());
}

#[tokio::test]
async fn each_fault_is_found_and_its_remedy_mends_it() {
    let faults: Vec<_> = rules()
        .flat_map(|rule| rule.faults().iter().map(move |fault| (rule, fault)))
        .collect();
    let (one, other) = faults.split_at(faults.len() / 2);
    let (mut wrong, more) = futures::join!(all("faults", one), all("more_faults", other));
    wrong.extend(more);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One after the other: a fault of the role is every database's of the template.
async fn all(template: &'static str, faults: &[(&Rule, &Fault)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (rule, fault) in faults {
        if let Err(why) = check(template, rule, fault).await {
            wrong.push(format!("{}: {}: {why}", rule.id(), fault.sql));
        }
    }
    wrong
}

async fn check(template: &'static str, rule: &Rule, fault: &Fault) -> Result<(), String> {
    let cell = Cell::of(template, PoolOptions::default()).await;
    as_superuser(&cell.database, &text(&cell, fault.sql)).await;
    let report = audit(&cell).await;
    let left = mend(&cell, &report).await;
    undo(&cell).await;
    let found = report
        .findings
        .iter()
        .any(|f| f.rule == rule.id() && f.to_string().contains(fault.says));
    let strange: Vec<_> = report
        .findings
        .iter()
        .filter(|f| f.rule != rule.id() && !fault.also.contains(&f.rule))
        .collect();
    if !found || !strange.is_empty() {
        return Err(format!(
            "found {found}, beside it {strange:#?}, all {:#?}",
            report.findings
        ));
    }
    left.map_or(Ok(()), Err)
}

async fn audit(cell: &Cell) -> Report {
    let auditor = Auditor::new().convention(Convention::ours()).probe(Probe::Off);
    auditor.run(&options(&cell.database.runtime_url)).await.unwrap()
}

fn text(cell: &Cell, sql: &str) -> String {
    let mut text = sql.to_owned();
    while let Some((before, rest)) = text.clone().split_once("{fence:") {
        let (table, after) = rest.split_once('}').unwrap();
        text = format!("{before}{}{after}", FENCE.replace("{t}", table));
    }
    text.replace("{role}", &cell.database.runtime_role)
        .replace("{owner}", &cell.database.owner_role)
        .replace("{database}", &cell.database.name)
}

/// Runs what the findings say mends them, until there are none: one can be in the way of another.
async fn mend(cell: &Cell, first: &Report) -> Option<String> {
    let (mut report, mut said) = (first.clone(), Vec::new());
    for _ in 0..3 {
        for finding in &report.findings {
            let mut superuser = connect(&cell.database.superuser_url).await;
            let done = superuser.execute(AssertSqlSafe(finding.remedy.clone())).await;
            said.push(format!("{}: {:?}", finding.remedy, done.err()));
            superuser.close().await.unwrap();
        }
        report = audit(cell).await;
        if report.findings.is_empty() {
            return None;
        }
    }
    Some(format!(
        "it is not mended: {:#?} after {said:#?}",
        report.findings
    ))
}

/// Roles are the server's, not the database's: the next fault must not meet this one's.
async fn undo(cell: &Cell) {
    let (role, owner) = (&cell.database.runtime_role, &cell.database.owner_role);
    let text = format!(
        "ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION INHERIT; REVOKE {owner} FROM {role}; \
         REVOKE pg_read_all_data, pg_signal_backend FROM {role}"
    );
    as_superuser(&cell.database, &text).await;
}
