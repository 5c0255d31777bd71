//! Events in rows, and one of them whole: of all sessions as they come, or of the one that is open.

use serde_json::Value;

use super::faces;
use crate::tui::event_line::EventLine;
use crate::tui::events::Events;
use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::pen::Pen;
use crate::tui::text::{safe, wrap};

/// Draws the events of all sessions.
pub(super) fn draw_live(pen: &mut Pen<'_>, model: &Model) {
    if model.live.is_empty() {
        return match &model.sessions.trouble {
            Some(trouble) => faces::trouble(pen, model, trouble),
            None => faces::empty(
                pen,
                "Nothing happened lately.",
                &["Events appear here within two seconds of their coming to the server."],
            ),
        };
    }
    let columns = pen.columns();
    let text = match &model.sessions.trouble {
        Some(trouble) => (format!("{}: nothing new is seen", trouble.word()), Tone::Alarm),
        None => (state(&model.live), Tone::Faint),
    };
    pen.put(1, 0, columns.saturating_sub(2), &text.0, text.1);
    let mut area = pen.area();
    (area.y, area.height) = (area.y + 1, area.height.saturating_sub(1));
    let mut pen = pen.part(area);
    match model.live.selected().filter(|_| model.live_whole) {
        Some(event) => draw_whole(&mut pen, model, event),
        None => draw_rows(&mut pen, model, &model.live, true),
    }
}

/// Whether the list follows, in words.
pub(super) fn state(events: &Events) -> String {
    if events.following() {
        "following: new events appear at the end".to_owned()
    } else {
        format!("event {} of {}; G follows again", events.cursor().index() + 1, events.len())
    }
}

/// Draws the rows that are in sight.
pub(super) fn draw_rows(pen: &mut Pen<'_>, model: &Model, events: &Events, with_workspace: bool) {
    let rows = usize::from(pen.rows());
    let columns = pen.columns();
    let kind_cells = if columns < 60 { 12 } else { 18 };
    let workspace_cells = if with_workspace && columns >= 60 { (columns / 7).min(20) } else { 0 };
    let top = events.cursor().top();
    let today = model.zone.at(model.now).date();
    for (y, index) in (0..).zip(top..events.len().min(top + rows)) {
        let Some(event) = events.get(index) else { break };
        let at = model.zone.at(event.at);
        let format = if at.date() == today { "%H:%M:%S" } else { "%m-%d %H:%M" };
        let mut x = 1;
        let time_cells = if columns < 60 { 8 } else { 11 };
        pen.put_right(x, y, time_cells, &at.format(format).to_string(), Tone::Faint);
        x += time_cells + 2;
        if workspace_cells > 0 {
            pen.put(x, y, workspace_cells, event.workspace.as_deref().unwrap_or("–"), Tone::Plain);
            x += workspace_cells + 2;
        }
        pen.put(x, y, kind_cells, &event.kind, tone_of(&event.kind));
        x += kind_cells + 2;
        pen.put(x, y, columns.saturating_sub(x + 1), &event.summary, Tone::Plain);
        if index == events.cursor().index() {
            pen.style_row(y, pen.look.selected());
        }
    }
}

fn tone_of(kind: &str) -> Tone {
    match kind {
        _ if kind.starts_with("git.") => Tone::Accent,
        "session.start" | "session.end" => Tone::Good,
        "session.prompt" => Tone::Strong,
        _ => Tone::Plain,
    }
}

/// Draws one event with all that is kept of its data.
pub(super) fn draw_whole(pen: &mut Pen<'_>, model: &Model, event: &EventLine) {
    let cells = pen.columns().saturating_sub(4);
    let head = format!("{}  {}", event.kind, model.zone.at(event.at).format("%Y-%m-%d %H:%M:%S"));
    pen.put(1, 0, pen.columns().saturating_sub(2), &head, Tone::Strong);
    let mut y = 1;
    let named = [("workspace", &event.workspace), ("session", &event.session_id)];
    for (label, name) in named.into_iter().filter_map(|(label, name)| Some((label, name.as_deref()?))) {
        pen.put(2, y, cells, &format!("{label} {name}"), Tone::Faint);
        y += 1;
    }
    let data = serde_json::from_str::<Value>(&event.data)
        .ok()
        .and_then(|data| serde_json::to_string_pretty(&data).ok())
        .unwrap_or_else(|| event.data.clone());
    let shown = if data.is_empty() || data == "null" { event.summary.clone() } else { data };
    for line in shown.lines() {
        let indent = line.len() - line.trim_start().len();
        for part in wrap(&safe(line.trim_start()), usize::from(cells).saturating_sub(indent)) {
            if y >= pen.rows() {
                return;
            }
            pen.put(2 + u16::try_from(indent).unwrap_or(0), y, cells, &part, Tone::Plain);
            y += 1;
        }
    }
}
