//! Who collects traces: an OTLP receiver on loopback.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, task::JoinHandle};

/// Keeps every batch that it is sent, until it is dropped.
pub(super) struct Receiver {
    url: String,
    batches: Arc<Mutex<Vec<Bytes>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let batches = Arc::<Mutex<Vec<Bytes>>>::default();
        let kept = Arc::clone(&batches);
        let keep = async move |batch: Bytes| kept.lock().unwrap().push(batch);
        let router = Router::new().route("/v1/traces", post(keep));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, batches, task }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What was sent, byte by byte.
    pub(super) fn text(&self) -> String {
        let batches = self.batches.lock().unwrap();
        batches
            .iter()
            .map(|batch| String::from_utf8_lossy(batch))
            .collect()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        let batches = self.batches.lock().unwrap();
        let decoded = batches
            .iter()
            .map(|batch| ExportTraceServiceRequest::decode(batch.clone()).unwrap());
        let resources = decoded.flat_map(|request| request.resource_spans);
        resources
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A span's attribute, as text.
pub(super) fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match &found.value {
        Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}
