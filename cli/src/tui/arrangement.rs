//! Which part of the window shows what. The model moves by these heights, the view draws by them.

use ratatui::layout::Rect;

use super::key::key_lines;
use super::model::{Model, SMALLEST, Tab};
use super::text::flow;

/// Rows of the chart of git activity, with its scale.
const MOST_CHART_ROWS: u16 = 6;

/// Cells of the keys' names in the help.
pub const KEY_NAMES: u16 = 17;

/// The parts of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Names of the tabs.
    pub tabs: Rect,
    /// What the tab shows.
    pub body: Rect,
    /// Hints, questions, and what was said last.
    pub hint: Rect,
    /// The status bar.
    pub status: Rect,
}

impl Arrangement {
    /// The parts of a window of this size, if it is large enough.
    #[must_use]
    pub fn of(size: (u16, u16)) -> Option<Self> {
        let (columns, rows) = size;
        if columns < SMALLEST.0 || rows < SMALLEST.1 {
            return None;
        }
        let status = if columns < 80 && rows >= 12 { 2 } else { 1 };
        let part = |y: u16, height: u16| Rect::new(0, y, columns, height);
        let body = rows - status - 2;
        Some(Self {
            tabs: part(0, 1),
            body: part(1, body),
            hint: part(1 + body, 1),
            status: part(2 + body, status),
        })
    }
}

/// Rows of the list that the current tab shows.
#[must_use]
pub fn list_height(model: &Model) -> usize {
    let Some(arrangement) = Arrangement::of(model.size) else { return 1 };
    let body = arrangement.body.height;
    let head = match model.tab {
        Tab::Sessions if model.open.is_some() => fact_lines(model).len() as u16 + 2,
        Tab::Sessions | Tab::Live | Tab::Changes => 1,
        Tab::Git => chart_rows(body) + 1,
    };
    usize::from(body.saturating_sub(head).max(1))
}

/// The last line of the help that can be the first one seen.
#[must_use]
pub fn help_bottom(size: (u16, u16)) -> usize {
    let rows = Arrangement::of(size).map_or(1, |arrangement| arrangement.body.height.saturating_sub(1));
    key_lines(usize::from(size.0.saturating_sub(KEY_NAMES + 2))).len().saturating_sub(usize::from(rows))
}

/// Rows of the chart of git activity in a body of this height.
#[must_use]
pub fn chart_rows(body: u16) -> u16 {
    (body / 4).clamp(1, MOST_CHART_ROWS)
}

/// The facts of the open session, in as many lines as they need and the window can spare.
#[must_use]
pub fn fact_lines(model: &Model) -> Vec<String> {
    let (Some(open), Some(arrangement)) = (&model.open, Arrangement::of(model.size)) else {
        return Vec::new();
    };
    let cells = usize::from(model.size.0).saturating_sub(4);
    let facts = open.facts(model.now, model.zone);
    let mut lines: Vec<String> = facts.iter().flat_map(|parts| flow(parts, " · ", cells)).collect();
    lines.truncate(usize::from(arrangement.body.height / 2).saturating_sub(1));
    lines
}
