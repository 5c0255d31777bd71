//! What the terminal can show: colour, characters beyond ASCII.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::output;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its own 16 colours; else bold, dim and reversed alone.
    pub colour: bool,
    /// Characters beyond ASCII.
    pub unicode: bool,
}

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Beside the point.
    Faint,
    /// The point.
    Strong,
    /// As it should be.
    Good,
    /// Something to do, without hurry.
    Notice,
    /// Something to do now.
    Alarm,
    /// What tells kinds apart.
    Accent,
}

impl Look {
    /// What the environment says, which `look_up` reads.
    #[must_use]
    pub fn from(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let named =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| look_up(name).filter(|it| !it.is_empty()));
        let unicode = named.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self { colour: output::wanted(look_up), unicode }
    }

    /// The style of a tone. The terminal's own colours fit its background, light or dark.
    #[must_use]
    pub fn style(self, tone: Tone) -> Style {
        let plain = Style::default();
        let coloured = |colour| if self.colour { plain.fg(colour) } else { plain };
        match tone {
            Tone::Plain => plain,
            Tone::Faint => plain.add_modifier(Modifier::DIM),
            Tone::Strong => plain.add_modifier(Modifier::BOLD),
            Tone::Good => coloured(Color::Green),
            Tone::Notice => coloured(Color::Yellow).add_modifier(Modifier::BOLD),
            Tone::Alarm => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Accent => coloured(Color::Cyan),
        }
    }

    /// The style of the selected row.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::default().add_modifier(Modifier::REVERSED)
    }

    /// Leaves only what the terminal can show.
    pub fn degrade(self, buffer: &mut Buffer) {
        if self.unicode {
            return;
        }
        for cell in &mut buffer.content {
            if let Some(plain) = cell.symbol().chars().next().filter(|next| !next.is_ascii()) {
                cell.set_char(in_ascii(plain));
            }
        }
    }
}

/// The nearest character of ASCII.
fn in_ascii(shown: char) -> char {
    match shown {
        '─' | '−' | '–' | '▄' => '-',
        '│' => '|',
        '▏' => '_',
        '“' | '”' => '"',
        '·' | '▂' => '.',
        '●' | '•' | '▇' => '*',
        '○' => 'o',
        '▲' | '↑' => '^',
        '↓' => 'v',
        '…' => '~',
        '✓' | '▆' => '+',
        '×' => 'x',
        '▁' => '_',
        '▃' => ':',
        '▅' => '=',
        '█' => '#',
        '›' | '→' => '>',
        '←' => '<',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn the_locale_and_no_color_decide() {
        let told = |pairs: &'static [(&str, &str)]| {
            Look::from(|name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
        };
        assert_eq!(told(&[]), Look { colour: true, unicode: false });
        assert_eq!(
            told(&[("LANG", "de_DE.UTF-8"), ("NO_COLOR", "1")]),
            Look { colour: false, unicode: true }
        );
        assert!(!told(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]).unicode);
    }

    #[test]
    fn without_unicode_every_cell_is_ascii() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "● 日本 ▲é…", Style::default());
        Look { colour: false, unicode: false }.degrade(&mut buffer);
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
        assert_eq!(
            buffer.content.iter().map(|cell| cell.symbol()).collect::<String>().trim_end(),
            "* ? ?  ^?~"
        );
    }
}
