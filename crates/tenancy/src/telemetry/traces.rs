//! Traces, over OTLP.

use axum::http::HeaderMap;
use opentelemetry::{
    Context,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, registry::LookupSpan};

use super::{TelemetryError, TraceOptions, trace_context};

/// Sends spans in batches, from a thread of its own with a bounded queue: a receiver that is slow or gone costs spans, and no
/// request waits for it.
pub(super) fn provider(options: &TraceOptions) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(&options.endpoint)
        .with_timeout(options.timeout)
        .build()
        .map_err(|error| TelemetryError::Traces(error.to_string()))?;
    let resource = Resource::builder_empty()
        .with_service_name(options.service.clone())
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::TraceIdRatioBased(options.ratio.clamp(0.0, 1.0)))
        .with_resource(resource)
        .build())
}

/// Spans and their events from `info` on, whatever is logged: what a driver says of its own at `trace` is no part of a trace.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_opentelemetry::OpenTelemetryLayer::<S, SdkTracer>::new(provider.tracer("tenancy"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(LevelFilter::INFO)
}

/// Makes the span that the request's `traceparent` names the parent of the request's own: the hook of
/// [`TenantLayer::with_on_span`](tenancy_core::http::TenantLayer::with_on_span). A header that is malformed, or there more than
/// once, is ignored; the request's id is another matter and stays what it is.
pub fn with_parent(span: &Span, headers: &HeaderMap) {
    if let Some(parent) = trace_context::parent(headers) {
        // without traces there is no parent to set
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// The `traceparent` of the span that this code runs in, for a call to another service; `None` without traces.
#[must_use]
pub fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let context = span.span_context();
    context.is_valid().then(|| trace_context::format(context))
}
