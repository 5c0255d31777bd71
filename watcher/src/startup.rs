//! The composition root: everything is built here and nowhere else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use contract::BuildStamp;
use futures_util::future::join_all;
use service::documents::Documents;
use service::listen::Listen;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_cron_scheduler::JobScheduler;

use crate::checker::{Checker, Parts};
use crate::clock::{Clock, delta};
use crate::config::{Config, Keep, Target};
use crate::cron::Cron;
use crate::decisions::Decisions;
use crate::gatekeeper::Gatekeeper;
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::openapi;
use crate::routes::{self, AppState, Observe};
use crate::running::RunningReader;
use crate::schedule;
use crate::snapshot::Snapshot;
use crate::state_store::{Saved, StateStore};
use crate::upkeep;
use crate::upstream::Upstream;
use crate::watched::{Frame, Watched};

/// The port where nothing else is configured.
pub const DEFAULT_PORT: u16 = 5200;
/// Event streams open at once.
const STREAMS: usize = 512;
/// One worker answers far more than any home needs, what takes long is done beside it, and each one wakes four
/// times a second to keep actix's clock.
const WORKERS: usize = 1;
/// A request's head must be there by then.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// An idle connection is closed after this.
const IDLE: Duration = Duration::from_secs(15);
/// Open connections per worker.
const CONNECTIONS: usize = 8192;
/// A store that is asked for what it kept must answer by then.
const STORE_PATIENCE: Duration = Duration::from_secs(1);
/// Time for requests under way when the process stops.
const GRACE_SECONDS: u64 = 5;

/// A watcher that is built and bound, and does not run yet.
pub struct Watcher {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
    checker: Arc<Checker>,
    store: Arc<StateStore>,
    config: Arc<Config>,
    stop: watch::Sender<bool>,
}

/// The checker and what it stands on, without a server.
pub struct Core {
    /// Checks.
    pub checker: Arc<Checker>,
    /// Keeps.
    pub store: Arc<StateStore>,
    /// Counts.
    pub metrics: Arc<Metrics>,
}

/// Builds everything but the server.
///
/// # Errors
/// If a client or a metric cannot be made.
pub async fn build_core(config: &Arc<Config>, stamp: BuildStamp) -> anyhow::Result<Core> {
    let clock = Clock::start();
    let agent = format!("sidewatch/{}", stamp.version);
    let limit = config.upstream.hourly_budget;
    let cron = Cron::parse(&config.timing.schedule).context("read the schedule")?;
    let metrics = Arc::new(Metrics::new(stamp).context("register the metrics")?);
    // Off means off: no state is asked for anywhere either.
    let keep = if config.disabled { &Keep::Memory } else { &config.keep };
    let store = Arc::new(StateStore::open(keep, limit));
    let gate = Arc::new(Gatekeeper::new(Arc::clone(&store), Arc::clone(&metrics), clock, limit));
    let frame = Frame {
        clock,
        ttl: delta(config.timing.cache_ttl),
        interval: cron.interval(clock.steady()),
        disabled: config.disabled,
    };
    let kept = kept(&store, &gate, config).await;
    let targets = config.targets.iter().zip(kept);
    let targets =
        targets.map(|(target, saved)| Arc::new(Watched::new(target.clone(), saved, frame))).collect();
    let checker = Checker::new(Parts {
        clock,
        cron,
        targets,
        upstream: Upstream::new(&config.upstream, &agent, Arc::clone(&gate))?,
        gate,
        running: RunningReader::new(&agent)?,
        notifier: Notifier::new(config.notify.clone(), &agent, Handle::current())?,
        store: Arc::clone(&store),
        metrics: Arc::clone(&metrics),
        config: Arc::clone(config),
        runtime: Handle::current(),
    });
    Ok(Core { checker: Arc::new(checker), store, metrics })
}

/// What was kept of each target. A shared store that does not answer must not keep the port silent: replicas
/// take over what it holds when it does (see `Checker::listen`).
async fn kept(store: &StateStore, gate: &Gatekeeper, config: &Config) -> Vec<Saved> {
    let read = async {
        gate.ask_as(config.upstream.token.is_some()).await;
        join_all(config.targets.iter().map(|target| saved(store, target, config))).await
    };
    tokio::time::timeout(STORE_PATIENCE, read).await.unwrap_or_else(|_| {
        tracing::warn!("the shared state does not answer; starting without it");
        let fresh = |target: &Target| {
            Saved::new(
                Snapshot::for_question(target.question(&config.upstream.api_url)),
                Decisions::default(),
            )
        };
        config.targets.iter().map(fresh).collect()
    })
}

/// What was kept of this target, if it answers the question that is asked now; decisions in any case.
async fn saved(store: &StateStore, target: &Target, config: &Config) -> Saved {
    let question = target.question(&config.upstream.api_url);
    let saved = store.load(&target.name).await.unwrap_or_default();
    // Switched off, an old answer would be told for ever.
    let same = saved.snapshot.question == question && !config.disabled;
    let snapshot = if same { saved.snapshot } else { Snapshot::for_question(question) };
    Saved::new(snapshot, saved.decisions)
}

impl Watcher {
    /// Builds and binds a watcher.
    ///
    /// # Errors
    /// If the address is taken, or a client cannot be made.
    pub async fn build(config: Config, stamp: BuildStamp) -> anyhow::Result<Self> {
        let config = Arc::new(config);
        let listen = config.serve.listen.unwrap_or(Listen::everywhere(DEFAULT_PORT));
        let listener = listen.bind("SIDEWATCH_LISTEN").context("listen")?;
        let address = listener.local_addr().context("listen")?;
        let core = build_core(&config, stamp).await?;
        let (stop, stopping) = watch::channel(false);
        let state = web::Data::new(AppState {
            checker: Arc::clone(&core.checker),
            metrics: Arc::clone(&core.metrics),
            store: Arc::clone(&core.store),
            api_token: config.serve.api_token.clone(),
            streams: Arc::new(Semaphore::new(STREAMS)),
            entries: Arc::default(),
            stopping,
            documents: Documents::new(move || openapi::document(stamp)),
        });
        let server = HttpServer::new(move || {
            App::new().app_data(state.clone()).wrap(Observe(state.clone())).configure(routes::configure)
        })
        .workers(WORKERS)
        .max_connections(CONNECTIONS)
        .client_request_timeout(HEAD_PATIENCE)
        .keep_alive(IDLE)
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals()
        .listen(listener)
        .context("listen")?
        .run();
        Ok(Self { address, server, checker: core.checker, store: core.store, config, stop })
    }

    /// The checker, for tests and for the program that has app and watcher in one process.
    #[must_use]
    pub fn checker(&self) -> Arc<Checker> {
        Arc::clone(&self.checker)
    }

    /// Serves and checks until `stop` comes; then ends what is under way, within eight seconds.
    ///
    /// # Errors
    /// If the server or a background task ends by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let handle = self.server.handle();
        let mut tasks = JoinSet::new();
        let mut scheduler = None;
        if !self.config.disabled {
            self.checker.begin();
            scheduler = start_schedule(&self.checker, &self.config).await;
            tasks.spawn(schedule::run_agenda(Arc::clone(&self.checker)));
            tasks.spawn(upkeep::follow_time(Arc::clone(&self.checker)));
            self.follow_running(&mut tasks);
            if self.store.shared().is_some() {
                tasks.spawn(Arc::clone(&self.checker).listen());
            }
        }
        let mut server = tokio::spawn(self.server);
        let ended = tokio::select! {
            () = stop => {
                tracing::debug!("stopping");
                Ok(())
            }
            Some(task) = tasks.join_next() => Err(anyhow::anyhow!("a background task ended: {task:?}")),
            served = &mut server => return served.context("end the server")?.context("serve"),
        };
        self.stop.send_replace(true);
        tasks.abort_all();
        if let Some(mut scheduler) = scheduler {
            drop(tokio::time::timeout(Duration::from_secs(1), scheduler.shutdown()).await);
        }
        handle.stop(true).await;
        self.store.flush();
        server.await.context("end the server")?.context("serve")?;
        ended
    }
}

impl Watcher {
    /// One task per target whose app can be asked what runs.
    fn follow_running(&self, tasks: &mut JoinSet<()>) {
        for (index, watched) in self.checker.targets().iter().enumerate() {
            if watched.target.current_url.is_some() {
                tasks.spawn(upkeep::follow_running(Arc::clone(&self.checker), index, self.checker.running()));
            }
        }
    }
}

/// Without the cron library the request path still keeps answers fresh; that is said, not fatal.
async fn start_schedule(checker: &Arc<Checker>, config: &Config) -> Option<JobScheduler> {
    match schedule::start_cron(Arc::clone(checker), &config.timing.schedule).await {
        Ok(scheduler) => Some(scheduler),
        Err(error) => {
            tracing::error!(error = ?format!("{error:#}"), "the scheduler did not start; requests start the checks");
            None
        }
    }
}
