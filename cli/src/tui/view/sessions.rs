//! The list of sessions.

use contract::Session;

use super::faces;
use crate::tui::columns::{Column, Placed, place};
use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::older::Older;
use crate::tui::open_session::taken;
use crate::tui::pen::Pen;
use crate::tui::sessions::runs;
use crate::tui::when;

#[derive(Clone, Copy)]
enum Shows {
    Workspace,
    Model,
    Device,
    Started,
    Took,
    Prompts,
    Tools,
    Commits,
    Tokens,
    Cost,
    Id,
}

const fn column(
    what: Shows,
    title: &'static str,
    least: u16,
    most: u16,
    rank: u8,
    right: bool,
) -> Column<Shows> {
    Column { what, title, least, most, rank, right }
}

const COLUMNS: [Column<Shows>; 11] = [
    column(Shows::Workspace, "Workspace", 10, 24, 0, false),
    column(Shows::Model, "Model", 10, 24, 4, false),
    column(Shows::Started, "Started", 7, 7, 1, true),
    column(Shows::Took, "Took", 8, 8, 2, true),
    column(Shows::Prompts, "Prompt", 6, 6, 5, true),
    column(Shows::Tools, "Tool", 5, 5, 6, true),
    column(Shows::Commits, "Commit", 6, 6, 7, true),
    column(Shows::Tokens, "Token", 5, 6, 8, true),
    column(Shows::Cost, "Cost", 7, 8, 3, true),
    column(Shows::Device, "Device", 8, 16, 9, false),
    column(Shows::Id, "Session", 12, 38, 10, false),
];

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model) {
    let list = &model.sessions;
    if list.all().is_empty() {
        return match (&list.trouble, &list.older) {
            (Some(trouble), _) => faces::trouble(pen, model, trouble),
            (None, Older::Unknown) => faces::waiting(pen, "Reading the sessions…"),
            (None, _) => faces::empty(
                pen,
                "No sessions yet.",
                &[
                    "remote-agent hook claude-code install           tells of sessions from now on",
                    "remote-agent hook git install --global          tells of commits",
                    "remote-agent emit session.start --session one   tries it out",
                ],
            ),
        };
    }
    let columns = place(&COLUMNS, 3, pen.columns().saturating_sub(4));
    head(pen, model, &columns);
    if list.shown() == 0 {
        let mut area = pen.area();
        (area.y, area.height) = (area.y + 1, area.height.saturating_sub(1));
        let text = if matches!(list.older, Older::None) {
            "No session passes the filter."
        } else {
            "Reading older sessions…"
        };
        return faces::empty(&mut pen.part(area), text, &["Esc clears the filter."]);
    }
    let rows = usize::from(pen.rows()).saturating_sub(1);
    for (y, index) in (1..).zip(list.cursor().top()..list.shown().min(list.cursor().top() + rows)) {
        if let Some(session) = list.row(index) {
            row(pen, y, model, session, &columns);
        }
        if index == list.cursor().index() {
            pen.style_row(y, pen.look.selected());
        }
    }
}

fn head(pen: &mut Pen<'_>, model: &Model, columns: &[Placed<Shows>]) {
    let list = &model.sessions;
    if let Some(trouble) = &list.trouble {
        let again =
            trouble.again.map(|again| format!("; again at {}", model.zone.time(again))).unwrap_or_default();
        let text = format!("{}: this is what was read before{again}", trouble.word());
        pen.put(1, 0, pen.columns().saturating_sub(2), &text, Tone::Alarm);
        return;
    }
    if !list.filter().is_empty() || list.typing {
        let more = if matches!(list.older, Older::None) { "" } else { ", older ones are not read yet" };
        let text =
            format!("{} of {} sessions match “{}”{more}", list.shown(), list.all().len(), list.filter());
        pen.put(1, 0, pen.columns().saturating_sub(2), &text, Tone::Accent);
        return;
    }
    for placed in columns {
        cell(pen, 0, placed, placed.column.title, Tone::Faint);
    }
}

fn row(pen: &mut Pen<'_>, y: u16, model: &Model, session: &Session, columns: &[Placed<Shows>]) {
    if runs(session) {
        pen.put(1, y, 1, "●", Tone::Good);
    }
    for placed in columns {
        let (text, tone) = shown(placed.column.what, session, model);
        cell(pen, y, placed, &text, tone);
    }
}

fn cell(pen: &mut Pen<'_>, y: u16, placed: &Placed<Shows>, text: &str, tone: Tone) {
    if placed.column.right {
        pen.put_right(placed.x, y, placed.cells, text, tone);
    } else {
        pen.put(placed.x, y, placed.cells, text, tone);
    }
}

fn shown(what: Shows, session: &Session, model: &Model) -> (String, Tone) {
    let name = |name: &Option<String>| match name {
        Some(name) => (name.clone(), Tone::Plain),
        None => ("–".to_owned(), Tone::Faint),
    };
    let count = |number: u64| match number {
        0 => ("·".to_owned(), Tone::Faint),
        number => (when::amount(number), Tone::Plain),
    };
    let plain = |text: String| (text, Tone::Plain);
    match what {
        Shows::Workspace => name(&session.workspace),
        Shows::Model => name(&session.model),
        Shows::Device => name(&session.device),
        Shows::Started => plain(when::ago(model.now, session.started_at.unwrap_or(session.first_event_at))),
        Shows::Took => plain(when::span(taken(session, model.now))),
        Shows::Prompts => count(session.prompts),
        Shows::Tools => count(session.tool_uses),
        Shows::Commits => count(session.commits),
        Shows::Tokens => count(session.input_tokens.saturating_add(session.output_tokens)),
        Shows::Cost => match when::dollars(session.cost_usd) {
            none if none.is_empty() => ("·".to_owned(), Tone::Faint),
            cost => plain(cost),
        },
        Shows::Id => (session.id.clone(), Tone::Faint),
    }
}
