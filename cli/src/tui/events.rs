//! A bounded list of events in their order, that can follow what comes.

use std::collections::{HashSet, VecDeque};

use super::cursor::Cursor;
use super::event_line::EventLine;
use super::key::Motion;

/// The list.
#[derive(Clone, Debug)]
pub struct Events {
    lines: VecDeque<EventLine>,
    ids: HashSet<String>,
    cursor: Cursor,
    following: bool,
    most: usize,
    /// Whether earlier ones were let go.
    pub dropped: bool,
}

impl Events {
    /// An empty list of at most so many, which follows.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            ids: HashSet::new(),
            cursor: Cursor::default(),
            following: true,
            most,
            dropped: false,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&EventLine> {
        self.lines.get(index)
    }

    /// The selected one.
    #[must_use]
    pub fn selected(&self) -> Option<&EventLine> {
        self.lines.get(self.cursor.index())
    }

    /// Where the selection is.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether the newest one is shown as it comes.
    #[must_use]
    pub fn following(&self) -> bool {
        self.following
    }

    /// Takes events in, wherever they belong; tells whether there was a new one.
    pub fn take(&mut self, new: Vec<EventLine>, height: usize) -> bool {
        let before = self.lines.len();
        let selected = self.selected().map(|line| line.id.clone());
        for line in new {
            if self.ids.insert(line.id.clone()) {
                self.lines.push_back(line);
            }
        }
        if self.lines.len() == before {
            return false;
        }
        self.lines.make_contiguous().sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        while self.lines.len() > self.most {
            if let Some(line) = self.lines.pop_front() {
                self.ids.remove(&line.id);
            }
            self.dropped = true;
        }
        self.keep_place(selected.as_deref(), height);
        true
    }

    /// Moves the selection; at the last row the list follows.
    pub fn step(&mut self, motion: Motion, height: usize) {
        self.cursor.step(motion, self.lines.len(), height);
        self.following = self.cursor.at_end(self.lines.len());
    }

    /// Keeps the selection in sight of so many rows.
    pub fn settle(&mut self, height: usize) {
        self.cursor.settle(self.lines.len(), height);
    }

    fn keep_place(&mut self, selected: Option<&str>, height: usize) {
        if self.following {
            self.cursor.step(Motion::Last, self.lines.len(), height);
            return;
        }
        if let Some(place) = selected.and_then(|id| self.lines.iter().position(|line| line.id == id)) {
            self.cursor.go(place);
        }
        self.settle(height);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn line(second: i64) -> EventLine {
        EventLine {
            id: format!("e{second}"),
            at: DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap(),
            kind: "note".into(),
            session_id: None,
            workspace: None,
            summary: String::new(),
            data: String::new(),
        }
    }

    #[test]
    fn an_event_is_listed_once_and_at_its_place() {
        let mut events = Events::new(10);
        assert!(events.take(vec![line(1), line(3)], 5));
        assert!(events.take(vec![line(3), line(2)], 5));
        assert!(!events.take(vec![line(2)], 5));
        let order: Vec<&str> = (0..3).map(|index| events.get(index).unwrap().id.as_str()).collect();
        assert_eq!(order, ["e1", "e2", "e3"]);
    }

    #[test]
    fn it_follows_until_somebody_looks_back_and_again_from_the_end() {
        let mut events = Events::new(10);
        events.take((0..4).map(line).collect(), 3);
        assert_eq!(events.selected().unwrap().id, "e3");
        events.step(Motion::Rows(-1), 3);
        events.take(vec![line(9)], 3);
        assert_eq!((events.selected().unwrap().id.as_str(), events.following()), ("e2", false));
        events.step(Motion::Last, 3);
        events.take(vec![line(10)], 3);
        assert_eq!(events.selected().unwrap().id, "e10");
    }

    #[test]
    fn the_oldest_ones_are_let_go() {
        let mut events = Events::new(3);
        events.take((0..5).map(line).collect(), 3);
        assert_eq!((events.len(), events.dropped), (3, true));
        assert_eq!(events.get(0).unwrap().id, "e2");
    }
}
