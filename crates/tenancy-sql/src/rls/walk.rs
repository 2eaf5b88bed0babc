//! Whose each table's rows are: from the roots along the foreign keys. Pure: the catalog in, a source for each table out.

use std::collections::{BTreeMap, HashMap, HashSet};

/// One table to be placed.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) oid: i64,
    pub(super) name: String,
}

/// A way from a table to one that knows more: a foreign key, or a declared path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) child: i64,
    pub(super) parent: i64,
    /// The parent's name, as in SQL.
    pub(super) target: String,
    /// The key's name, for messages and for a stable order.
    pub(super) name: String,
    /// The child's column, how it is compared, the parent's column.
    pub(super) pairs: Vec<Pair>,
    /// No row is without a parent.
    pub(super) required: bool,
    /// A foreign key checks it.
    pub(super) checked: bool,
    /// Declared, so that no other way counts.
    pub(super) declared: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) child: String,
    pub(super) operator: String,
    pub(super) parent: String,
}

/// Where a row's tenant comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The row is the tenant: this column.
    Column(String),
    /// The row is the tenant, and gets a new id.
    Generated,
    /// The row's parent; of several, the first that the row has.
    Parents(Vec<Edge>),
}

/// A table and where its tenant comes from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) oid: i64,
    pub(super) source: Source,
    /// The root that it leads to.
    root: i64,
}

/// Why the tables can't be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// No way leads from it to a root.
    Unreached { table: String },
    /// Ways lead to different roots.
    Ambiguous { table: String, ways: [String; 2] },
}

/// Places every node, parents before their children.
///
/// A key that each row must have goes before one that may be empty, the shorter way before the longer, then the name
/// decides. Ways to the same root need no choice: the references of all of them are checked within the tenant.
pub(super) fn walk(
    nodes: &[Node],
    edges: &[Edge],
    roots: &BTreeMap<i64, Source>,
) -> Result<Vec<Place>, Vec<Lost>> {
    let mut placed = Vec::new();
    for (&oid, source) in roots {
        let source = source.clone();
        placed.push(Place {
            oid,
            source,
            root: oid,
        });
    }
    let mut known: HashMap<i64, i64> = roots.keys().map(|&oid| (oid, oid)).collect();
    let declared: HashSet<i64> = edges.iter().filter(|e| e.declared).map(|e| e.child).collect();
    let counts = |edge: &&Edge| edge.declared || !declared.contains(&edge.child);
    let ways: Vec<&Edge> = edges.iter().filter(counts).collect();
    loop {
        let open: Vec<&Node> = nodes
            .iter()
            .filter(|node| !known.contains_key(&node.oid))
            .collect();
        let mut found = level(&open, &ways, &known, true);
        if found.is_empty() {
            found = level(&open, &ways, &known, false);
        }
        if found.is_empty() {
            break;
        }
        known.extend(found.iter().map(|place| (place.oid, place.root)));
        placed.extend(found);
    }
    let mut lost: Vec<Lost> = unreached(nodes, &known);
    lost.extend(ambiguous(nodes, &ways, &known, &placed));
    if lost.is_empty() { Ok(placed) } else { Err(lost) }
}

/// The tables that are one step away from those that are known.
fn level(open: &[&Node], ways: &[&Edge], known: &HashMap<i64, i64>, required: bool) -> Vec<Place> {
    let place = |node: &&Node| {
        let mut from: Vec<Edge> = ways
            .iter()
            .filter(|edge| edge.child == node.oid && known.contains_key(&edge.parent))
            .filter(|edge| edge.required || edge.declared || !required)
            .map(|edge| (*edge).clone())
            .collect();
        from.sort_by(|a, b| a.name.cmp(&b.name));
        if required {
            from.truncate(1);
        }
        let root = *known.get(&from.first()?.parent)?;
        let source = Source::Parents(from);
        Some(Place {
            oid: node.oid,
            source,
            root,
        })
    };
    open.iter().filter_map(place).collect()
}

fn unreached(nodes: &[Node], known: &HashMap<i64, i64>) -> Vec<Lost> {
    let open = nodes.iter().filter(|node| !known.contains_key(&node.oid));
    open.map(|node| Lost::Unreached {
        table: node.name.clone(),
    })
    .collect()
}

fn ambiguous(nodes: &[Node], ways: &[&Edge], known: &HashMap<i64, i64>, placed: &[Place]) -> Vec<Lost> {
    let name = |oid: i64| {
        nodes
            .iter()
            .find(|node| node.oid == oid)
            .map_or("?", |node| &node.name)
    };
    let way = |edge: &Edge| {
        let mut text = format!("{} -({})-> {}", name(edge.child), edge.name, name(edge.parent));
        let mut at = edge.parent;
        while let Some(Source::Parents(from)) = placed.iter().find(|place| place.oid == at).map(|p| &p.source)
        {
            let Some(next) = from.first() else { break };
            text += &format!(" -({})-> {}", next.name, name(next.parent));
            at = next.parent;
        }
        text
    };
    let root = |edge: &&&Edge| known.get(&edge.parent).copied();
    let mut lost = Vec::new();
    for node in nodes {
        let own: Vec<&&Edge> = ways.iter().filter(|edge| edge.child == node.oid).collect();
        let home = known.get(&node.oid).copied();
        let (same, other): (Vec<&&Edge>, Vec<&&Edge>) = own.into_iter().partition(|edge| root(edge) == home);
        let first = |edges: &[&&Edge]| edges.first().map(|edge| way(edge));
        if let Some(other) = first(&other) {
            let table = node.name.clone();
            let home = first(&same).unwrap_or_else(|| format!("{table} itself"));
            lost.push(Lost::Ambiguous {
                table,
                ways: [home, other],
            });
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `child>parent` is a key that each row has, `child?parent` one that may be empty, `child!parent` a declared one.
    fn check(tables: &[&str], ways: &str, roots: &[i64]) -> Result<Vec<String>, Vec<Lost>> {
        let oid = |name: &str| tables.iter().position(|table| *table == name).unwrap() as i64;
        let nodes: Vec<Node> = tables
            .iter()
            .map(|name| Node {
                oid: oid(name),
                name: (*name).to_owned(),
            })
            .collect();
        let edge = |text: &str| {
            let (child, parent) = text.split_once(['>', '?', '!']).unwrap();
            Edge {
                child: oid(child),
                parent: oid(parent),
                target: parent.to_owned(),
                name: text.to_owned(),
                pairs: vec![],
                required: text.contains('>'),
                checked: true,
                declared: text.contains('!'),
            }
        };
        let edges: Vec<Edge> = ways.split_whitespace().map(edge).collect();
        let roots = roots.iter().map(|&oid| (oid, Source::Generated)).collect();
        let show = |place: &Place| match &place.source {
            Source::Parents(from) => from
                .iter()
                .map(|edge| edge.name.clone())
                .collect::<Vec<_>>()
                .join(","),
            _ => format!("{place:?}", place = nodes[place.oid as usize].name),
        };
        walk(&nodes, &edges, &roots).map(|places| places.iter().map(show).collect())
    }

    #[test]
    fn each_table_finds_its_tenant() {
        let ok = |tables: &[&str], ways, expect: &[&str]| {
            assert_eq!(check(tables, ways, &[0]).unwrap(), expect, "{ways}");
        };
        ok(&["a", "b", "c"], "b>a c>b", &["\"a\"", "b>a", "c>b"]);
        // a diamond takes the shorter way, a self-reference is none
        ok(
            &["a", "b", "c", "d"],
            "b>a c>a d>b d>c d>d d>a",
            &["\"a\"", "b>a", "c>a", "d>a"],
        );
        // a cycle
        ok(&["a", "b", "c"], "b>a c>b b?c a?c", &["\"a\"", "b>a", "c>b"]);
        // required before optional; of several optional ones all
        ok(
            &["a", "b", "c", "d"],
            "b>a c?a c>b d?b d?c",
            &["\"a\"", "b>a", "c>b", "d?b,d?c"],
        );
        // a declared path is the only one
        ok(&["a", "b", "c"], "b>a c>a c!b", &["\"a\"", "b>a", "c!b"]);
    }

    #[test]
    fn a_table_that_is_not_reached_is_named() {
        let lost = check(&["a", "b", "c"], "b>a", &[0]).unwrap_err();
        assert_eq!(lost, [Lost::Unreached { table: "c".into() }]);
    }

    #[test]
    fn two_roots_need_a_choice() {
        let lost = check(&["a", "z", "b", "c"], "b>a c>b c?z", &[0, 1]).unwrap_err();
        let ways = ["c -(c>b)-> b -(b>a)-> a".into(), "c -(c?z)-> z".into()];
        assert_eq!(
            lost,
            [Lost::Ambiguous {
                table: "c".into(),
                ways
            }]
        );
        assert!(check(&["a", "z", "b", "c"], "b>a c!b c?z", &[0, 1]).is_ok());
    }
}
