//! What stands around every tab: the names of the tabs, the line of hints, the status bar.

use contract::{CheckStatus, Health, HealthStatus};

use crate::tui::event_line::short_commit;
use crate::tui::look::Tone;
use crate::tui::message::Decision;
use crate::tui::model::{Model, Tab};
use crate::tui::pen::Pen;
use crate::tui::text::{safe, width};
use crate::tui::update_words::{Said, indicator};
use crate::tui::when;

/// Shorter than this and the names of the tabs are cut.
const NARROW: u16 = 60;

/// Draws the names of the tabs, and the update indicator at the right.
pub(super) fn tabs(pen: &mut Pen<'_>, model: &Model) {
    let columns = pen.columns();
    let said = updates(model);
    let mut x = 0;
    for (number, tab) in (1..).zip(Tab::ALL) {
        let name = if columns < NARROW && tab != model.tab { "" } else { tab.name() };
        let label = format!(" {number} {name} ").replace("  ", " ");
        let cells = u16::try_from(width(&label)).unwrap_or(0);
        if tab == model.tab {
            pen.put(x, 0, cells, &label, Tone::Strong);
            let look = pen.look;
            let mut area = pen.area();
            area.x += x;
            area.width = cells.min(area.width.saturating_sub(x));
            pen.part(area).style_row(0, look.selected());
        } else {
            pen.put(x, 0, cells, &label, Tone::Plain);
        }
        x += cells;
    }
    let room = columns.saturating_sub(x + 2);
    pen.put_right(columns - room.min(columns), 0, room.saturating_sub(1), &said.text, said.tone);
}

/// Draws the question that waits, the filter that is being typed, what was said last, or the keys that matter here.
pub(super) fn hint(pen: &mut Pen<'_>, model: &Model) {
    let columns = pen.columns().saturating_sub(2);
    let (text, tone) = if let Some(decision) = &model.question {
        (question(decision), Tone::Notice)
    } else if model.sessions.typing {
        (format!("/{}▏", model.sessions.filter()), Tone::Strong)
    } else if let Some(said) = &model.notice {
        (said.text.clone(), said.tone)
    } else {
        (keys_here(model, usize::from(columns)), Tone::Faint)
    };
    pen.put(1, 0, columns, &text, tone);
}

fn question(decision: &Decision) -> String {
    match decision {
        Decision::Skip(version) => {
            let version = short_commit(version);
            format!("Skip {version}? y: yes, any other key: no (for everybody, until there is a newer one)")
        }
        Decision::Unskip => "Take the skip back? y: yes, any other key: no".to_owned(),
    }
}

/// As many keys as fit, the most useful first; the one that shows all of them is always there.
fn keys_here(model: &Model, cells: usize) -> String {
    let keys: &[&str] = match (model.help, model.tab, &model.open) {
        (Some(_), ..) => return "any key: back".to_owned(),
        (None, Tab::Sessions, Some(open)) if open.whole => &["Esc: back to the events", "↑ ↓: another event"],
        (None, Tab::Sessions, Some(_)) => &["Esc: back", "Enter: event whole", "G: follow"],
        (None, Tab::Sessions, None) => &["Enter: open", "/: filter", "q: leave", "Tab: next view"],
        (None, Tab::Live, _) => &["Enter: event whole", "G: follow", "Esc: sessions", "q: leave"],
        (None, Tab::Git, _) => &["Enter: its session", "q: leave", "Tab: next view"],
        (None, Tab::Changes, _) => &["s: skip", "f: look now", "S: take back", "q: leave"],
    };
    let first =
        |kept: usize| keys[..kept].iter().map(|key| format!("{key}   ")).collect::<String>() + "?: keys";
    (0..=keys.len()).rev().map(first).find(|shown| width(shown) <= cells).unwrap_or_default()
}

/// Draws the status bar. What does not fit goes, the least important first.
pub(super) fn status(pen: &mut Pen<'_>, model: &Model) {
    let mut parts = status_parts(model);
    let lines = loop {
        let lines = broken(&parts, pen.columns().saturating_sub(2));
        let least = parts.iter().map(|part| part.rank).max().unwrap_or(0);
        if lines.len() <= usize::from(pen.rows()) || least == 0 {
            break lines;
        }
        parts.retain(|part| part.rank != least);
    };
    for (y, line) in (0..).zip(lines) {
        let mut x = 1;
        for (place, part) in line.iter().enumerate() {
            if place > 0 {
                x += pen.put(x, y, 3, " · ", Tone::Faint);
            }
            let room = pen.columns().saturating_sub(x);
            x += pen.put(x, y, room, &part.said.text, part.said.tone);
        }
    }
}

/// A part of the status bar; those with a high rank go first where there is no room.
struct Part {
    rank: u8,
    said: Said,
}

fn broken(parts: &[Part], cells: u16) -> Vec<Vec<&Part>> {
    let mut lines: Vec<Vec<&Part>> = vec![Vec::new()];
    let mut used = 0;
    for part in parts {
        let own = width(&safe(&part.said.text));
        let gap = if used == 0 { 0 } else { 3 };
        if used > 0 && used + gap + own > usize::from(cells) {
            lines.push(Vec::new());
            used = 0;
        }
        used += own + if used == 0 { 0 } else { gap };
        if let Some(line) = lines.last_mut() {
            line.push(part);
        }
    }
    lines
}

fn status_parts(model: &Model) -> Vec<Part> {
    let part = |rank, said| Part { rank, said };
    let plain = |text: String| Said::new(Tone::Plain, text);
    let server = &model.server;
    let bare = server.address.trim_start_matches("http://").to_owned();
    let mut parts = vec![part(0, health(model)), part(2, plain(bare))];
    if let Some(health) = &server.health {
        parts.push(part(1, plain(format!("server {}", build(&health.version, &health.commit)))));
    }
    parts.push(part(3, plain(format!("client {}", build(model.stamp.version, model.stamp.commit)))));
    if let Some(waiting) = &model.waiting {
        parts.push(part(1, Said::new(Tone::Notice, waiting.clone())));
    }
    // It stands above as well.
    parts.push(part(4, updates(model)));
    parts
}

/// A version, or the commit where there is none.
fn build(version: &str, commit: &str) -> String {
    if version == "dev" { format!("dev {}", short_commit(commit)) } else { short_commit(version) }
}

fn updates(model: &Model) -> Said {
    let server = &model.server;
    match (&server.version, &server.version_trouble) {
        _ if !model.update_check => Said::new(Tone::Faint, "updates switched off"),
        (None, Some(_)) => Said::new(Tone::Notice, "? update unknown"),
        (None, None) => Said::new(Tone::Faint, "? asking for updates"),
        (Some(state), trouble) => {
            let said = indicator(state, model.now);
            // What was heard before the server went away is told as such.
            if trouble.is_none() && server.trouble.is_none() {
                said
            } else if said.text.starts_with('?') {
                Said::new(Tone::Notice, "? update unknown")
            } else {
                Said::new(Tone::Notice, format!("? last heard: {}", said.text))
            }
        }
    }
}

fn health(model: &Model) -> Said {
    let server = &model.server;
    let since = server
        .since
        .map(|since| format!(" since {}", model.zone.at(since).format("%H:%M")))
        .unwrap_or_default();
    match (&server.trouble, &server.health) {
        (Some(trouble), _) => Said::new(Tone::Alarm, format!("× {}{since}", trouble.word())),
        (None, None) => Said::new(Tone::Faint, "○ asking"),
        (None, Some(health)) => match (health.status, model.lists_trouble()) {
            (HealthStatus::Ok, Some(trouble)) => {
                Said::new(Tone::Notice, format!("● ok, but {}", trouble.word()))
            }
            (HealthStatus::Ok, None) => Said::new(Tone::Good, "● ok"),
            (HealthStatus::Degraded, _) => Said::new(Tone::Notice, format!("▲ degraded: {}", wrong(health))),
            (HealthStatus::Migrating, _) => Said::new(Tone::Notice, format!("○ migrating{since}")),
            (HealthStatus::Down, _) => Said::new(Tone::Alarm, format!("× down{since}: {}", wrong(health))),
        },
    }
}

/// The parts of the server that are not as they should be.
fn wrong(health: &Health) -> String {
    let fine = [CheckStatus::Ok, CheckStatus::Off];
    let mut names: Vec<String> = health
        .checks
        .iter()
        .filter(|(_, check)| !fine.contains(&check.status))
        .map(|(name, _)| name.clone())
        .collect();
    let dead: u64 = health.checks.values().filter_map(|check| check.dead_letters).sum();
    if dead > 0 {
        names.push(when::counted(dead, "dead letter"));
    }
    if names.is_empty() { "see remote-agent status".to_owned() } else { names.join(", ") }
}
