//! Itineraries: another service's. This one knows their ids, and asks who sees them.

use std::{fmt, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{Method, Request, StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize};
use tenancy::{Error, OutgoingError, Path, Result, Tenancy, TenantContext};
use tower::{BoxError, Layer, ServiceExt, service_fn, util::BoxCloneSyncService};
use uuid::Uuid;

use crate::service::App;

/// How long the other service may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
const SERVICE: &str = "itineraries";

/// The id of an itinerary, as the service `itineraries` gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub(crate) struct ItineraryId(Uuid);

impl fmt::Display for ItineraryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What sends a request to the service and gives the status of its answer.
pub type Client = BoxCloneSyncService<Request<()>, StatusCode, OutgoingError<BoxError>>;

/// The service `itineraries`, as this one asks it.
#[derive(Clone)]
pub struct Itineraries {
    url: String,
    client: Client,
}

impl Itineraries {
    /// The service at `service.peers.itineraries`, asked in the name of who asks here.
    ///
    /// # Errors
    ///
    /// When the configuration does not say where it is, has no `service.keys`, or no client can be made.
    pub fn new(tenancy: &Tenancy) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let client = client
            .build()
            .map_err(|e| Error::internal("no HTTP client can be made").with_source(e))?;
        let send = service_fn(move |request: Request<()>| send(client.clone(), request));
        let client = tenancy.outgoing(SERVICE)?.layer(send);
        Ok(Self::at(tenancy.peer(SERVICE)?, BoxCloneSyncService::new(client)))
    }

    /// The service at an address, asked by `client`. For tests of the service's own.
    #[must_use]
    pub fn at(url: &str, client: Client) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            client,
        }
    }

    /// Refuses who does not see an itinerary. Asked anew each time: one that is private since yesterday is private.
    ///
    /// # Errors
    ///
    /// 404 when the caller does not see it, 503 when that can't be known.
    pub(crate) async fn seen_by(&self, ctx: &TenantContext, id: ItineraryId) -> Result<()> {
        let mut request = Request::builder()
            .method(Method::HEAD)
            .uri(format!("{}/itineraries/{id}", self.url))
            .body(())
            .map_err(|e| Error::internal("`service.peers.itineraries` is no address").with_source(e))?;
        request.extensions_mut().insert(ctx.clone());
        match self.client.clone().oneshot(request).await.map_err(unanswered)? {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(Error::not_found("no itinerary that the caller sees")),
            other => Err(Error::unavailable(format!("`{SERVICE}` answered {other}"))),
        }
    }
}

async fn send(client: reqwest::Client, request: Request<()>) -> Result<StatusCode, BoxError> {
    let request = reqwest::Request::try_from(request.map(|()| reqwest::Body::default()))?;
    Ok(client.execute(request).await?.status())
}

fn unanswered(error: OutgoingError<BoxError>) -> Error {
    match error {
        OutgoingError::Client(error) => {
            Error::unavailable(format!("`{SERVICE}` can't be asked")).with_source(error)
        }
        OutgoingError::Refused(error) => error,
        other => Error::internal(format!("a call was not sent: {other}")),
    }
}

/// The itinerary of the route, which the caller sees: a handler that takes it can't forget to ask.
pub(crate) struct Seen(pub(crate) ItineraryId);

impl FromRequestParts<App> for Seen {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let ctx = TenantContext::from_request_parts(parts, app).await?;
        let Path(id) = Path::<ItineraryId>::from_request_parts(parts, app).await?;
        app.itineraries.seen_by(&ctx, id).await?;
        Ok(Self(id))
    }
}
