//! The composition root: everything is built here and nowhere else.

mod build;
mod tasks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as HttpServer, ServerHandle};
use anyhow::Context;
use contract::BuildStamp;
use tokio::sync::watch;

use crate::config::Config;
use build::Parts;
pub(crate) use build::{open_blobs, open_store, schema_of};
use tasks::Tasks;

/// Time for requests under way when the process stops.
const GRACE_SECONDS: u64 = 10;
/// Time for the consumer's batch in hand, and for uploads that are whole.
const FLUSH: Duration = Duration::from_secs(10);

/// A server that is built and bound, and does not run yet.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where metrics are served, if they are.
    pub metrics_address: Option<SocketAddr>,
    http: HttpServer,
    metrics: Option<HttpServer>,
    parts: Arc<Parts>,
    stop: watch::Sender<bool>,
}

impl Server {
    /// Builds and binds. No neighbour needs to be there yet.
    ///
    /// # Errors
    /// If an address is taken, or the data directory cannot be used.
    pub async fn build(config: Config, stamp: BuildStamp) -> anyhow::Result<Self> {
        let listener = config.http.listen.bind("PORT or HOST").context("listen")?;
        let metrics_listener = config.http.metrics.map(|listen| listen.bind("METRICS_LISTEN")).transpose();
        let metrics_listener = metrics_listener.context("listen for metrics")?;
        let address = listener.local_addr().context("listen")?;
        let metrics_address = metrics_listener.as_ref().map(std::net::TcpListener::local_addr).transpose()?;
        let (stop, stopping) = watch::channel(false);
        let parts = Arc::new(Parts::build(&config, stamp, stopping)?);
        let http = build::serve(listener, &parts)?;
        let metrics = metrics_listener.map(|listener| build::serve_metrics(listener, &parts)).transpose()?;
        Ok(Self { address, metrics_address, http, metrics, parts, stop })
    }

    /// Serves until `stop` comes; then ends what is under way, within 25 seconds.
    ///
    /// # Errors
    /// If the schema is refused, or the server or a background task ends by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let handles: Vec<ServerHandle> =
            std::iter::once(&self.http).chain(&self.metrics).map(HttpServer::handle).collect();
        let mut tasks = Tasks::start(&self.parts);
        let mut http = tokio::spawn(self.http);
        let metrics = self.metrics.map(tokio::spawn);
        let ended = tokio::select! {
            () = stop => Ok(()),
            error = tasks.failed() => Err(error),
            served = &mut http => Err(anyhow::anyhow!("the server ended by itself: {served:?}")),
        };
        tracing::info!("stopping");
        self.stop.send_replace(true);
        for handle in &handles {
            handle.stop(true).await;
        }
        drop(tokio::time::timeout(FLUSH, tasks.finish(&self.parts)).await);
        self.parts.store.close().await;
        drop(metrics);
        ended
    }
}
