//! The only way of text into cells: made safe, cut to its column, never beyond the area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::look::{Look, Tone};
use super::text::{fit, safe, width};

/// Writes into one area.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    /// What the terminal can show.
    pub look: Look,
}

impl<'a> Pen<'a> {
    /// A pen for this part of the buffer.
    pub fn new(buffer: &'a mut Buffer, area: Rect, look: Look) -> Self {
        let area = area.intersection(buffer.area);
        Self { buffer, area, look }
    }

    /// Columns of the area.
    #[must_use]
    pub fn columns(&self) -> u16 {
        self.area.width
    }

    /// Rows of the area.
    #[must_use]
    pub fn rows(&self) -> u16 {
        self.area.height
    }

    /// A pen for another part of the same buffer.
    pub fn part(&mut self, area: Rect) -> Pen<'_> {
        Pen::new(self.buffer, area, self.look)
    }

    /// The area.
    #[must_use]
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Writes at most so many cells from there on; tells how many it took.
    pub fn put(&mut self, x: u16, y: u16, cells: u16, text: &str, tone: Tone) -> u16 {
        if x >= self.area.width || y >= self.area.height {
            return 0;
        }
        let cells = cells.min(self.area.width - x);
        let text = fit(&safe(text), usize::from(cells));
        let style = self.look.style(tone);
        let (end, _) =
            self.buffer.set_stringn(self.area.x + x, self.area.y + y, &text, usize::from(cells), style);
        end.saturating_sub(self.area.x + x)
    }

    /// Writes so that the text ends where the column does.
    pub fn put_right(&mut self, x: u16, y: u16, cells: u16, text: &str, tone: Tone) {
        let taken = u16::try_from(width(&safe(text))).unwrap_or(u16::MAX).min(cells);
        self.put(x + cells - taken, y, cells, text, tone);
    }

    /// Gives a whole row a style, on top of what its cells have.
    pub fn style_row(&mut self, y: u16, style: Style) {
        if y < self.area.height {
            self.buffer.set_style(Rect::new(self.area.x, self.area.y + y, self.area.width, 1), style);
        }
    }

    /// A row of one sign.
    pub fn rule(&mut self, y: u16, sign: &str) {
        let line = sign.repeat(usize::from(self.area.width));
        self.put(0, y, self.area.width, &line, Tone::Faint);
    }

    /// Empties the area.
    pub fn clear(&mut self) {
        for position in self.area.positions() {
            self.buffer[position].reset();
        }
    }
}
