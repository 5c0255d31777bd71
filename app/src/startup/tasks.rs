//! What runs beside the requests, from the start to the end.

use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

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
    flows: JoinSet<()>,
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
        tokio::select! {
            Some(ended) = self.endless.join_next() => early(ended),
            Some(ended) = self.flows.join_next() => early(ended.map(Ok)),
            else => std::future::pending().await,
        }
    }

    /// Lets the flows end what is in hand.
    pub(super) async fn finish(mut self, parts: &Parts) {
        parts.transcripts.close().await;
        while self.flows.join_next().await.is_some() {}
        self.endless.shutdown().await;
    }
}

fn early(ended: Result<anyhow::Result<()>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(())) => anyhow::anyhow!("a background task ended"),
        Err(panic) => anyhow::Error::new(panic).context("a background task broke down"),
    }
}

/// The consumer and who looks after stuck entries; both wait for the schema.
fn flows(parts: &Arc<Parts>) -> JoinSet<()> {
    let mut flows = JoinSet::new();
    let Some(queue) = &parts.queue else { return flows };
    let settling =
        Settling::new(Arc::clone(&parts.store), Arc::clone(&parts.metrics), parts.stopping.clone());
    let consume = ConsumeEvents::new(queue.consumer(&parts.name), settling.clone());
    let reclaim =
        ReclaimEvents::new(queue.consumer(&format!("{}-reclaim", parts.name)), settling, Pace::default());
    flows.spawn(after_schema(Arc::clone(parts), consume.run()));
    flows.spawn(after_schema(Arc::clone(parts), reclaim.run()));
    flows
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flow_that_breaks_down_is_told_while_the_server_runs() {
        let (mut endless, mut flows) = (JoinSet::new(), JoinSet::new());
        endless.spawn(std::future::pending());
        flows.spawn(std::future::pending());
        flows.spawn(async { panic!("as a test wants it") });
        let error = Tasks { endless, flows }.failed().await;
        assert_eq!(error.to_string(), "a background task broke down");
    }
}
