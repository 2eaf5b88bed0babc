//! Why a query is not sent.

/// Why a query is not sent. It says what to do instead; the log keeps it, the client sees an internal error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CypherError {
    /// `\u` anywhere: the server reads it before it reads the text.
    #[error(
        "a query holds a `\\u` escape: pass the value as a parameter, or write the character itself in a string"
    )]
    Escape,
    /// What a reader can't see, or sees as something else.
    #[error(
        "a query holds `{0}` outside of a string: only ASCII is read as Cypher; pass values as parameters"
    )]
    Character(char),
    /// Something begins and does not end.
    #[error("a query holds {0} that does not end: correct its text")]
    Unfinished(&'static str),
    /// More than one statement.
    #[error("a query holds `;`: send one statement at a time, several within `begin`")]
    SecondStatement,
    /// The first word begins nothing that a service does.
    #[error(
        "a query begins with `{0}`: it may begin with MATCH, OPTIONAL, CREATE, MERGE, UNWIND, WITH, RETURN, CALL or \
         FOREACH; indexes and constraints are migrations, and administration is not a service's"
    )]
    Beginning(String),
    /// Reading files and other servers.
    #[error("a query holds LOAD CSV: read the data in the service, and pass it as a parameter of `bulk`")]
    LoadCsv,
    /// Another database.
    #[error(
        "a query holds USE: the tenant's placement says which database it is; quote a name of yours: `use`"
    )]
    Use,
    /// Transactions that the one around them can't take back.
    #[error("a query holds `{0} TRANSACTIONS`: use `bulk`; quote a name of yours: `transactions`")]
    Transactions(String),
    /// Schema and administration.
    #[error(
        "a query creates something else than nodes and relationships: indexes and constraints are migrations"
    )]
    Create,
    /// What is called is not among what may be.
    #[error(
        "a query calls `{0}`, which is not among the procedures and functions that may be called: those on full-text and \
         vector indexes, of labels, types and property keys, and Cypher's own functions"
    )]
    Call(String),
    /// A parameter is there twice, or has no value that the graph knows.
    #[error("the parameter `{0}` is set twice, or its value does not serialize: {1}")]
    Parameter(&'static str, String),
    /// A migration that is none.
    #[error(
        "a migration's statement is `CREATE … INDEX` or `CREATE CONSTRAINT` with IF NOT EXISTS, or `DROP INDEX` or `DROP \
         CONSTRAINT` with IF EXISTS"
    )]
    Schema,
}
