//! Takes a batch as a client sent it: each event is judged on its own, what is accepted is durable.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::{BatchReceipt, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, RejectedEvent};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::event::{Event, Outcome};
use crate::domain::json;
use crate::event_queue::{QueueError, RedisQueue};
use crate::event_store::{EventStore, StoreError};
use crate::insert_each::{Fate, Inserting};
use crate::metrics::{Metrics, Rejection};

/// Most characters of an id that is told back.
const LONGEST_ID: usize = 100;
const CONFLICT: &str = "id: was already used for another event; the first one is kept";
const REFUSED: &str = "the database refuses this event; the server's log says why";

/// Where accepted events go.
#[derive(Clone)]
pub enum Intake {
    /// Into the queue; a consumer stores them.
    Queue(Arc<RedisQueue>),
    /// Straight into the store.
    Store(Arc<dyn EventStore>),
}

/// Why a batch was not taken. Sending it again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Not `{"events": […]}`.
    #[error("send {{\"events\": [...]}}: {0}")]
    Shape(#[source] serde_json::Error),
    /// Too many events.
    #[error("at most {MAX_BATCH_EVENTS} events a batch; these are {0}")]
    TooMany(usize),
    /// Too many bytes.
    #[error("at most {} MiB a batch", MAX_BATCH_BYTES >> 20)]
    TooLarge,
    /// Too much waits.
    #[error("too many events wait to be stored; try again later")]
    Full(#[source] QueueError),
    /// Nowhere to put them now.
    #[error("events cannot be kept right now; try again later")]
    Unavailable(#[source] anyhow::Error),
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// Takes the events of a request's body. A 2xx may be sent once this gives a receipt.
///
/// # Errors
/// If none was taken, or it is not known which.
pub async fn accept_events(
    intake: &Intake,
    metrics: &Metrics,
    body: &[u8],
    received_at: DateTime<Utc>,
) -> Result<BatchReceipt, AcceptError> {
    if body.len() > MAX_BATCH_BYTES {
        return Err(AcceptError::TooLarge);
    }
    let batch = batch(body)?;
    if batch.events.len() > MAX_BATCH_EVENTS {
        return Err(AcceptError::TooMany(batch.events.len()));
    }
    let mut tally = Tally::default();
    let (mut places, mut events) = (Vec::new(), Vec::new());
    for (place, json) in batch.events.iter().enumerate() {
        match Event::parse(json.get(), received_at) {
            Ok(event) => {
                places.push(place);
                events.push(event);
            }
            Err(error) => tally.reject(place, read_id(json), error.to_string(), Rejection::Invalid),
        }
    }
    let fates = keep(intake, &events).await?;
    for ((place, event), fate) in places.into_iter().zip(&events).zip(fates) {
        tally.add(place, event, fate);
    }
    Ok(tally.finish(metrics))
}

fn batch(body: &[u8]) -> Result<Batch<'_>, AcceptError> {
    // A list would be taken for the fields in their order.
    if !std::str::from_utf8(body).is_ok_and(json::is_object) {
        return Err(AcceptError::Shape(serde::de::Error::custom("the body is no JSON object")));
    }
    serde_json::from_slice(body).map_err(AcceptError::Shape)
}

async fn keep(intake: &Intake, events: &[Event]) -> Result<Vec<Fate>, AcceptError> {
    match intake {
        Intake::Queue(queue) => match queue.append(events).await {
            Ok(outcomes) => Ok(outcomes.into_iter().map(Fate::Stored).collect()),
            Err(error @ QueueError::Full { .. }) => Err(AcceptError::Full(error)),
            Err(error) => Err(AcceptError::Unavailable(error.into())),
        },
        Intake::Store(store) => {
            let mut inserting = Inserting::new(events, false);
            let away = |error: StoreError| AcceptError::Unavailable(error.into());
            inserting.run(&**store).await.map_err(away)?;
            Ok(inserting.fates())
        }
    }
}

#[derive(Default)]
struct Tally {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<(RejectedEvent, Rejection)>,
}

impl Tally {
    fn add(&mut self, place: usize, event: &Event, fate: Fate) {
        let id = Some(event.id.to_string());
        match fate {
            Fate::Stored(Outcome::New) => self.accepted += 1,
            Fate::Stored(Outcome::Duplicate) => self.duplicates += 1,
            Fate::Stored(Outcome::Conflict) => {
                self.reject(place, id, CONFLICT.to_owned(), Rejection::Conflict);
            }
            Fate::Refused(cause) => {
                tracing::error!(event.id = %event.id, cause, "the database refuses event {}", event.id);
                self.reject(place, id, REFUSED.to_owned(), Rejection::Refused);
            }
        }
    }

    fn reject(&mut self, place: usize, id: Option<String>, error: String, class: Rejection) {
        self.rejected.push((RejectedEvent { index: place as u64, id, error }, class));
    }

    fn finish(mut self, metrics: &Metrics) -> BatchReceipt {
        metrics.events_accepted.inc_by(self.accepted);
        metrics.events_duplicate.inc_by(self.duplicates);
        for (_, class) in &self.rejected {
            metrics.rejected(*class);
        }
        self.rejected.sort_by_key(|(event, _)| event.index);
        let rejected = self.rejected.into_iter().map(|(event, _)| event).collect();
        BatchReceipt { accepted: self.accepted, duplicates: self.duplicates, rejected }
    }
}

/// The id of an event that is none, so that its sender can find it.
fn read_id(json: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let named: Named = serde_json::from_str(json.get()).ok()?;
    Some(named.id.chars().take(LONGEST_ID).collect())
}
