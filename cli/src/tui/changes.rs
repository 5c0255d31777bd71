//! What changed between the running version and the newest one: the joined notes, in lines.

use contract::{ChangeEntry, Changelog};

use super::event_line::short_commit;
use super::key::Motion;
use super::notes::{self, NoteKind, NoteLine};
use super::trouble::Trouble;
use super::when::Zone;

/// Most lines that are kept here.
const MOST: usize = 20_000;

/// The view.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    notes: Vec<NoteLine>,
    /// The notes, broken for the window.
    lines: Vec<NoteLine>,
    cells: usize,
    top: usize,
    /// Whether a page was asked for and has not come.
    pub asked: bool,
    /// Whether anything came.
    pub known: bool,
    /// The page that comes next.
    pub next_page: Option<u64>,
    /// What it is about, such as `1.2.0 → 1.3.0, 2 entries`.
    pub title: String,
    /// Why there is nothing.
    pub trouble: Option<Trouble>,
}

impl Changes {
    /// Lines as they are shown.
    #[must_use]
    pub fn lines(&self) -> &[NoteLine] {
        &self.lines
    }

    /// The first line that is seen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// Forgets everything, so that it is asked for again.
    pub fn forget(&mut self) {
        *self = Self { cells: self.cells, ..Self::default() };
    }

    /// Takes a page in.
    pub fn take(&mut self, page: &Changelog, zone: Zone) {
        self.asked = false;
        self.known = true;
        self.trouble = None;
        if page.page <= 1 {
            self.notes.clear();
            self.top = 0;
            self.title = title(page);
        }
        for entry in &page.entries {
            self.push_entry(entry, zone);
        }
        self.next_page = page
            .next_page
            .filter(|next| *next > page.page && !page.entries.is_empty() && self.notes.len() < MOST);
        if self.next_page.is_none() {
            self.push_end(page);
        }
        let cells = self.cells;
        self.wrap(cells);
    }

    /// Breaks the lines for this width.
    fn wrap(&mut self, cells: usize) {
        self.cells = cells;
        self.lines = self.notes.iter().flat_map(|line| line.wrapped(cells)).collect();
    }

    /// Breaks the lines for this width if it is another one than before.
    pub fn fit(&mut self, cells: usize) {
        if self.cells != cells {
            self.wrap(cells);
        }
    }

    /// Moves what is seen.
    pub fn step(&mut self, motion: Motion, height: usize) {
        let last = self.lines.len().saturating_sub(height);
        self.top = match motion {
            Motion::Rows(rows) => super::cursor::moved(self.top, rows, 1),
            Motion::Screens(screens) => {
                super::cursor::moved(self.top, screens, height.saturating_sub(1).max(1))
            }
            Motion::First => 0,
            Motion::Last => last,
        }
        .min(last);
    }

    /// Keeps what is seen within the lines.
    pub fn settle(&mut self, height: usize) {
        self.top = self.top.min(self.lines.len().saturating_sub(height));
    }

    /// The page to ask for, if the end of what was read is near.
    pub fn wants_page(&mut self, height: usize) -> Option<u64> {
        let near_end = self.top + 2 * height >= self.lines.len();
        let page = if self.known { self.next_page } else { Some(1) };
        if self.asked || self.trouble.is_some() || !near_end {
            return None;
        }
        self.asked = page.is_some();
        page
    }

    fn push_entry(&mut self, entry: &ChangeEntry, zone: Zone) {
        let mut head = short_commit(&entry.version);
        if entry.title.trim_start_matches('v') != entry.version && !entry.title.is_empty() {
            head = format!("{head}  {}", entry.title);
        }
        if let Some(at) = entry.published_at {
            head = format!("{head}  ({})", zone.at(at).format("%Y-%m-%d"));
        }
        let marks = [(entry.security, "! security fix"), (entry.breaking, "! breaking change")];
        self.notes.push(NoteLine::new(NoteKind::Version, 0, &head));
        for (_, text) in marks.iter().filter(|(marked, _)| *marked) {
            self.notes.push(NoteLine::new(NoteKind::Warning, 2, text));
        }
        let mut notes = notes::lines(entry.notes.as_deref().unwrap_or_default());
        for line in &mut notes {
            line.indent += 2;
        }
        self.notes.append(&mut notes);
        if entry.truncated {
            let rest = entry.url.as_deref().unwrap_or("its page");
            self.notes.push(NoteLine::new(NoteKind::Aside, 2, &format!("The rest of these notes: {rest}")));
        }
        self.notes.push(NoteLine::new(NoteKind::Text, 0, ""));
    }

    fn push_end(&mut self, page: &Changelog) {
        if page.total == 0 {
            self.notes.push(NoteLine::new(
                NoteKind::Aside,
                0,
                "Nothing is newer than what runs, as far as is known.",
            ));
        }
        if let Some(url) = &page.url {
            let text = if page.complete { "On the web:" } else { "Upstream has more than is known here:" };
            self.notes.push(NoteLine::new(NoteKind::Aside, 0, &format!("{text} {url}")));
        }
    }
}

fn title(page: &Changelog) -> String {
    let name = |version: &Option<String>| version.as_deref().map_or_else(|| "?".to_owned(), short_commit);
    let mut title = format!("{} › {}", name(&page.from), name(&page.to));
    if page.total > 0 {
        let noun = if page.total == 1 { "entry" } else { "entries" };
        title = format!("{title}, {} {noun}", page.total);
    }
    let marks = [(page.security, "with a security fix"), (page.breaking, "with a breaking change")];
    for (_, text) in marks.iter().filter(|(marked, _)| *marked) {
        title = format!("{title}, {text}");
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, next_page: Option<u64>, entries: usize) -> Changelog {
        let entry = serde_json::json!({
            "kind": "release", "version": "1.3.0", "title": "v1.3.0", "url": null, "publishedAt": null,
            "prerelease": false, "severity": "minor", "breaking": true, "security": false,
            "notes": "- one\n- two", "notesHtml": null, "truncated": false, "groups": [],
        });
        serde_json::from_value(serde_json::json!({
            "name": "x", "from": "1.2.0", "to": "1.3.0", "total": 3, "page": number, "limit": 1,
            "nextPage": next_page, "breaking": true, "security": false, "complete": true, "url": null,
            "entries": vec![entry; entries],
        }))
        .unwrap()
    }

    #[test]
    fn pages_follow_each_other_as_somebody_scrolls() {
        let mut changes = Changes::default();
        changes.wrap(40);
        assert_eq!(changes.wants_page(5), Some(1));
        assert_eq!(changes.wants_page(5), None, "it was asked for");
        changes.take(&page(1, Some(2), 9), Zone::utc());
        assert_eq!(changes.wants_page(5), None, "the end is far");
        changes.step(Motion::Last, 5);
        assert_eq!(changes.wants_page(5), Some(2));
        let before = changes.lines().len();
        changes.take(&page(2, None, 1), Zone::utc());
        assert!(changes.lines().len() > before && changes.next_page.is_none());
        assert_eq!(changes.title, "1.2.0 › 1.3.0, 3 entries, with a breaking change");
    }
}
