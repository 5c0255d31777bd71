//! Exactly what handlers may see.

use std::sync::Arc;

use service::documents::Documents;
use tokio::sync::{Semaphore, watch};

use crate::accept_events::Intake;
use crate::access::{Access, Hosts};
use crate::banner_script::BannerScript;
use crate::error::ApiError;
use crate::event_queue::RedisQueue;
use crate::event_store::EventStore;
use crate::health::Board;
use crate::metrics::Metrics;
use crate::phase::{Phase, Phases};
use crate::transcripts::Transcripts;
use crate::watcher_client::WatcherClient;
use crate::workspace_folders::WorkspaceFolders;

/// What handlers may see.
pub struct AppState {
    /// Who may ask.
    pub access: Access,
    /// Under which names.
    pub hosts: Hosts,
    /// Where events go.
    pub intake: Intake,
    /// The queue, if there is one: for its dead letters.
    pub queue: Option<Arc<RedisQueue>>,
    /// Where events are read; through [`AppState::store`].
    pub database: Arc<dyn EventStore>,
    /// Transcripts.
    pub transcripts: Arc<Transcripts>,
    /// How far the database is.
    pub phases: Phases,
    /// Folders of people's work, if configured.
    pub folders: Option<Arc<WorkspaceFolders>>,
    /// The watcher.
    pub watcher: WatcherClient,
    /// The update banner's script.
    pub banner: BannerScript,
    /// The running version, where the build knows one.
    pub version: Option<&'static str>,
    /// Health, ready to send.
    pub health: Arc<Board>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The OpenAPI document.
    pub documents: Documents,
    /// Event streams that may be open at once.
    pub streams: Arc<Semaphore>,
    /// Becomes true when the server stops: event streams end then.
    pub stopping: watch::Receiver<bool>,
}

impl AppState {
    /// The database, once its schema was verified.
    ///
    /// # Errors
    /// 503 before that.
    pub fn store(&self) -> Result<&dyn EventStore, ApiError> {
        match self.phases.now() {
            Phase::Ready(_) => Ok(&*self.database),
            Phase::Waiting => {
                Err(ApiError::Unavailable("the database has not answered yet; try again".into(), 5))
            }
            Phase::Migrating { done, total } => Err(ApiError::Unavailable(
                format!("the database is being brought up to date ({done} of {total}); try again"),
                10,
            )),
        }
    }
}
