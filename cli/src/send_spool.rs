//! Sending what waits: in order, batch by batch, until nothing waits or the server does not take more.

mod background;
mod transcript;

use std::collections::BTreeMap;

use contract::{BatchReceipt, Event, EventBatch, MAX_BATCH_EVENTS};

use crate::config::Config;
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Batch, Place, Sender, Spool, SpoolError};

pub use background::{detach, run_in_background, start_in_background};

/// What came of an attempt.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Events that the server keeps now.
    pub sent: u64,
    /// Of these, events that it had already.
    pub duplicates: u64,
    /// Transcripts that the server keeps now.
    pub transcripts: u64,
    /// What it will never take, by the id of the event, with the reason.
    pub set_aside: Vec<Rejected>,
    /// Why it went no further; none if nothing waits any more.
    pub stopped: Option<Stop>,
}

/// Something that the server will never take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The event's id; none of a transcript.
    pub id: Option<String>,
    /// What the server says, or what is wrong with the file.
    pub reason: String,
}

/// Why sending went no further. Everything that was not sent still waits.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Another process sends already.
    #[error("another process sends already")]
    AnotherSends,
    /// The server did not take it.
    #[error(transparent)]
    Server(#[from] ClientError),
    /// The spool cannot be read or written.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

/// Sends everything that waits for the configured server, and what was kept while none was configured.
#[must_use]
pub fn send_once(config: &Config, client: &ServerClient) -> Outcome {
    let before = Spool::without_server(&config.folders.state).map(|spool| send_from(&spool, client));
    let outcome = match Spool::of(config) {
        Ok(spool) => send_from(&spool, client),
        Err(error) => Outcome { stopped: Some(error.into()), ..Outcome::default() },
    };
    match before {
        Some(before) => before.and(outcome),
        None => outcome,
    }
}

/// Sends everything that waits in one spool, whichever server that is for.
#[must_use]
pub fn send_from(spool: &Spool, client: &ServerClient) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.stopped = drain(spool, client, &mut outcome).err();
    match &outcome.stopped {
        None => spool.note_success(),
        // Whoever is in a hurry learns nothing about the server by running out of time.
        Some(Stop::Server(_)) if client.is_out_of_time() => {}
        Some(Stop::Server(error)) => background::note(spool, client.address(), error),
        Some(Stop::AnotherSends | Stop::Spool(_)) => {}
    }
    outcome
}

impl Outcome {
    fn and(mut self, other: Self) -> Self {
        self.sent += other.sent;
        self.duplicates += other.duplicates;
        self.transcripts += other.transcripts;
        self.set_aside.extend(other.set_aside);
        self.stopped = other.stopped.or(self.stopped);
        self
    }
}

/// Sends until nothing waits.
fn drain(spool: &Spool, client: &ServerClient, outcome: &mut Outcome) -> Result<(), Stop> {
    loop {
        let mut sender = spool.sender()?.ok_or(Stop::AnotherSends)?;
        send_all(&mut sender, client, outcome)?;
        drop(sender);
        // Whoever added something while the lock was held relied on its holder to see it.
        if spool.is_empty()? {
            return Ok(());
        }
    }
}

fn send_all(sender: &mut Sender, client: &ServerClient, outcome: &mut Outcome) -> Result<(), Stop> {
    // Fewer at once after a batch was refused as a whole, until the one that is to blame is alone.
    let mut most = MAX_BATCH_EVENTS;
    while let Some(batch) = sender.next(most)? {
        match batch {
            Batch::Transcript(kept, place) => transcript::send(sender, client, &kept, place, outcome)?,
            Batch::Events(batch) => {
                let count = batch.len();
                let taken = send_events(sender, client, batch, outcome)?;
                most = if taken { most.saturating_mul(2).min(MAX_BATCH_EVENTS) } else { (count / 2).max(1) };
            }
        }
    }
    Ok(())
}

/// Sends a batch; false if it was refused as a whole and should be sent in smaller ones.
fn send_events(
    sender: &mut Sender,
    client: &ServerClient,
    batch: Vec<(Event, Place)>,
    outcome: &mut Outcome,
) -> Result<bool, Stop> {
    let (events, places): (Vec<Event>, Vec<Place>) = batch.into_iter().unzip();
    let Some(end) = places.last().cloned() else { return Ok(true) };
    let batch = EventBatch { events };
    match client.send_events(&batch) {
        Ok(receipt) => {
            let reasons = reasons(&receipt, batch.events.len())?;
            for (event, reason) in
                reasons.iter().filter_map(|(index, reason)| Some((batch.events.get(*index)?, reason)))
            {
                sender.set_aside(event, reason)?;
                outcome.set_aside.push(Rejected { id: Some(event.id.clone()), reason: reason.clone() });
            }
            sender.let_go(end)?;
            outcome.sent += receipt.accepted + receipt.duplicates;
            outcome.duplicates += receipt.duplicates;
            Ok(true)
        }
        Err(error) => match (batch.events.as_slice(), error.is_about_the_request()) {
            ([event], Some(reason)) => {
                sender.set_aside(event, &reason)?;
                sender.let_go(end)?;
                outcome.set_aside.push(Rejected { id: Some(event.id.clone()), reason });
                Ok(true)
            }
            (_, Some(_)) => Ok(false),
            (_, None) => Err(error.into()),
        },
    }
}

/// What the receipt rejects, by the place in the batch. A receipt that does not account for every event is none: then
/// nothing is promised, and everything stays.
fn reasons(receipt: &BatchReceipt, sent: usize) -> Result<BTreeMap<usize, String>, ClientError> {
    let mut reasons = BTreeMap::new();
    for rejected in &receipt.rejected {
        let index = usize::try_from(rejected.index).ok().filter(|index| *index < sent);
        let reason = contract::terminal::one_line(&rejected.error, 500);
        reasons.insert(index.ok_or(ClientError::NotUnderstood(None))?, reason);
    }
    let accounted = receipt
        .accepted
        .checked_add(receipt.duplicates)
        .and_then(|taken| taken.checked_add(reasons.len() as u64));
    if accounted == Some(sent as u64) { Ok(reasons) } else { Err(ClientError::NotUnderstood(None)) }
}
