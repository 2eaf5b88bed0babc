//! Database errors, classified by SQLSTATE (PostgreSQL manual, appendix A).

use sqlx::error::DatabaseError;

use crate::Error;

/// So that `?` works on the driver's errors in handlers. The client never sees the database's words, and the log gets
/// SQLSTATE and object names only: a message can hold a row's values.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let classified = match &error {
            sqlx::Error::RowNotFound => Self::not_found("no row"),
            sqlx::Error::Database(database) => classify(database.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => Self::unavailable("the database can't be reached"),
            sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                Self::unavailable("the connection to the database broke")
            }
            _ => Self::internal("the database driver refused"),
        };
        classified.with_source(error)
    }
}

fn classify(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default().into_owned();
    let class = code.get(..2).unwrap_or_default();
    let log = match (error.constraint(), error.table()) {
        (Some(constraint), _) => format!("SQLSTATE {code}, constraint `{constraint}`"),
        (None, Some(table)) => format!("SQLSTATE {code}, table `{table}`"),
        (None, None) => format!("SQLSTATE {code}"),
    };
    match (class, code.as_str()) {
        (_, "23505" | "23P01") => Error::conflict("it exists already").with_log(log),
        (_, "23503") => {
            Error::conflict("it refers to something that does not exist, or is referred to").with_log(log)
        }
        ("22", _) | (_, "23514" | "23502") => Error::invalid(Vec::new()).with_log(log),
        ("08" | "40" | "53" | "57" | "58", _) | (_, "55P03") => Error::unavailable(log),
        _ => Error::internal(log),
    }
}
