//! The list of sessions: what was read of it, the filter, the selection. It stays on its session when others come.

use std::collections::HashMap;

use contract::{Page, Session};

use super::cursor::Cursor;
use super::key::Motion;
use super::older::Older;
use super::trouble::Trouble;

/// Most sessions that are kept here.
pub const MOST: usize = 10_000;
/// Longest filter.
const LONGEST_FILTER: usize = 200;

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    all: Vec<Session>,
    shown: Vec<usize>,
    cursor: Cursor,
    filter: String,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// What is known of older ones.
    pub older: Older,
    /// Why there is nothing new.
    pub trouble: Option<Trouble>,
}

impl Sessions {
    /// Everything that was read.
    #[must_use]
    pub fn all(&self) -> &[Session] {
        &self.all
    }

    /// How many pass the filter.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown.len()
    }

    /// The row of that number among those that pass the filter.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&Session> {
        self.all.get(*self.shown.get(index)?)
    }

    /// The selected session.
    #[must_use]
    pub fn selected(&self) -> Option<&Session> {
        self.row(self.cursor.index())
    }

    /// Where the selection is.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Takes a page in; tells whether anything changed.
    pub fn take(&mut self, page: Page<Session>, height: usize) -> bool {
        let selected = self.selected().map(|session| session.id.clone());
        let mut new: HashMap<String, Session> =
            page.items.into_iter().map(|session| (session.id.clone(), session)).collect();
        let mut changed = false;
        for known in &mut self.all {
            if let Some(session) = new.remove(&known.id)
                && *known != session
            {
                *known = session;
                changed = true;
            }
        }
        changed |= !new.is_empty();
        self.all.extend(new.into_values());
        self.all.sort_by(|a, b| (b.first_event_at, &b.id).cmp(&(a.first_event_at, &a.id)));
        if self.all.len() > MOST {
            self.all.truncate(MOST);
            self.older = Older::None;
        }
        if changed {
            self.refresh(selected.as_deref(), height);
        }
        changed
    }

    /// What the end of a page says of older ones.
    pub fn take_end(&mut self, next: Option<String>) {
        self.older = match next {
            Some(cursor) if self.all.len() < MOST => Older::From(cursor),
            _ => Older::None,
        };
    }

    /// Replaces the filter.
    pub fn set_filter(&mut self, filter: &str, height: usize) {
        let selected = self.selected().map(|session| session.id.clone());
        self.filter = filter.chars().take(LONGEST_FILTER).collect();
        self.refresh(selected.as_deref(), height);
    }

    /// Moves the selection.
    pub fn step(&mut self, motion: Motion, height: usize) {
        self.cursor.step(motion, self.shown.len(), height);
    }

    /// Keeps the selection in sight of so many rows.
    pub fn settle(&mut self, height: usize) {
        self.cursor.settle(self.shown.len(), height);
    }

    /// The cursor to ask from, if the end of what was read is near.
    pub fn wants_older(&mut self, height: usize) -> Option<String> {
        self.older.wanted(self.cursor.index(), self.shown.len(), height)
    }

    fn refresh(&mut self, selected: Option<&str>, height: usize) {
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        self.shown = (0..self.all.len()).filter(|index| passes(&self.all[*index], &words)).collect();
        // Who is at the top wants to see what comes.
        if self.cursor.index() > 0
            && let Some(id) = selected
            && let Some(place) = self.shown.iter().position(|index| self.all[*index].id == id)
        {
            self.cursor.go(place);
        }
        self.settle(height);
    }
}

/// Whether a session runs: it started, or at least did something, and has not ended.
#[must_use]
pub fn runs(session: &Session) -> bool {
    session.ended_at.is_none()
}

fn passes(session: &Session, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let state = if runs(session) { "running" } else { "ended" };
    let named = [&session.workspace, &session.model, &session.device].into_iter().flatten();
    let mut text = format!("{} {state}", session.id);
    for name in named {
        text.push(' ');
        text.push_str(name);
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn session(number: i64) -> Session {
        let first_event_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(number);
        let workspace = Some(if number % 2 == 0 { "Garden" } else { "shed" }.to_owned());
        Session { id: format!("s{number}"), workspace, first_event_at, ..Session::default() }
    }

    fn page(numbers: impl IntoIterator<Item = i64>) -> Page<Session> {
        Page { items: numbers.into_iter().map(session).collect(), next_cursor: None }
    }

    #[test]
    fn the_selection_stays_on_its_session_when_a_newer_one_comes() {
        let mut list = Sessions::default();
        assert!(list.take(page(0..5), 3));
        list.step(Motion::Rows(2), 3);
        assert_eq!(list.selected().unwrap().id, "s2");
        assert!(list.take(page(5..8), 3));
        assert_eq!(list.selected().unwrap().id, "s2");
        assert!(!list.take(page(5..8), 3), "the same page again changes nothing");
    }

    #[test]
    fn at_the_top_the_newest_one_is_selected() {
        let mut list = Sessions::default();
        list.take(page(0..2), 3);
        list.take(page(2..3), 3);
        assert_eq!(list.selected().unwrap().id, "s2");
    }

    #[test]
    fn all_words_of_the_filter_must_be_there_in_any_case() {
        let mut list = Sessions::default();
        list.take(page(0..10), 5);
        list.set_filter("GARD running", 5);
        assert_eq!(list.shown(), 5);
        list.set_filter("gard ended", 5);
        assert_eq!((list.shown(), list.selected()), (0, None));
    }

    #[test]
    fn older_ones_are_asked_for_once_and_only_near_the_end() {
        let mut list = Sessions::default();
        list.take(page(0..100), 10);
        list.take_end(Some("next".into()));
        assert_eq!(list.wants_older(10), None);
        list.step(Motion::Last, 10);
        assert_eq!(list.wants_older(10).as_deref(), Some("next"));
        assert_eq!(list.wants_older(10), None);
    }
}
