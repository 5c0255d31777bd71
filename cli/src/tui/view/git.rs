//! Git activity: bars by day for the busiest workspaces, and the list.

use contract::Activity;

use super::faces;
use crate::tui::arrangement::chart_rows;
use crate::tui::columns::{Column, Placed, place};
use crate::tui::event_line::{lines_changed, short_commit};
use crate::tui::git::{Row, bars};
use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::older::Older;
use crate::tui::pen::Pen;
use crate::tui::when;

/// Days of the chart, where there is room.
const MOST_DAYS: u16 = 30;
/// Cells of a workspace's name before its bars.
const NAME: u16 = 16;

#[derive(Clone, Copy)]
enum Shows {
    Time,
    Workspace,
    Kind,
    Commit,
    Branch,
    Subject,
    Lines,
}

const fn column(what: Shows, least: u16, most: u16, rank: u8, right: bool) -> Column<Shows> {
    Column { what, title: "", least, most, rank, right }
}

const COLUMNS: [Column<Shows>; 7] = [
    column(Shows::Time, 5, 5, 0, false),
    column(Shows::Workspace, 9, 20, 5, false),
    column(Shows::Kind, 8, 8, 6, false),
    column(Shows::Commit, 7, 7, 2, false),
    column(Shows::Branch, 7, 20, 3, false),
    column(Shows::Subject, 20, 200, 1, false),
    column(Shows::Lines, 9, 12, 4, true),
];

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model) {
    if model.git.items().is_empty() {
        return match (&model.sessions.trouble, &model.git.older) {
            (Some(trouble), _) => faces::trouble(pen, model, trouble),
            (None, Older::Unknown) => faces::waiting(pen, "Reading git activity…"),
            (None, _) => faces::empty(
                pen,
                "No git activity yet.",
                &["remote-agent hook git install --global   tells of every commit, push, checkout and merge"],
            ),
        };
    }
    let chart = chart_rows(pen.rows());
    draw_chart(pen, model, chart);
    let mut area = pen.area();
    (area.y, area.height) = (area.y + chart + 1, area.height.saturating_sub(chart + 1));
    let mut pen = pen.part(area);
    let columns = place(&COLUMNS, 1, pen.columns().saturating_sub(2));
    let rows = model.git.rows(model.zone, usize::from(pen.rows()));
    for (y, entry) in (0..).zip(rows) {
        match entry {
            Row::Day(day, count) => {
                let text = format!("{}  {count}", day.format("%a %Y-%m-%d"));
                pen.put(1, y, 40, &text, Tone::Strong);
            }
            Row::Entry(index, activity) => {
                row(&mut pen, y, model, activity, &columns);
                if index == model.git.cursor().index() {
                    pen.style_row(y, pen.look.selected());
                }
            }
        }
    }
}

/// One row for all together, then the busiest workspaces, then a line of what is seen.
fn draw_chart(pen: &mut Pen<'_>, model: &Model, rows: u16) {
    let columns = pen.columns();
    let name = NAME.min(columns / 3);
    let days = MOST_DAYS.min(columns.saturating_sub(name + 10));
    let charts = model.git.charts(model.zone, model.now, usize::from(days));
    for (y, chart) in (0..rows).zip(&charts) {
        let tone = if y == 0 { Tone::Strong } else { Tone::Plain };
        pen.put(1, y, name, &chart.name, tone);
        pen.put(name + 2, y, days, &bars(&chart.days), Tone::Accent);
        pen.put_right(name + days + 3, y, 5, &when::amount(chart.total), tone);
    }
    pen.rule(rows, "─");
    let others = charts.len().saturating_sub(usize::from(rows));
    let more = if others > 0 { format!(", {others} more workspaces") } else { String::new() };
    pen.put(2, rows, columns.saturating_sub(4), &format!(" the last {days} days{more} "), Tone::Faint);
}

fn row(pen: &mut Pen<'_>, y: u16, model: &Model, activity: &Activity, columns: &[Placed<Shows>]) {
    for placed in columns {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (text, tone) = match placed.column.what {
            Shows::Time => (model.zone.at(activity.at).format("%H:%M").to_string(), Tone::Faint),
            Shows::Workspace => (text(&activity.workspace), Tone::Plain),
            Shows::Kind => (activity.kind.trim_start_matches("git.").to_owned(), Tone::Accent),
            Shows::Commit => (activity.sha.as_deref().map(short_commit).unwrap_or_default(), Tone::Plain),
            Shows::Branch => (text(&activity.branch), Tone::Plain),
            Shows::Subject => (text(&activity.subject), Tone::Plain),
            Shows::Lines => (lines_changed(activity.additions, activity.deletions), Tone::Plain),
        };
        if placed.column.right {
            pen.put_right(placed.x, y, placed.cells, &text, tone);
        } else {
            pen.put(placed.x, y, placed.cells, &text, tone);
        }
    }
}
