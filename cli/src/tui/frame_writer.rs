//! One write for a frame, in the colours that every terminal has.
//!
//! The library says each colour in the notation of 256 colours. Terminals with 16 know another one, which all others
//! know too.

use std::io::{self, Write};

/// Begins a colour of the text in the notation of 256 colours.
const WIDE: &[u8] = b"\x1b[38;5;";

/// Collects until it is flushed.
#[derive(Debug)]
pub struct FrameWriter<W> {
    frame: Vec<u8>,
    out: W,
}

impl<W: Write> FrameWriter<W> {
    /// A writer to the terminal.
    pub fn new(out: W) -> Self {
        Self { frame: Vec::with_capacity(1 << 15), out }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = in_sixteen_colours(&self.frame);
        self.frame.clear();
        self.out.write_all(&frame)?;
        self.out.flush()
    }
}

/// The same with the first sixteen colours in their own notation.
fn in_sixteen_colours(frame: &[u8]) -> Vec<u8> {
    let mut told = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some(place) = rest.windows(WIDE.len()).position(|part| part == WIDE) {
        let after = &rest[place + WIDE.len()..];
        told.extend_from_slice(&rest[..place]);
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&after[..digits]).ok().and_then(|text| text.parse::<u8>().ok());
        match number {
            Some(number @ 0..16) => {
                let code = if number < 8 { 30 + number } else { 82 + number };
                told.extend_from_slice(format!("\x1b[{code}").as_bytes());
            }
            _ => told.extend_from_slice(&rest[place..place + WIDE.len() + digits]),
        }
        rest = &after[digits..];
    }
    told.extend_from_slice(rest);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_write_with_sixteen_colours() {
        let mut writer = FrameWriter::new(Vec::new());
        for part in [
            "\u{1b}[38;5;",
            "3mupdate",
            "\u{1b}[39m 38;5;3m ",
            "\u{1b}[38;5;9;49mred",
            "\u{1b}[38;5;200mpink",
        ] {
            writer.write_all(part.as_bytes()).unwrap();
        }
        assert_eq!(writer.out, b"", "nothing before the frame is complete");
        writer.flush().unwrap();
        let shown = String::from_utf8(writer.out).unwrap();
        assert_eq!(shown, "\u{1b}[33mupdate\u{1b}[39m 38;5;3m \u{1b}[91;49mred\u{1b}[38;5;200mpink");
    }
}
