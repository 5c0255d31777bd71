//! What stands where a list would, when there is nothing in it.

use crate::tui::look::Tone;
use crate::tui::model::Model;
use crate::tui::pen::Pen;
use crate::tui::text::{safe, wrap};
use crate::tui::trouble::Trouble;

/// Draws a few sentences in the upper third.
pub(super) fn draw(pen: &mut Pen<'_>, lines: &[(Tone, String)]) {
    let cells = pen.columns().saturating_sub(6).clamp(10, 76);
    let wrapped: Vec<(Tone, String)> = lines
        .iter()
        .flat_map(|(tone, line)| wrap(&safe(line), usize::from(cells)).into_iter().map(|part| (*tone, part)))
        .collect();
    let taken = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
    let top = pen.rows().saturating_sub(taken) / 3;
    for (y, (tone, line)) in (top..).zip(&wrapped) {
        pen.put(3, y, cells, line, *tone);
    }
}

/// Why there is nothing, and what to do.
pub(super) fn trouble(pen: &mut Pen<'_>, model: &Model, trouble: &Trouble) {
    let mut lines = vec![(Tone::Alarm, capitalised(&trouble.text)), (Tone::Plain, String::new())];
    lines.extend(trouble.advice().iter().map(|line| (Tone::Plain, (*line).to_owned())));
    if let Some(again) = trouble.again {
        lines.push((Tone::Plain, String::new()));
        lines.push((
            Tone::Faint,
            format!("Tried again by itself at {}; r tries now.", model.zone.time(again)),
        ));
    }
    draw(pen, &lines);
}

/// Nothing there yet, and what brings something.
pub(super) fn empty(pen: &mut Pen<'_>, said: &str, next: &[&str]) {
    let mut lines = vec![(Tone::Strong, said.to_owned()), (Tone::Plain, String::new())];
    lines.extend(next.iter().map(|line| (Tone::Plain, (*line).to_owned())));
    draw(pen, &lines);
}

/// One faint sentence while something is on its way.
pub(super) fn waiting(pen: &mut Pen<'_>, said: &str) {
    draw(pen, &[(Tone::Faint, said.to_owned())]);
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
