//! Git activity: what happened, by day, and how much of it in which workspace.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::{Activity, Page};

use super::cursor::Cursor;
use super::key::Motion;
use super::older::Older;
use super::when::Zone;

/// Most entries that are kept here.
const MOST: usize = 5000;

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Git {
    items: Vec<Activity>,
    ids: HashSet<String>,
    cursor: Cursor,
    /// What is known of older ones.
    pub older: Older,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Row<'a> {
    /// The head of a day, and how many entries it has.
    Day(NaiveDate, usize),
    /// An entry, and its number.
    Entry(usize, &'a Activity),
}

/// How much happened in a workspace on each of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The workspace.
    pub name: String,
    /// Entries on each day, oldest first.
    pub days: Vec<u64>,
    /// All of them.
    pub total: u64,
}

impl Git {
    /// All entries, newest first.
    #[must_use]
    pub fn items(&self) -> &[Activity] {
        &self.items
    }

    /// Where the selection is, in entries.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The selected entry.
    #[must_use]
    pub fn selected(&self) -> Option<&Activity> {
        self.items.get(self.cursor.index())
    }

    /// Takes a page in; tells whether there was a new one.
    pub fn take(&mut self, page: Page<Activity>, height: usize) -> bool {
        let before = self.items.len();
        let selected = self.selected().map(|item| item.id.clone());
        for item in page.items {
            if self.ids.insert(item.id.clone()) {
                self.items.push(item);
            }
        }
        if self.items.len() == before {
            return false;
        }
        self.items.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        for gone in self.items.drain(MOST.min(self.items.len())..) {
            self.ids.remove(&gone.id);
            self.older = Older::None;
        }
        if self.cursor.index() > 0
            && let Some(place) = selected.and_then(|id| self.items.iter().position(|item| item.id == id))
        {
            self.cursor.go(place);
        }
        self.settle(height);
        true
    }

    /// What the end of a page says of older ones.
    pub fn take_end(&mut self, next: Option<String>) {
        self.older = match next {
            Some(cursor) if self.items.len() < MOST => Older::From(cursor),
            _ => Older::None,
        };
    }

    /// Moves the selection.
    pub fn step(&mut self, motion: Motion, height: usize) {
        self.cursor.step(motion, self.items.len(), height);
    }

    /// Keeps the selection in the list.
    pub fn settle(&mut self, height: usize) {
        self.cursor.settle(self.items.len(), height);
    }

    /// The cursor to ask from, if the end of what was read is near.
    pub fn wants_older(&mut self, height: usize) -> Option<String> {
        self.older.wanted(self.cursor.index(), self.items.len(), height)
    }

    /// The rows that so many lines show, with the selected entry among them and its day above.
    #[must_use]
    pub fn rows(&self, zone: Zone, height: usize) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        let mut index = self.cursor.top();
        while rows.len() < height
            && let Some(item) = self.items.get(index)
        {
            let day = zone.at(item.at).date();
            let first = index == 0 || zone.at(self.items[index - 1].at).date() != day;
            if first || rows.is_empty() {
                rows.push(Row::Day(day, self.on(zone, day, index)));
            }
            rows.push(Row::Entry(index, item));
            index += 1;
        }
        // Heads of days take room: the selected one may have been pushed out.
        let selected =
            rows.iter().position(|row| matches!(row, Row::Entry(index, _) if *index == self.cursor.index()));
        let surplus = selected.map_or(0, |place| (place + 1).saturating_sub(height));
        rows.drain(..surplus);
        rows.truncate(height);
        if selected.is_none() { self.rows_to_selected(zone, height) } else { rows }
    }

    /// The last so many rows up to the selected one.
    fn rows_to_selected(&self, zone: Zone, height: usize) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for index in (0..=self.cursor.index()).rev() {
            let Some(item) = self.items.get(index) else { break };
            let day = zone.at(item.at).date();
            rows.push(Row::Entry(index, item));
            if index == 0 || zone.at(self.items[index - 1].at).date() != day {
                rows.push(Row::Day(day, self.on(zone, day, index)));
            }
            if rows.len() >= height {
                break;
            }
        }
        rows.truncate(height);
        rows.reverse();
        rows
    }

    /// Entries of a day, one of which is at this place.
    fn on(&self, zone: Zone, day: NaiveDate, place: usize) -> usize {
        let same = |item: &&Activity| zone.at(item.at).date() == day;
        let before = self.items[..place].iter().rev().take_while(same).count();
        before + self.items[place..].iter().take_while(same).count()
    }

    /// Entries on each of the last days: all together, then each workspace, the busiest first.
    #[must_use]
    pub fn charts(&self, zone: Zone, now: DateTime<Utc>, days: usize) -> Vec<Chart> {
        let today = zone.at(now).date();
        let first = today.checked_sub_days(Days::new(days.saturating_sub(1) as u64)).unwrap_or(today);
        let mut all = vec![0; days];
        let mut each: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for item in &self.items {
            let day = zone.at(item.at).date().min(today);
            let Ok(place) = usize::try_from((day - first).num_days()) else { break };
            let name = item.workspace.as_deref().or(item.repository.as_deref()).unwrap_or("(no workspace)");
            if let Some(count) = all.get_mut(place) {
                *count += 1;
            }
            if let Some(count) = each.entry(name).or_insert_with(|| vec![0; days]).get_mut(place) {
                *count += 1;
            }
        }
        let chart =
            |(name, days): (&str, Vec<u64>)| Chart { name: name.to_owned(), total: days.iter().sum(), days };
        let mut charts: Vec<Chart> = each.into_iter().map(chart).collect();
        charts.sort_by_key(|chart| std::cmp::Reverse(chart.total));
        charts.insert(0, chart(("all", all)));
        charts
    }
}

/// Bars for counts, each in one cell; a day with anything is never empty.
#[must_use]
pub fn bars(counts: &[u64]) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = counts.iter().max().copied().unwrap_or(0).max(1);
    let bar = |count: &u64| match *count {
        0 => '·',
        count => STEPS[usize::try_from((count * 8).div_ceil(highest)).unwrap_or(8).clamp(1, 8) - 1],
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn item(number: u32, hours_ago: i64) -> Activity {
        Activity {
            id: format!("a{number}"),
            kind: "git.commit".into(),
            at: now() - TimeDelta::hours(hours_ago),
            workspace: Some(if number.is_multiple_of(3) { "shed" } else { "garden" }.into()),
            session_id: None,
            device: None,
            repository: None,
            branch: None,
            sha: None,
            subject: None,
            additions: None,
            deletions: None,
        }
    }

    fn git(hours: &[i64]) -> Git {
        let mut git = Git::default();
        let items = hours.iter().zip(0..).map(|(hours, number)| item(number, *hours)).collect();
        git.take(Page { items, next_cursor: None }, 5);
        git
    }

    #[test]
    fn days_have_heads_with_their_number_of_entries() {
        let git = git(&[1, 2, 30]);
        let rows = git.rows(Zone::utc(), 10);
        assert!(matches!(rows[0], Row::Day(_, 2)));
        assert!(matches!(rows[3], Row::Day(_, 1)));
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn charts_count_days_and_workspaces() {
        let charts = git(&[1, 2, 30, 24 * 50]).charts(Zone::utc(), now(), 3);
        assert_eq!(
            (charts[0].name.as_str(), charts[0].total, &charts[0].days[..]),
            ("all", 3, &[0, 1, 2][..])
        );
        assert_eq!((charts[1].name.as_str(), charts[1].total), ("garden", 2));
        assert_eq!(bars(&[0, 1, 100]), "·▁█");
    }

    proptest! {
        #[test]
        fn the_selected_entry_is_always_seen(
            hours in prop::collection::vec(0i64..200, 1..40), place in 0usize..60, height in 1usize..15,
        ) {
            let mut git = git(&hours);
            git.step(Motion::Rows(i64::try_from(place).unwrap()), height);
            let rows = git.rows(Zone::utc(), height);
            let index = git.cursor().index();
            prop_assert!(rows.len() <= height);
            prop_assert!(rows.iter().any(|row| matches!(row, Row::Entry(shown, _) if *shown == index)));
        }
    }
}
