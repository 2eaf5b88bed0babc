//! The scoped handles as executors: each statement is seen before it is sent.

use futures::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream,
};
use sqlx::{
    Describe, Either, Error, Execute, Executor, Postgres, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

use crate::{ReadConnection, Transaction, statement};

/// A query that was looked at and may be sent.
struct Inspected {
    text: SqlStr,
    arguments: Option<PgArguments>,
    persistent: bool,
    statement: Option<PgStatement>,
}

impl Inspected {
    fn new<'q, E: Execute<'q, Postgres>>(mut query: E) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?;
        if arguments.is_none() {
            return Err(refused(statement::Refusal::SimpleProtocol));
        }
        let (statement, persistent) = (query.statement().cloned(), query.persistent());
        let text = query.sql();
        check(&text)?;
        Ok(Self {
            text,
            arguments,
            persistent,
            statement,
        })
    }
}

fn check(text: &SqlStr) -> Result<(), Error> {
    statement::check(text.as_str()).map_err(refused)
}

/// The log says why: the client sees an internal error, and a driver's error is not written to logs.
fn refused(refusal: statement::Refusal) -> Error {
    tracing::error!(%refusal, "a statement was refused before it was sent");
    Error::Configuration(Box::new(refusal))
}

impl<'q> Execute<'q, Postgres> for Inspected {
    fn sql(self) -> SqlStr {
        self.text
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        Ok(self.arguments.take())
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

/// What a handle lends for one statement: its connection, and who hears of an error.
pub(crate) trait Lend: Send {
    fn lend(&mut self) -> Result<(&mut PgConnection, impl FnMut(&Error) + Send), Error>;
}

macro_rules! executor {
    ($handle:ty) => {
        impl<'c> Executor<'c> for &'c mut $handle {
            type Database = Postgres;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
            where
                'c: 'e,
                E: Execute<'q, Postgres> + 'q,
            {
                let run = || {
                    let query = Inspected::new(query)?;
                    let (connection, heard) = self.lend()?;
                    Ok(connection.fetch_many(query).inspect_err(heard).boxed())
                };
                run().unwrap_or_else(|error| stream::once(async { Err(error) }).boxed())
            }

            fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
            where
                'c: 'e,
                E: Execute<'q, Postgres> + 'q,
            {
                let run = || {
                    let query = Inspected::new(query)?;
                    let (connection, heard) = self.lend()?;
                    Ok(connection.fetch_optional(query).inspect_err(heard).boxed())
                };
                run().unwrap_or_else(|error| async { Err(error) }.boxed())
            }

            fn prepare_with<'e>(
                self,
                text: SqlStr,
                parameters: &'e [PgTypeInfo],
            ) -> BoxFuture<'e, Result<PgStatement, Error>>
            where
                'c: 'e,
            {
                let run = || {
                    check(&text)?;
                    let (connection, heard) = self.lend()?;
                    Ok(connection
                        .prepare_with(text, parameters)
                        .inspect_err(heard)
                        .boxed())
                };
                run().unwrap_or_else(|error| async { Err(error) }.boxed())
            }

            fn describe<'e>(self, text: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
            where
                'c: 'e,
            {
                let run = || {
                    check(&text)?;
                    let (connection, heard) = self.lend()?;
                    Ok(connection.describe(text).inspect_err(heard).boxed())
                };
                run().unwrap_or_else(|error| async { Err(error) }.boxed())
            }
        }
    };
}

executor!(ReadConnection);
executor!(Transaction);
