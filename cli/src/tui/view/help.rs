//! The keys.

use crate::tui::arrangement::KEY_NAMES;
use crate::tui::key::key_lines;
use crate::tui::look::Tone;
use crate::tui::pen::Pen;

/// Draws them from one line on, where not all fit.
pub(super) fn draw(pen: &mut Pen<'_>, top: usize) {
    let columns = pen.columns();
    let cells = columns.saturating_sub(KEY_NAMES + 2);
    let lines = key_lines(usize::from(cells));
    let rows = usize::from(pen.rows()).saturating_sub(1);
    let title = if lines.len() > rows { "Keys (↑ ↓: more)" } else { "Keys" };
    pen.put(1, 0, columns.saturating_sub(2), title, Tone::Strong);
    for (y, (names, what)) in (1..).zip(lines.iter().skip(top).take(rows)) {
        pen.put(1, y, KEY_NAMES, names, Tone::Accent);
        pen.put(KEY_NAMES + 1, y, cells, what, Tone::Plain);
    }
}
