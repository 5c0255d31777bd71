//! What a call of `insert` brings: which events are tried, and what became of each.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::domain::event::{Event, Outcome};

pub(super) type Digest = [u8; 16];
/// Sessions, each with a type of its events.
pub(super) type SessionKinds<'a> = BTreeSet<(&'a str, &'a str)>;

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
        let mut firsts: Vec<usize> =
            (0..events.len()).filter(|place| seen.insert(events[*place].id)).collect();
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
        let kept: HashMap<Uuid, (usize, &Digest)> = self
            .firsts
            .iter()
            .filter(|place| inserted.contains(&self.events[**place].id))
            .map(|place| (self.events[*place].id, (*place, &self.digests[*place])))
            .collect();
        let outcome = |(place, (event, digest)): (usize, (&Event, &Digest))| match kept.get(&event.id) {
            Some((first, _)) if *first == place => Outcome::New,
            Some((_, first)) if *first != digest => Outcome::Conflict,
            None if stored.get(&event.id).is_some_and(|stored| stored != digest) => Outcome::Conflict,
            _ => Outcome::Duplicate,
        };
        self.events.iter().zip(&self.digests).enumerate().map(outcome).collect()
    }
}

/// Which types of events their sessions have now.
pub(super) fn session_kinds<'a>(events: impl Iterator<Item = &'a Event>) -> SessionKinds<'a> {
    events.filter_map(|event| Some((event.session_id.as_deref()?, event.kind.as_str()))).collect()
}
