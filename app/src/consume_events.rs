//! Takes events out of the queue and stores them: read, store, acknowledge, in that order.

use std::time::Duration;

use anyhow::Context;

use crate::backoff::Backoff;
use crate::event_queue::Consumer;
use crate::portion::Portion;
use crate::settle_entries::Settling;

/// A read waits so long for an entry; a stop waits for a read.
const BLOCK: Duration = Duration::from_millis(500);

/// One consumer of the queue.
pub struct ConsumeEvents {
    consumer: Consumer,
    settling: Settling,
    /// The store was compared with the queue's memory of it since the queue was last away.
    compared: bool,
    /// How many entries to read.
    portion: Portion,
}

impl ConsumeEvents {
    /// Each process needs a name of its own that is the same after a restart.
    #[must_use]
    pub fn new(consumer: Consumer, settling: Settling) -> Self {
        Self { consumer, settling, compared: false, portion: Portion::default() }
    }

    /// Reads once, stores, acknowledges; gives how many entries it read. Waits while the store is away.
    ///
    /// # Errors
    /// If the queue is away.
    pub async fn consume_once(&mut self) -> anyhow::Result<usize> {
        if !self.compared {
            let queue = self.consumer.queue();
            queue.ensure_group().await.context("make the queue's group")?;
            self.settling.compare(queue).await?;
            self.compared = true;
        }
        let read = self.consumer.read(self.portion.entries(), BLOCK).await;
        let entries = read.context("read from the queue")?;
        self.portion.learn(&entries);
        let count = entries.len();
        if count > 0 {
            self.settling.settle(&self.consumer, entries).await?;
        }
        Ok(count)
    }

    /// Runs until it is to stop; the batch in hand is finished first.
    pub async fn run(mut self) {
        let mut stop = self.settling.stop.clone();
        let mut backoff = Backoff::default();
        while !*stop.borrow() {
            match self.consume_once().await {
                Ok(_) if backoff.is_first() => {}
                Ok(_) => {
                    tracing::info!("the consumer goes on");
                    backoff.reset();
                }
                Err(error) => {
                    self.compared = false;
                    self.consumer.catch_up();
                    self.settling.metrics.consumer_failures.inc();
                    if backoff.is_first() {
                        tracing::warn!(cause = format!("{error:#}"), "the consumer waits");
                    }
                    tokio::select! {
                        () = backoff.wait() => {}
                        _ = stop.wait_for(|stop| *stop) => {}
                    }
                }
            }
        }
    }
}
