//! Stores many events so that one that is refused never takes the others with it.

use std::ops::Range;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::domain::event::{Event, Outcome};
use crate::event_store::{EventStore, StoreError};

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The store has it, as told.
    Stored(Outcome),
    /// The store refuses it for this cause.
    Refused(String),
}

/// Events on their way into a store. A call that ends because the store is away can be made again: what was settled
/// stays so.
#[derive(Debug)]
pub struct Inserting<'a> {
    events: &'a [Event],
    fates: Vec<Option<Fate>>,
    left: Vec<Range<usize>>,
}

impl<'a> Inserting<'a> {
    /// All at once at first, each alone from the start if `alone`.
    #[must_use]
    pub fn new(events: &'a [Event], alone: bool) -> Self {
        let size = if alone { 1 } else { events.len().max(1) };
        let mut left: Vec<_> =
            (0..events.len()).step_by(size).map(|start| start..(start + size).min(events.len())).collect();
        left.reverse();
        Self { events, fates: vec![None; events.len()], left }
    }

    /// Goes on until every event has its fate. A batch that is refused is halved, so that one bad event among 500
    /// costs some twenty calls.
    ///
    /// # Errors
    /// If the store is not available now.
    pub async fn run(&mut self, store: &dyn EventStore) -> Result<(), StoreError> {
        while let Some(range) = self.left.last().cloned() {
            match insert(store, &self.events[range.clone()]).await {
                Ok(outcomes) => {
                    for (fate, outcome) in self.fates[range].iter_mut().zip(outcomes) {
                        *fate = Some(Fate::Stored(outcome));
                    }
                    self.left.pop();
                }
                Err(error) if error.is_temporary() => return Err(error),
                Err(error) if range.len() == 1 => {
                    self.fates[range.start] = Some(Fate::Refused(chain(&error)));
                    self.left.pop();
                }
                Err(_) => {
                    let middle = range.start + range.len() / 2;
                    self.left.pop();
                    self.left.push(middle..range.end);
                    self.left.push(range.start..middle);
                }
            }
        }
        Ok(())
    }

    /// What became of each event, in their order; an event that a store said nothing of counts as refused.
    #[must_use]
    pub fn fates(self) -> Vec<Fate> {
        let silent = || Fate::Refused("the store said nothing of it".to_owned());
        self.fates.into_iter().map(|fate| fate.unwrap_or_else(silent)).collect()
    }
}

/// A panic is a refusal: the same events would bring the next try down too.
async fn insert(store: &dyn EventStore, events: &[Event]) -> Result<Vec<Outcome>, StoreError> {
    match AssertUnwindSafe(store.insert(events)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Refused("storing it ended in a panic; the log tells more".into())),
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
