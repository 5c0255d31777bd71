//! Exactly what handlers may see.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use secrecy::SecretString;
use serde::Deserialize;
use service::documents::Documents;
use tokio::sync::{Semaphore, watch};

use super::entries::Entries;
use crate::checker::Checker;
use crate::error::ApiError;
use crate::metrics::Metrics;
use crate::state_store::StateStore;
use crate::watched::Watched;

/// Exactly what handlers may see.
pub struct AppState {
    /// Checks, and the targets.
    pub checker: Arc<Checker>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where decisions are kept.
    pub store: Arc<StateStore>,
    /// Guards decisions.
    pub api_token: Option<SecretString>,
    /// Places for event streams.
    pub streams: Arc<Semaphore>,
    /// Changelog entries, computed and kept.
    pub entries: Arc<Entries>,
    /// Turns true when the process shall stop.
    pub stopping: watch::Receiver<bool>,
    /// `/openapi.json` and `/docs`.
    pub documents: Documents,
}

/// What is said to a query with several targets.
pub(super) const ONE_TARGET: &str = "the query cannot be read; use ?target=NAME once";

/// `?target=NAME`.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TargetQuery {
    /// Name of the target; the first one if absent or empty.
    pub target: Option<String>,
}

/// The target that a request is about.
pub struct Selected {
    /// Its place in the configuration.
    pub index: usize,
    /// The target.
    pub watched: Arc<Watched>,
}

impl AppState {
    /// The target with this name; the first one for `None` and for no name at all.
    ///
    /// # Errors
    /// [`ApiError::NoTarget`].
    pub fn select(&self, name: Option<&str>) -> Result<Selected, ApiError> {
        let targets = self.checker.targets();
        let index = match name.filter(|name| !name.is_empty()) {
            None => 0,
            Some(name) => {
                targets.iter().position(|watched| watched.target.name == name).ok_or(ApiError::NoTarget)?
            }
        };
        let watched = targets.get(index).ok_or(ApiError::NoTarget)?;
        Ok(Selected { index, watched: Arc::clone(watched) })
    }

    /// The state of a request's app.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if the app was built without one.
    pub fn of(request: &HttpRequest) -> Result<&web::Data<Self>, ApiError> {
        request.app_data::<web::Data<Self>>().ok_or_else(|| anyhow::anyhow!("no application state").into())
    }
}

impl FromRequest for Selected {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let select = || {
            let query = web::Query::<TargetQuery>::from_query(request.query_string())
                .map_err(|_| ApiError::BadRequest(ONE_TARGET.into()))?;
            AppState::of(request)?.select(query.target.as_deref())
        };
        std::future::ready(select())
    }
}
