//! Keys as the screen understands them, and the one table that `?` and the manual show.

use super::text::wrap;

/// A key, whichever way the terminal told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Control.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Backspace.
    Backspace,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
    /// To the next tab.
    Tab,
    /// To the tab before.
    BackTab,
}

/// How a key moves in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// By rows.
    Rows(i64),
    /// By screens.
    Screens(i64),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl Key {
    /// The motion that this key means in a list.
    #[must_use]
    pub fn motion(self) -> Option<Motion> {
        Some(match self {
            Self::Up | Self::Char('k') | Self::Ctrl('p') => Motion::Rows(-1),
            Self::Down | Self::Char('j') | Self::Ctrl('n') => Motion::Rows(1),
            Self::PageUp | Self::Ctrl('b') => Motion::Screens(-1),
            Self::PageDown | Self::Char(' ') | Self::Ctrl('f') => Motion::Screens(1),
            Self::Home | Self::Char('g') => Motion::First,
            Self::End | Self::Char('G') => Motion::Last,
            _ => return None,
        })
    }
}

/// What the keys do: the keys, and their meaning.
pub const KEYS: &[(&str, &str)] = &[
    ("1 2 3 4, Tab", "sessions, live events, git, changes; the next one"),
    ("↑ ↓, k j", "one row"),
    ("PgUp PgDn, Space", "one screen"),
    ("Home End, g G", "first and last row; the last one follows what comes"),
    ("Enter", "open the session; show an event whole"),
    ("/", "filter the sessions: words in any order, Enter keeps, Esc clears"),
    ("r", "read again now"),
    ("c", "what changed between this version and the newest one"),
    ("f", "look for updates now"),
    ("s, S", "skip the newest version; take that back"),
    ("?", "these keys"),
    ("Esc", "back, and from the first screen out"),
    ("q, Ctrl-C", "leave"),
    ("Ctrl-Z", "pause; fg comes back"),
];

/// The table in lines: keys, and what they do in at most so many cells.
#[must_use]
pub fn key_lines(cells: usize) -> Vec<(&'static str, String)> {
    let lines = |(names, what): &(&'static str, &'static str)| {
        let names = std::iter::once(*names).chain(std::iter::repeat(""));
        names.zip(wrap(what, cells)).collect::<Vec<_>>()
    };
    KEYS.iter().flat_map(lines).collect()
}
