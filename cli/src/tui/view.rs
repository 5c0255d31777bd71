//! Draws the model. Reads it, changes nothing.

mod changes;
mod event_list;
mod faces;
mod frame;
mod git;
mod help;
mod open_session;
mod sessions;

use ratatui::buffer::Buffer;

use super::arrangement::Arrangement;
use super::look::{Look, Tone};
use super::model::{Model, SMALLEST, Tab};
use super::pen::Pen;

/// Draws all of it into a buffer that is empty.
pub fn view(buffer: &mut Buffer, model: &Model, look: Look) {
    let area = buffer.area;
    let mut pen = Pen::new(buffer, area, look);
    match Arrangement::of((area.width, area.height)) {
        Some(arrangement) => {
            frame::tabs(&mut pen.part(arrangement.tabs), model);
            body(&mut pen.part(arrangement.body), model);
            frame::hint(&mut pen.part(arrangement.hint), model);
            frame::status(&mut pen.part(arrangement.status), model);
        }
        None => too_small(&mut pen),
    }
    look.degrade(buffer);
}

fn body(pen: &mut Pen<'_>, model: &Model) {
    if let Some(top) = model.help {
        return help::draw(pen, top);
    }
    match (model.tab, &model.open) {
        (Tab::Sessions, Some(open)) => open_session::draw(pen, model, open),
        (Tab::Sessions, None) => sessions::draw(pen, model),
        (Tab::Live, _) => event_list::draw_live(pen, model),
        (Tab::Git, _) => git::draw(pen, model),
        (Tab::Changes, _) => changes::draw(pen, model),
    }
}

fn too_small(pen: &mut Pen<'_>) {
    let (columns, rows) = (pen.columns(), pen.rows());
    let (least_columns, least_rows) = SMALLEST;
    let lines = [
        format!("{columns}×{rows} is too small:"),
        format!("{least_columns}×{least_rows} at least."),
        "q leaves.".to_owned(),
    ];
    for (y, line) in (0..).zip(&lines) {
        pen.put(0, y, columns, line, Tone::Plain);
    }
}
