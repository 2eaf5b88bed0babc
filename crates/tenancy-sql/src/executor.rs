//! The scoped handles as executors: each statement is seen before it is sent.

use std::{io, time::Duration};

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    Describe, Either, Error, Execute, Executor, Postgres, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

use crate::{ReadConnection, Transaction, pool::Watch, statement};

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

    /// Where sessions are handed around the next one would not know a name.
    fn named(self, named: bool) -> Self {
        Self {
            persistent: self.persistent && named,
            ..self
        }
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

/// What a handle lends for one statement: its connection, and who follows the statement.
pub(crate) trait Lend: Send {
    fn lend(&mut self) -> Result<(&mut PgConnection, Watch<'_>), Error>;
}

/// Ends the wait for a server that fell silent.
pub(crate) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let answer = tokio::time::timeout(patience, work).await;
    answer.unwrap_or_else(|_| Err(Error::Io(io::ErrorKind::TimedOut.into())))
}

/// [`within`] its patience, followed to its end.
async fn followed<T>(mut watch: Watch<'_>, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answer = within(watch.patience(), work).await;
    watch.ended(answer.as_ref().err());
    answer
}

/// [`followed`], each item within the patience.
fn all_followed<'e, T: Send + 'e>(
    watch: Watch<'e>,
    items: BoxStream<'e, Result<T, Error>>,
) -> BoxStream<'e, Result<T, Error>> {
    let next = |(mut watch, mut items): (Watch<'e>, BoxStream<'e, Result<T, Error>>)| async move {
        let item = within(watch.patience(), items.try_next()).await;
        if !matches!(item, Ok(Some(_))) {
            watch.ended(item.as_ref().err());
        }
        Ok(item?.map(|item| (item, (watch, items))))
    };
    stream::try_unfold((watch, items), next).boxed()
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
                    let (connection, watch) = self.lend()?;
                    let query = query.named(watch.names_statements());
                    Ok(all_followed(watch, connection.fetch_many(query)))
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
                    let (connection, watch) = self.lend()?;
                    let query = query.named(watch.names_statements());
                    Ok(followed(watch, connection.fetch_optional(query)).boxed())
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
                    let (connection, watch) = self.lend()?;
                    if !watch.names_statements() {
                        return Err(refused(statement::Refusal::Prepared));
                    }
                    Ok(followed(watch, connection.prepare_with(text, parameters)).boxed())
                };
                run().unwrap_or_else(|error| async { Err(error) }.boxed())
            }

            fn describe<'e>(self, text: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
            where
                'c: 'e,
            {
                let run = || {
                    check(&text)?;
                    let (connection, watch) = self.lend()?;
                    if !watch.names_statements() {
                        return Err(refused(statement::Refusal::Prepared));
                    }
                    Ok(followed(watch, connection.describe(text)).boxed())
                };
                run().unwrap_or_else(|error| async { Err(error) }.boxed())
            }
        }
    };
}

executor!(ReadConnection);
executor!(Transaction);
