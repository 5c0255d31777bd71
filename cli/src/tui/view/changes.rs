//! What changed between the running version and the newest one.

use contract::{ErrorCode, Status, VersionState};

use super::faces;
use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::notes::NoteKind;
use crate::tui::pen::Pen;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model) {
    let changes = &model.changes;
    if !model.update_check {
        return faces::empty(
            pen,
            "Updates are switched off here.",
            &["Unset REMOTE_AGENT_DISABLE_UPDATE_CHECK, or disable_update_check in config.toml."],
        );
    }
    if let Some(trouble) = changes.trouble.as_ref().filter(|_| !changes.known) {
        return match nothing_known(model.server.version.as_ref()) {
            Some(lines) => faces::empty(pen, "What changed is not known.", &[lines]),
            None => faces::trouble(pen, model, trouble),
        };
    }
    if !changes.known {
        return faces::waiting(pen, "Reading what changed…");
    }
    let columns = pen.columns();
    pen.put(1, 0, columns.saturating_sub(2), &changes.title, Tone::Accent);
    let rows = usize::from(pen.rows()).saturating_sub(1);
    for (y, line) in (1..).zip(changes.lines().iter().skip(changes.top()).take(rows)) {
        let tone = match line.kind {
            NoteKind::Version => Tone::Strong,
            NoteKind::Heading => Tone::Accent,
            NoteKind::Code | NoteKind::Aside => Tone::Faint,
            NoteKind::Warning => Tone::Alarm,
            NoteKind::Text => Tone::Plain,
        };
        let x = 1 + u16::try_from(line.indent).unwrap_or(0);
        let room = columns.saturating_sub(x + 1);
        let taken = pen.put(x, y, room, line.mark, Tone::Faint);
        pen.put(x + taken, y, room.saturating_sub(taken), &line.text, tone);
    }
    position(pen, model, rows);
}

/// Where in the text somebody is, at the right of the title.
fn position(pen: &mut Pen<'_>, model: &Model, rows: usize) {
    let changes = &model.changes;
    let total = changes.lines().len();
    let more = if changes.next_page.is_some() { "+" } else { "" };
    if total > rows {
        let text = format!(" {}/{total}{more}", (changes.top() + rows).min(total));
        let columns = pen.columns();
        pen.put_right(columns.saturating_sub(13), 0, 12, &text, Tone::Faint);
    }
}

/// Why nothing is known of updates, where the server itself says it.
fn nothing_known(state: Option<&VersionState>) -> Option<&'static str> {
    let state = state?;
    let code = state.error.as_ref().map(|error| error.code);
    match (state.status, code) {
        (Status::Disabled, _) => {
            Some("The watcher's checks are switched off (SIDEWATCH_DISABLE_UPDATE_CHECK).")
        }
        (_, Some(ErrorCode::WatcherUnavailable)) => {
            Some("The server has no watcher, or cannot reach it: see WATCHER_URL in its .env. r reads again.")
        }
        (Status::Unknown, _) => Some("The watcher has not learnt of any release yet. f looks now."),
        _ => None,
    }
}
