//! Looks after entries that got stuck: those of dead consumers are claimed, refused ones tried again alone and given
//! up in the end. Runs beside the consumer, so that a bad event delays nobody else's.

use std::time::Duration;

use anyhow::Context;

use crate::backoff::Backoff;
use crate::event_queue::Consumer;
use crate::portion::Portion;
use crate::settle_entries::Settling;

/// Times of this flow.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// It looks so often.
    pub every: Duration,
    /// A consumer that was silent for so long is dead.
    pub idle: Duration,
    /// A refused entry rests so long before it is tried again.
    pub refused: Duration,
    /// A name with nothing pending is forgotten after so long.
    pub forgotten: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_millis(500),
            idle: Duration::from_secs(30),
            refused: Duration::from_secs(1),
            forgotten: Duration::from_secs(3600),
        }
    }
}

/// Refused ones are tried one after the other.
const REFUSED: usize = 50;
/// The queue's state is asked for every so many rounds, and consumers are looked through.
const ROUNDS: u32 = 10;

/// The flow.
pub struct ReclaimEvents {
    consumer: Consumer,
    settling: Settling,
    pace: Pace,
    round: u32,
    /// How many entries to claim.
    portion: Portion,
    /// What was last said of Redis' settings.
    said: Option<String>,
}

impl ReclaimEvents {
    /// Its consumer must have another name than the one that reads.
    #[must_use]
    pub fn new(consumer: Consumer, settling: Settling, pace: Pace) -> Self {
        Self { consumer, settling, pace, round: 0, portion: Portion::default(), said: None }
    }

    /// Looks once; gives how many entries it dealt with.
    ///
    /// # Errors
    /// If the queue is away.
    pub async fn reclaim_once(&mut self) -> anyhow::Result<usize> {
        let queue = self.consumer.queue().clone();
        let mut count = 0;
        let refused = queue.take_refused(self.pace.refused, REFUSED).await.context("take refused entries")?;
        for (entry, refusals) in refused {
            self.settling.retry(&self.consumer, entry, refusals).await?;
            count += 1;
        }
        let idle = self.consumer.claim_idle(self.pace.idle, self.portion.entries()).await;
        let idle = idle.context("claim idle entries")?;
        self.portion.learn(&idle);
        if !idle.is_empty() {
            tracing::info!(entries = idle.len(), "claimed what a silent consumer had left");
            count += idle.len();
            self.settling.settle(&self.consumer, idle).await?;
        }
        if self.round.is_multiple_of(ROUNDS) {
            self.look_around().await?;
        }
        self.round = self.round.wrapping_add(1);
        Ok(count)
    }

    async fn look_around(&mut self) -> anyhow::Result<()> {
        let queue = self.consumer.queue();
        let settings = queue.check_settings().await.context("ask Redis how it is set up")?;
        let problem = settings.problem().map(|problem| problem.to_string());
        let refusing = problem.is_some();
        let now = problem.or_else(|| settings.advice().map(str::to_owned));
        if now != self.said {
            match &now {
                Some(problem) if refusing => tracing::error!("no event is taken: {problem}"),
                Some(advice) => tracing::warn!("{advice}"),
                None => tracing::info!("Redis is set up as it should be"),
            }
            self.said = now;
        }
        let status = queue.status().await.context("ask how the queue stands")?;
        self.settling.metrics.queue(&status);
        queue.ensure_group().await.context("make the queue's group")?;
        queue.tidy(self.pace.forgotten).await.context("forget silent consumers")?;
        Ok(())
    }

    /// Runs until it is to stop.
    pub async fn run(mut self) {
        let mut stop = self.settling.stop.clone();
        let mut backoff = Backoff::default();
        while !*stop.borrow() {
            let waiting = async {
                match self.reclaim_once().await {
                    Ok(_) => {
                        backoff.reset();
                        tokio::time::sleep(self.pace.every).await;
                    }
                    Err(error) => {
                        // The consumer says it louder.
                        tracing::debug!(cause = format!("{error:#}"), "stuck entries cannot be looked after");
                        backoff.wait().await;
                    }
                }
            };
            tokio::select! {
                () = waiting => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }
}
