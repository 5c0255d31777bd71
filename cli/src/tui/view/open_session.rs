//! The session that is open: its facts above, its events below.

use super::{event_list, faces};
use crate::tui::arrangement::fact_lines;
use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::open_session::OpenSession;
use crate::tui::pen::Pen;
use crate::tui::sessions::runs;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, open: &OpenSession) {
    let columns = pen.columns();
    let session = &open.session;
    let (state, tone) = if runs(session) { ("● running", Tone::Good) } else { ("ended", Tone::Faint) };
    pen.put(
        1,
        0,
        columns.saturating_sub(13),
        session.workspace.as_deref().unwrap_or("(no workspace)"),
        Tone::Strong,
    );
    pen.put_right(columns.saturating_sub(11), 0, 10, state, tone);
    let mut y = 1;
    for line in fact_lines(model) {
        pen.put(2, y, columns.saturating_sub(3), &line, Tone::Plain);
        y += 1;
    }
    pen.rule(y, "─");
    let text = match &open.trouble {
        Some(trouble) => (format!(" {}: r reads again ", trouble.word()), Tone::Alarm),
        None if open.asked && !open.events.is_empty() => (" reading older events… ".to_owned(), Tone::Faint),
        None => (format!(" {} ", event_list::state(&open.events)), Tone::Faint),
    };
    pen.put(2, y, columns.saturating_sub(3), &text.0, text.1);
    y += 1;
    let mut area = pen.area();
    (area.y, area.height) = (area.y + y, area.height.saturating_sub(y));
    let mut pen = pen.part(area);
    if open.events.is_empty() {
        return match &open.trouble {
            Some(trouble) => faces::trouble(&mut pen, model, trouble),
            None if open.asked => faces::waiting(&mut pen, "Reading its events…"),
            None => faces::waiting(&mut pen, "No events."),
        };
    }
    match open.events.selected().filter(|_| open.whole) {
        Some(event) => event_list::draw_whole(&mut pen, model, event),
        None => event_list::draw_rows(&mut pen, model, &open.events, false),
    }
}
