//! Who collects traces: an OTLP receiver on loopback.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, body::Bytes, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::world::{Result, failure::While};

/// Keeps every batch of spans that it is sent, until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    url: String,
    batches: Arc<Mutex<Vec<Bytes>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        let what = || "receive traces".to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.during(what)?;
        let url = format!("http://{}/v1/traces", listener.local_addr().during(what)?);
        let batches = Arc::<Mutex<Vec<Bytes>>>::default();
        let kept = Arc::clone(&batches);
        let keep = async move |batch: Bytes| locked(&kept).push(batch);
        let router = Router::new().route("/v1/traces", post(keep));
        let task = tokio::spawn(async move {
            // a listener on loopback has no error that ends it
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, batches, task })
    }

    /// Where to send to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was sent, byte by byte.
    #[must_use]
    pub fn text(&self) -> String {
        let batches = locked(&self.batches);
        batches
            .iter()
            .map(|batch| String::from_utf8_lossy(batch))
            .collect()
    }

    /// The spans that were sent. What is no batch of spans is none.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let batches = locked(&self.batches);
        let decoded = batches
            .iter()
            .filter_map(|batch| ExportTraceServiceRequest::decode(batch.clone()).ok());
        let resources = decoded.flat_map(|request| request.resource_spans);
        resources
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }
}

/// Whoever panicked had pushed or not.
fn locked(batches: &Mutex<Vec<Bytes>>) -> MutexGuard<'_, Vec<Bytes>> {
    batches.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A span's attribute, as text.
#[must_use]
pub fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}
