//! The keys.

use crate::tui::key::KEYS;
use crate::tui::look::Tone;
use crate::tui::pen::Pen;
use crate::tui::text::wrap;

/// Cells of the keys.
const NAMES: u16 = 17;

/// Draws them from one of them on, where not all fit.
pub(super) fn draw(pen: &mut Pen<'_>, top: usize) {
    let columns = pen.columns();
    let cells = columns.saturating_sub(NAMES + 2);
    let lines: Vec<(&str, String)> = KEYS
        .iter()
        .flat_map(|(names, what)| {
            let parts = wrap(what, usize::from(cells)).into_iter();
            parts.enumerate().map(move |(number, part)| (if number == 0 { *names } else { "" }, part))
        })
        .collect();
    let rows = usize::from(pen.rows()).saturating_sub(1);
    let top = top.min(lines.len().saturating_sub(rows));
    let title = if lines.len() > rows { "Keys (↑ ↓: more)" } else { "Keys" };
    pen.put(1, 0, columns.saturating_sub(2), title, Tone::Strong);
    for (y, (names, what)) in (1..).zip(lines.iter().skip(top).take(rows)) {
        pen.put(1, y, NAMES, names, Tone::Accent);
        pen.put(NAMES + 1, y, cells, what, Tone::Plain);
    }
}
