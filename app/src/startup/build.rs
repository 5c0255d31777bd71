//! Makes the parts and puts them together.

use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server as Running;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use contract::BuildStamp;
use service::documents::Documents;
use tokio::sync::{Semaphore, watch};

use super::GRACE_SECONDS;
use crate::accept_events::Intake;
use crate::access::Access;
use crate::banner_script::BannerScript;
use crate::config::Config;
use crate::event_queue::{Limits as QueueLimits, PREFIX, RedisQueue};
use crate::event_store::EventStore;
use crate::event_store::postgres::{PostgresOptions, PostgresStore};
use crate::event_store::sqlite::{SqliteOptions, SqliteStore};
use crate::guard::guard;
use crate::health::Board;
use crate::metrics::Metrics;
use crate::phase::{Phase, Phases};
use crate::routes;
use crate::state::AppState;
use crate::transcript_blobs::{Patience, S3Settings, TranscriptBlobs};
use crate::transcript_spool::Spool;
use crate::transcripts::{Limits, Transcripts};
use crate::watcher_client::WatcherClient;
use crate::workspace_folders::WorkspaceFolders;
use crate::{config, migrate, openapi};

/// A request's head must be there by then.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// An idle connection is closed after this.
const IDLE: Duration = Duration::from_secs(30);
/// Open connections per worker.
const CONNECTIONS: usize = 4096;
/// Event streams open at once.
const STREAMS: usize = 64;
/// Transcripts that are uploaded at once.
const UPLOADS: u32 = 8;

/// Everything that runs or is asked.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) queue: Option<Arc<RedisQueue>>,
    pub(crate) transcripts: Arc<Transcripts>,
    pub(crate) board: Arc<Board>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) phases: Phases,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) database: migrate::Database,
    pub(crate) migrate_on_start: bool,
    /// Names this server among the queue's consumers.
    pub(crate) name: String,
    state: web::Data<AppState>,
}

impl Parts {
    pub(super) fn build(
        config: &Config,
        stamp: BuildStamp,
        stopping: watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        // A second call in one process changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&config.data_dir)
            .with_context(|| format!("make the folder {} (DATA_DIR)", config.data_dir.display()))?;
        warn_of_open_keys(config);
        let metrics = Arc::new(Metrics::new(stamp).context("register the metrics")?);
        let (store, database) = open_store(config)?;
        let queue = config.redis_url.as_ref().map(|url| RedisQueue::new(url, PREFIX, QueueLimits::default()));
        let queue = queue.transpose().context("read REDIS_URL")?.map(Arc::new);
        let transcripts = Arc::new(open_transcripts(config, &store, Arc::clone(&metrics))?);
        let board = Arc::new(Board::new(stamp));
        let (phase, phases) = Phases::begin();
        let intake = match &queue {
            Some(queue) => Intake::Queue(Arc::clone(queue)),
            None => Intake::Store(Arc::clone(&store)),
        };
        let state = web::Data::new(AppState {
            access: Access::new(&config.http.api_key),
            hosts: config.http.hosts.clone(),
            intake,
            queue: queue.clone(),
            database: Arc::clone(&store),
            transcripts: Arc::clone(&transcripts),
            phases: phases.clone(),
            folders: config
                .folders
                .workspaces
                .as_deref()
                .map(|folder| Arc::new(WorkspaceFolders::new(folder))),
            watcher: WatcherClient::new(config.watcher.url.clone(), config.watcher.token.clone())?,
            banner: BannerScript::default(),
            version: stamp.release().or((stamp.commit != "unknown").then_some(stamp.commit)),
            health: Arc::clone(&board),
            metrics: Arc::clone(&metrics),
            documents: Documents::new(move || openapi::document(stamp)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            stopping: stopping.clone(),
        });
        Ok(Self {
            store,
            queue,
            transcripts,
            board,
            metrics,
            phases,
            phase,
            stopping,
            database,
            migrate_on_start: config.database.migrate_on_start,
            name: name(config.http.listen.first.port()),
            state,
        })
    }
}

/// The same after a restart, so that what was left pending is taken up at once; another one for another server.
fn name(port: u16) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String =
        host.trim().chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    match port {
        // Any free port: nothing of this server stays the same.
        0 => format!("{host}-{:016x}", rand::random::<u64>()),
        port => format!("{host}-{port}"),
    }
}

/// The store that is configured, and how its schema is reached.
pub(crate) fn open_store(config: &Config) -> anyhow::Result<(Arc<dyn EventStore>, migrate::Database)> {
    let database = schema_of(&config.database, &config.data_dir);
    let store: Arc<dyn EventStore> = match &database {
        migrate::Database::Postgres(url) => {
            Arc::new(PostgresStore::connect(url, &PostgresOptions::default()).context("read DATABASE_URL")?)
        }
        migrate::Database::Sqlite(path) => Arc::new(SqliteStore::open(path, &SqliteOptions::default())),
    };
    Ok((store, database))
}

/// The database whose schema is brought up to date.
pub(crate) fn schema_of(database: &config::Database, data_dir: &Path) -> migrate::Database {
    match &database.url {
        Some(url) => migrate::Database::Postgres(url.clone()),
        None => migrate::Database::Sqlite(data_dir.join("remote-agent.db")),
    }
}

/// The blobs that are configured; nothing in them is touched.
pub(crate) fn open_blobs(config: &Config) -> anyhow::Result<TranscriptBlobs> {
    match &config.s3 {
        Some(s3) => TranscriptBlobs::in_s3(&settings(s3)).context("read the S3_… variables"),
        None => TranscriptBlobs::in_files(&config.data_dir.join("blobs")).context("open the folder of blobs"),
    }
}

/// Transcripts in those blobs. For a server alone: what lies about unfinished is taken away.
fn open_transcripts(
    config: &Config,
    store: &Arc<dyn EventStore>,
    metrics: Arc<Metrics>,
) -> anyhow::Result<Transcripts> {
    let blobs = open_blobs(config)?;
    blobs.remove_unfinished().context("clean the folder of blobs")?;
    let spool =
        Spool::open(&config.data_dir.join("spool"), UPLOADS, config.transcript_max_bytes.saturating_mul(2))
            .context("open the spool")?;
    let limits = Limits::new(config.transcript_max_bytes);
    Ok(Transcripts::new(Arc::clone(store), blobs, spool, limits, metrics))
}

fn settings(s3: &config::S3) -> S3Settings {
    use secrecy::ExposeSecret;
    S3Settings {
        endpoint: s3.endpoint.to_string(),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        access_key_id: s3.access_key_id.expose_secret().to_owned(),
        secret_access_key: s3.secret_access_key.clone(),
        patience: Patience::default(),
    }
}

/// Keys that others on this host can read are worth a word; they are never opened.
fn warn_of_open_keys(config: &Config) {
    use std::os::unix::fs::PermissionsExt;
    let Some(folder) = &config.folders.ssh_keys else { return };
    let Ok(entries) = std::fs::read_dir(folder) else {
        tracing::warn!(folder = %folder.display(), "SSH_KEYS_DIR cannot be read");
        return;
    };
    for entry in entries.flatten() {
        let is_public = entry.path().extension().is_some_and(|extension| extension == "pub");
        let mode = entry.metadata().map_or(0, |metadata| metadata.permissions().mode());
        if !is_public && mode & 0o077 != 0 {
            tracing::warn!(file = ?entry.file_name(), "others can read this key in SSH_KEYS_DIR; chmod 600 it");
        }
    }
}

/// The server that everybody sees.
pub(super) fn serve(listener: TcpListener, parts: &Parts) -> anyhow::Result<Running> {
    let state = parts.state.clone();
    let transcripts = web::Data::new(Arc::clone(&parts.transcripts));
    let server = HttpServer::new(move || {
        let app = App::new().app_data(state.clone()).app_data(transcripts.clone());
        app.wrap(from_fn(guard)).configure(routes::configure)
    });
    let server = server
        .workers(2)
        .max_connections(CONNECTIONS)
        .client_request_timeout(HEAD_PATIENCE)
        .keep_alive(IDLE)
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals()
        .listen(listener)
        .context("listen")?;
    Ok(server.run())
}

/// The server that Prometheus sees.
pub(super) fn serve_metrics(listener: TcpListener, parts: &Parts) -> anyhow::Result<Running> {
    let metrics = web::Data::from(Arc::clone(&parts.metrics));
    let server = HttpServer::new(move || {
        App::new().app_data(metrics.clone()).route("/metrics", web::get().to(show_metrics))
    });
    let server = server
        .workers(1)
        .max_connections(64)
        .client_request_timeout(HEAD_PATIENCE)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)
        .context("listen for metrics")?;
    Ok(server.run())
}

async fn show_metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    match metrics.encode() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
