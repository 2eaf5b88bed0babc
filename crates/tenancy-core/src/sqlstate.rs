//! Database errors, classified by SQLSTATE (PostgreSQL manual, appendix A).

use sqlx::error::DatabaseError;

use crate::Error;

/// So that `?` works on the driver's errors in handlers. The client never sees the database's words, and the log gets
/// SQLSTATE and the names of objects, columns and types only: a message can hold a row's values.
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
            other => Self::internal(mistake(other)),
        };
        classified.with_source(error)
    }
}

/// What is wrong with the code, for who has to mend it. Not what a value looked like.
fn mistake(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::ColumnDecode { index, .. } => {
            format!("the column `{index}` does not decode into the type that the code asks for")
        }
        sqlx::Error::ColumnNotFound(name) => format!("the answer has no column `{name}`"),
        sqlx::Error::ColumnIndexOutOfBounds { index, len } => {
            format!("the answer has {len} columns and none with the index {index}")
        }
        sqlx::Error::TypeNotFound { type_name } => format!("the database has no type `{type_name}`"),
        sqlx::Error::Encode(_) => "an argument does not encode".to_owned(),
        _ => "the database driver refused".to_owned(),
    }
}

/// Writing in what only reads; missing rights, columns, functions, tables and schemas: the server's sentence names what the statement's text names.
const NAMES_ONLY: [&str; 6] = ["25006", "42501", "42703", "42883", "42P01", "3F000"];

fn classify(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default().into_owned();
    let class = code.get(..2).unwrap_or_default();
    let log = match (error.constraint(), error.table()) {
        (Some(constraint), _) => format!("SQLSTATE {code}, constraint `{constraint}`"),
        (None, Some(table)) => format!("SQLSTATE {code}, table `{table}`"),
        (None, None) if NAMES_ONLY.contains(&code.as_str()) => {
            format!("SQLSTATE {code}: {}", error.message())
        }
        (None, None) => format!("SQLSTATE {code}"),
    };
    match (class, code.as_str()) {
        (_, "23505" | "23P01") => Error::conflict("it exists already").with_log(log),
        (_, "23503") => {
            Error::conflict("it refers to something that does not exist, or is referred to").with_log(log)
        }
        ("22", _) | (_, "23514" | "23502") => Error::invalid(Vec::new()).with_log(log),
        // a transaction that sat idle for too long was ended by the server, and with it its connection
        ("08" | "40" | "53" | "57" | "58", _) | (_, "55P03" | "25P03") => Error::unavailable(log),
        _ => Error::internal(log),
    }
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error as StdError, fmt};

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    /// What a server says.
    #[derive(Debug)]
    struct Said(&'static str, &'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.1)
        }
    }

    impl StdError for Said {}

    impl DatabaseError for Said {
        fn message(&self) -> &str {
            self.1
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn check(error: sqlx::Error, status: u16, log: &str) {
        let error = Error::from(error);
        assert_eq!((error.problem().status(), error.log()), (status, Some(log)));
    }

    fn said(code: &'static str, message: &'static str, status: u16, log: &str) {
        check(sqlx::Error::Database(Box::new(Said(code, message))), status, log);
    }

    #[test]
    fn a_mistake_in_the_code_is_named_in_the_log() {
        let decode = sqlx::Error::ColumnDecode {
            index: "days".to_owned(),
            source: "invalid value: hunter2".into(),
        };
        check(
            decode,
            500,
            "the column `days` does not decode into the type that the code asks for",
        );
        check(
            sqlx::Error::ColumnNotFound("dais".to_owned()),
            500,
            "the answer has no column `dais`",
        );
        let text = "relation \"trips\" does not exist";
        said("42P01", text, 500, &format!("SQLSTATE 42P01: {text}"));
    }

    #[test]
    fn what_the_server_ended_may_be_tried_again() {
        for code in ["08006", "40001", "53300", "57014", "57P01", "55P03", "25P03"] {
            said(code, "hunter2", 503, &format!("SQLSTATE {code}"));
        }
        said("25P02", "hunter2", 500, "SQLSTATE 25P02");
    }

    #[test]
    fn a_rows_values_stay_out_of_the_log() {
        said(
            "22P02",
            "invalid input syntax for type integer: \"hunter2\"",
            422,
            "SQLSTATE 22P02",
        );
        said(
            "42601",
            "syntax error at or near \"hunter2\"",
            500,
            "SQLSTATE 42601",
        );
        said("P0001", "hunter2", 500, "SQLSTATE P0001");
    }
}
