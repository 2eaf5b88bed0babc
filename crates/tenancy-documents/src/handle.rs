//! A logical document store, reached through a tenant.

use std::{collections::HashMap, fmt};

use serde::{Serialize, de::DeserializeOwned};
use tenancy_core::{Error, Permit, Result, StoreName, TenantContext, WritePermission};

use crate::{
    BulkReport, Document, DocumentPath, DocumentStores, DocumentTransaction, FieldPath, Listener, Number,
    Query, Version, Write, bulk,
    deadline::Deadline,
    place::Place,
    query::ALIAS,
    transaction::{self, MAX_WRITES, commit_of, writing_of},
    wire::{
        Failure, Wire, decode,
        proto::{
            BatchGetDocumentsRequest, DocumentMask, Value, batch_get_documents_request,
            batch_get_documents_response::Result::{Found, Missing},
            run_query_request,
            structured_aggregation_query::aggregation::{Count, Operator, Sum},
            value::ValueType,
        },
        time,
    },
};

/// What is answered is held in memory.
const MAX_GET: usize = 500;

/// A logical document store. The context, or the permit's, says whose part of which database is meant.
///
/// Cheap to clone. Every call ends by the context's deadline, and within [`call_timeout`](crate::DocumentOptions::call_timeout)
/// in any case. Reads are tried again when the database is away; a write that is not a transaction's is sent once.
///
/// # Errors
///
/// Of every call, beside its own: `NotEntitled` when the tenant's placement lacks the store; `NotFound` when this deployment has
/// no access to the placement's project; `Unavailable` when the database is away, busy or late; `Internal` when the placement
/// or the database is not as it should be, and the log says how. Errors hold neither paths nor values.
#[derive(Clone)]
pub struct DocumentHandle {
    stores: DocumentStores,
    name: StoreName,
}

impl DocumentHandle {
    pub(crate) fn new(stores: DocumentStores, name: StoreName) -> Self {
        Self { stores, name }
    }

    /// A document. One round trip.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none.
    pub async fn get<T: DeserializeOwned>(
        &self,
        ctx: &TenantContext,
        path: &DocumentPath,
    ) -> Result<Document<T>> {
        let all = self.get_all(ctx, std::slice::from_ref(path), None).await?;
        let found = all.into_iter().next().flatten();
        found.ok_or_else(|| Error::not_found("no such document"))
    }

    /// Documents as of one moment, 500 at most, in the order of `paths`; `None` where there is none. Only `fields` of each, when
    /// that is given. One round trip.
    ///
    /// # Errors
    ///
    /// `Invalid` (413) for more than 500.
    pub async fn get_all<T: DeserializeOwned>(
        &self,
        ctx: &TenantContext,
        paths: &[DocumentPath],
        fields: Option<&[FieldPath]>,
    ) -> Result<Vec<Option<Document<T>>>> {
        if paths.len() > MAX_GET {
            return Err(Error::too_large(None).with_log("a read of documents has 500 paths at most"));
        }
        let (wire, deadline) = self.wire(ctx).await?;
        let reading = Reading {
            fields,
            transaction: None,
        };
        Ok(read_documents(&wire, paths, reading, deadline).await?)
    }

    /// What fits a query, in its order. One round trip.
    ///
    /// # Errors
    ///
    /// `Internal` when the query needs an index that nobody made; the emulator needs none.
    pub async fn query<T: DeserializeOwned>(
        &self,
        ctx: &TenantContext,
        query: &Query,
    ) -> Result<Vec<Document<T>>> {
        let (wire, deadline) = self.wire(ctx).await?;
        Ok(read_query(&wire, query, None, deadline).await?)
    }

    /// How many documents fit a query, whatever its limit. One round trip; no document is sent.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn count(&self, ctx: &TenantContext, query: &Query) -> Result<u64> {
        let value = self
            .aggregate(ctx, query, Operator::Count(Count { up_to: None }))
            .await?;
        match value.and_then(|value| value.value_type) {
            Some(ValueType::IntegerValue(count)) => Ok(u64::try_from(count).unwrap_or_default()),
            _ => Err(Error::internal(
                "the document database answered a count with no number",
            )),
        }
    }

    /// The sum of a field over what fits a query, whatever its limit. What is no number counts nothing. One round trip.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn sum(&self, ctx: &TenantContext, query: &Query, field: &FieldPath) -> Result<Number> {
        let operator = Operator::Sum(Sum {
            field: Some(crate::query::reference(field)),
        });
        Number::of(self.aggregate(ctx, query, operator).await?.as_ref())
    }

    /// The state of what fits a query, now and after each change: see [`Listener`]. Opens nothing until it is asked.
    ///
    /// # Errors
    ///
    /// Those of every call that need no round trip. `Unavailable` when the tenant, or all tenants of the database, have as many
    /// listeners in this process as [`DocumentOptions`](crate::DocumentOptions) allow.
    pub fn listen<T: DeserializeOwned>(&self, ctx: &TenantContext, query: &Query) -> Result<Listener<T>> {
        let place = self.place(ctx)?;
        self.stores.reaches(&place)?;
        Listener::new(self.stores.clone(), ctx.clone(), place, query)
    }

    /// Makes a document. One round trip.
    ///
    /// A read-only member has no permit, and a context does not do:
    ///
    /// ```compile_fail,E0308
    /// # async fn f(store: tenancy_documents::DocumentHandle, ctx: tenancy_core::TenantContext, at: tenancy_documents::DocumentPath) {
    /// let _ = store.create::<tenancy_core::DataWrite>(&ctx, &at, &()).await;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Conflict` when there is one; `Invalid` (413) for more than 1 MiB. After `Unavailable`, and when the future is dropped,
    /// the write may still happen.
    pub async fn create<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        path: &DocumentPath,
        data: &impl Serialize,
    ) -> Result<Version> {
        self.write(permit, Write::create(path, data)?).await
    }

    /// Does one write. One round trip.
    ///
    /// # Errors
    ///
    /// `Conflict` and `NotFound` by the write's condition; else as [`create`](Self::create).
    pub async fn write<P: WritePermission>(&self, permit: &Permit<P>, write: Write) -> Result<Version> {
        let versions = self.batch(permit, vec![write]).await?;
        let version = versions.into_iter().next();
        version.ok_or_else(|| Error::internal("the document database did not answer a write"))
    }

    /// Does all of the writes, 500 at most, or none. One round trip.
    ///
    /// # Errors
    ///
    /// Of the first that can't be done, as [`write`](Self::write); `Invalid` (413) for more than 500.
    pub async fn batch<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        writes: Vec<Write>,
    ) -> Result<Vec<Version>> {
        if writes.len() > MAX_WRITES {
            return Err(Error::too_large(None).with_log("a batch has 500 writes at most"));
        }
        let (wire, deadline) = self.wire(permit.context()).await?;
        let writing = writing_of(&writes);
        let answer = wire.commit(commit_of(&wire, writes)?, writing, deadline).await?;
        let committed = answer.commit_time;
        let versions = answer.write_results.into_iter().map(|result| {
            // a write that changes nothing has no time of its own
            time(result.update_time.or(committed)).map(Version)
        });
        versions.collect()
    }

    /// Does each write for itself, as fast as the database takes them: hundreds in a request, what it did not take tried again.
    /// Writes of one document keep their order. Not at once: what was done stays when another is refused.
    ///
    /// # Errors
    ///
    /// When a request as a whole fails: what came before it is done.
    pub async fn bulk<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        writes: Vec<Write>,
    ) -> Result<BulkReport> {
        let (wire, deadline) = self.wire(permit.context()).await?;
        bulk::write(&wire, writes, deadline).await
    }

    /// Runs `work` in a transaction, and commits when it ends well. When others were there first it runs again, five times at
    /// most ([`transaction_attempts`](crate::DocumentOptions::transaction_attempts)), so it changes nothing but through the
    /// transaction.
    ///
    /// ```
    /// # use tenancy_core::{DataWrite, Permit, Result};
    /// # use tenancy_documents::{DocumentHandle, DocumentPath, DocumentTransaction, Write};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Trip { days: u32 }
    /// async fn longer(store: &DocumentHandle, permit: &Permit<DataWrite>, at: &DocumentPath) -> Result<u32> {
    ///     let longer = |transaction: DocumentTransaction| async move {
    ///         let mut trip = transaction.get::<Trip>(at).await?.data;
    ///         trip.days += 1;
    ///         transaction.write(Write::set(at, &trip)?)?;
    ///         Ok(trip.days)
    ///     };
    ///     store.transaction(permit, longer).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `work`; of the writes, as [`batch`](Self::batch); `Unavailable` when others were there first too often. When the
    /// connection breaks while it commits, the writes may still happen: it does not run again then.
    pub async fn transaction<P: WritePermission, T, F: Future<Output = Result<T>>>(
        &self,
        permit: &Permit<P>,
        work: impl FnMut(DocumentTransaction) -> F,
    ) -> Result<T> {
        let on = self.wire(permit.context()).await?;
        transaction::run((&self.stores, permit), on, work).await
    }

    /// Whether the context's tenant has this store, and this deployment reaches it. No I/O.
    ///
    /// # Errors
    ///
    /// Those of every call that need no round trip.
    pub fn resolve(&self, ctx: &TenantContext) -> Result<()> {
        self.stores.reaches(&self.place(ctx)?)
    }

    async fn aggregate(
        &self,
        ctx: &TenantContext,
        query: &Query,
        operator: Operator,
    ) -> Result<Option<Value>> {
        let (wire, deadline) = self.wire(ctx).await?;
        let request = query.aggregation(&wire.place, operator)?;
        let answers = wire.run_aggregation_query(request, deadline).await?;
        let mut results = answers.into_iter().filter_map(|answer| answer.result);
        Ok(results.find_map(|mut result| result.aggregate_fields.remove(ALIAS)))
    }

    fn place(&self, ctx: &TenantContext) -> Result<Place> {
        ctx.still_stands()?;
        Place::of(ctx, &self.name)
    }

    async fn wire(&self, ctx: &TenantContext) -> Result<(Wire, Deadline)> {
        let (place, deadline) = (self.place(ctx)?, self.stores.deadline(ctx));
        Ok((self.stores.wire(place, deadline).await?, deadline))
    }
}

/// How documents are read.
pub(crate) struct Reading<'f> {
    pub(crate) fields: Option<&'f [FieldPath]>,
    pub(crate) transaction: Option<Vec<u8>>,
}

/// Documents by their paths, in that order.
pub(crate) async fn read_documents<T: DeserializeOwned>(
    wire: &Wire,
    paths: &[DocumentPath],
    reading: Reading<'_>,
    deadline: Deadline,
) -> Result<Vec<Option<Document<T>>>, Failure> {
    let names: Vec<String> = paths
        .iter()
        .map(|path| wire.place.name(path))
        .collect::<Result<_>>()?;
    let request = BatchGetDocumentsRequest {
        database: wire.place.database(),
        documents: names.clone(),
        mask: reading.fields.map(|fields| DocumentMask {
            field_paths: fields.iter().map(FieldPath::to_string).collect(),
        }),
        consistency_selector: reading
            .transaction
            .map(batch_get_documents_request::ConsistencySelector::Transaction),
        ..BatchGetDocumentsRequest::default()
    };
    // answers come in any order, and one for each name
    let mut found = HashMap::new();
    for answer in wire.batch_get_documents(request, deadline).await? {
        match answer.result {
            Some(Found(document)) => found.insert(document.name.clone(), Some(document)),
            Some(Missing(name)) => found.insert(name, None),
            None => continue,
        };
    }
    let ordered = names.iter().map(|name| match found.get(name) {
        Some(document) => document
            .clone()
            .map(|document| decode(&wire.place, document))
            .transpose(),
        None => Err(Error::unavailable(
            "the document database left out the answer for a document",
        )),
    });
    Ok(ordered.collect::<Result<_>>()?)
}

/// What fits a query.
pub(crate) async fn read_query<T: DeserializeOwned>(
    wire: &Wire,
    query: &Query,
    transaction: Option<Vec<u8>>,
    deadline: Deadline,
) -> Result<Vec<Document<T>>, Failure> {
    let mut request = query.request(&wire.place)?;
    request.consistency_selector = transaction.map(run_query_request::ConsistencySelector::Transaction);
    let answers = wire.run_query(request, deadline).await?;
    let documents = answers.into_iter().filter_map(|answer| answer.document);
    let documents = documents.map(|document| decode(&wire.place, document));
    Ok(documents.collect::<Result<_>>()?)
}

impl fmt::Debug for DocumentHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
