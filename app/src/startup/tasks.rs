//! What runs beside the requests, from the start to the end.

use std::sync::Arc;

use tokio::task::{JoinHandle, JoinSet};

use super::build::Parts;
use crate::consume_events::ConsumeEvents;
use crate::database::bring_up;
use crate::health::{self, Looker};
use crate::reclaim_events::{Pace, ReclaimEvents};
use crate::settle_entries::Settling;
use crate::sweep_blobs;

/// The tasks.
pub(super) struct Tasks {
    /// End only by mistake.
    endless: JoinSet<anyhow::Result<()>>,
    /// End when the server stops, after what is in hand.
    flows: Vec<JoinHandle<()>>,
}

impl Tasks {
    pub(super) fn start(parts: &Arc<Parts>) -> Self {
        let mut endless = JoinSet::new();
        let database = Arc::clone(parts);
        endless.spawn(async move {
            bring_up(&database.database, database.migrate_on_start, &database.phase, &database.metrics)
                .await?;
            std::future::pending().await
        });
        let looker = Looker {
            store: Arc::clone(&parts.store),
            queue: parts.queue.clone(),
            transcripts: Arc::clone(&parts.transcripts),
        };
        let look = health::look(Arc::clone(&parts.board), looker, parts.phases.clone());
        endless.spawn(async move {
            look.await;
            Ok(())
        });
        let (mut phases, transcripts) = (parts.phases.clone(), Arc::clone(&parts.transcripts));
        endless.spawn(async move {
            phases.wait().await;
            sweep_blobs::sweep(transcripts).await;
            Ok(())
        });
        Self { endless, flows: flows(parts) }
    }

    /// Comes when a task ends that should not.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match self.endless.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Ok(Ok(()))) => anyhow::anyhow!("a background task ended"),
            Some(Err(panic)) => anyhow::Error::new(panic).context("a background task broke down"),
            None => std::future::pending().await,
        }
    }

    /// Lets the flows end what is in hand.
    pub(super) async fn finish(mut self, parts: &Parts) {
        parts.transcripts.close().await;
        for flow in self.flows.drain(..) {
            drop(flow.await);
        }
        self.endless.shutdown().await;
    }
}

/// The consumer and who looks after stuck entries; both wait for the schema.
fn flows(parts: &Arc<Parts>) -> Vec<JoinHandle<()>> {
    let Some(queue) = &parts.queue else { return Vec::new() };
    let settling = Settling {
        store: Arc::clone(&parts.store),
        metrics: Arc::clone(&parts.metrics),
        stop: parts.stopping.clone(),
    };
    let consume = ConsumeEvents::new(queue.consumer(&parts.name), settling.clone());
    let reclaim =
        ReclaimEvents::new(queue.consumer(&format!("{}-reclaim", parts.name)), settling, Pace::default());
    vec![
        tokio::spawn(after_schema(Arc::clone(parts), consume.run())),
        tokio::spawn(after_schema(Arc::clone(parts), reclaim.run())),
    ]
}

async fn after_schema(parts: Arc<Parts>, flow: impl Future<Output = ()>) {
    let (mut phases, mut stopping) = (parts.phases.clone(), parts.stopping.clone());
    let verified = tokio::select! {
        () = phases.wait() => true,
        _ = stopping.wait_for(|stopping| *stopping) => false,
    };
    if verified {
        flow.await;
    }
}
