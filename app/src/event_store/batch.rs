//! What a call of `insert` brings: which events are tried, and what became of each.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::event::{Event, Outcome};

pub(super) type Digest = [u8; 16];

/// The events of one call. Of two with one id the first is tried.
pub(super) struct Batch<'a> {
    events: &'a [Event],
    digests: Vec<Digest>,
    /// Places of the first event of each id, by id: two transactions that insert the same ids then wait for each
    /// other in one order and never in a circle.
    firsts: Vec<usize>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(events: &'a [Event]) -> Self {
        let mut seen = HashSet::with_capacity(events.len());
        let mut firsts: Vec<usize> = (0..events.len()).filter(|place| seen.insert(events[*place].id)).collect();
        firsts.sort_unstable_by_key(|place| events[*place].id);
        Self { events, digests: events.iter().map(Event::digest).collect(), firsts }
    }

    /// What is tried, each id once, by id.
    pub(super) fn tried(&self) -> impl ExactSizeIterator<Item = (&'a Event, &Digest)> {
        self.firsts.iter().map(|place| (&self.events[*place], &self.digests[*place]))
    }

    /// What is tried of these ids.
    pub(super) fn tried_of(&self, ids: &HashSet<Uuid>) -> impl Iterator<Item = &'a Event> {
        self.tried().map(|(event, _)| event).filter(|event| ids.contains(&event.id))
    }

    /// What became of each event, if `inserted` are new and `stored` are the digests of the others.
    ///
    /// One that is neither was taken away meanwhile: nothing was done, and nothing contradicts it.
    pub(super) fn outcomes(&self, inserted: &HashSet<Uuid>, stored: &HashMap<Uuid, Digest>) -> Vec<Outcome> {
        let mut fresh: HashMap<Uuid, &Digest> = HashMap::with_capacity(inserted.len());
        let judge = |(event, digest): (&Event, &'_ Digest), kept: Option<&Digest>| match kept {
            Some(kept) if kept != digest => Outcome::Conflict,
            _ => match inserted.contains(&event.id) {
                true if kept.is_none() => Outcome::New,
                _ => Outcome::Duplicate,
            },
        };
        let mut outcomes = Vec::with_capacity(self.events.len());
        for (event, digest) in self.events.iter().zip(&self.digests) {
            let kept = fresh.get(&event.id).copied().or_else(|| stored.get(&event.id));
            outcomes.push(judge((event, digest), kept));
            if inserted.contains(&event.id) {
                fresh.entry(event.id).or_insert(digest);
            }
        }
        outcomes
    }
}
