//! A request, as data.

use reqwest::Method;
use tenancy_core::Role;

use crate::world::{Result, Service, Tenant, World};

/// A request to a service.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) method: Method,
    pub(super) host: String,
    pub(super) token: Option<String>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

/// A body.
#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    Json(serde_json::Value),
    Jpeg(&'static [u8]),
}

impl Call {
    /// A request to the deployment that serves `tenant`, at the tenant's host, without a token.
    pub(super) fn to(
        world: &World,
        tenant: &Tenant,
        service: Service,
        method: Method,
        path: &str,
    ) -> Result<Self> {
        Ok(Self {
            url: world.url(tenant, service)? + path,
            method,
            host: tenant.host(),
            token: None,
            headers: Vec::new(),
            body: Body::None,
        })
    }

    /// The tenant's own member asks.
    pub(super) fn by(self, world: &World, tenant: &Tenant, role: Role) -> Result<Self> {
        Ok(self.token(world.token(tenant, role)?))
    }

    pub(super) fn token(self, token: String) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    pub(super) fn host(self, host: String) -> Self {
        Self { host, ..self }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn json(self, body: serde_json::Value) -> Self {
        Self {
            body: Body::Json(body),
            ..self
        }
    }

    pub(super) fn jpeg(self, content: &'static [u8]) -> Self {
        Self {
            body: Body::Jpeg(content),
            ..self
        }
    }
}
