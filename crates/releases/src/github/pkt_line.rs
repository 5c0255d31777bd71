//! Git's framing: four hexadecimal digits of length, then the line.

use crate::json::BadAnswer;

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// `0000`.
    Flush,
    /// `0001`, and `0002`.
    Delimiter,
    /// A line, without its line feed.
    Line(&'a [u8]),
}

/// Reads all frames; lazily, and an error ends the sequence.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, BadAnswer>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let frame = split(rest);
        rest = frame.as_ref().map_or(&[], |(_, further)| *further);
        Some(frame.map(|(frame, _)| frame))
    })
}

fn split(bytes: &[u8]) -> Result<(Frame<'_>, &[u8]), BadAnswer> {
    let (digits, rest) = bytes.split_at_checked(4).ok_or(BadAnswer::NotRefs)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(BadAnswer::NotRefs);
    }
    let text = std::str::from_utf8(digits).map_err(|_| BadAnswer::NotRefs)?;
    let length = usize::from_str_radix(text, 16).map_err(|_| BadAnswer::NotRefs)?;
    match length {
        0 => Ok((Frame::Flush, rest)),
        1 | 2 => Ok((Frame::Delimiter, rest)),
        3 => Err(BadAnswer::NotRefs),
        _ => {
            let (line, rest) = rest.split_at_checked(length - 4).ok_or(BadAnswer::NotRefs)?;
            Ok((Frame::Line(line.strip_suffix(b"\n").unwrap_or(line)), rest))
        }
    }
}

/// Frames a line, with its line feed.
pub fn line(text: &str) -> String {
    format!("{:04x}{text}\n", text.len() + 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_split_and_built() {
        let bytes = format!("{}00010000", line("version 2"));
        let found: Result<Vec<_>, _> = frames(bytes.as_bytes()).collect();
        assert_eq!(found.unwrap(), [Frame::Line(b"version 2"), Frame::Delimiter, Frame::Flush]);
        assert_eq!(line("version 2"), "000eversion 2\n");
    }

    #[test]
    fn what_is_no_frame_ends_the_sequence() {
        for bad in ["x", "00zz", "0003", "0010short", "+010aaaaaaaaaaaaaaaa", "<html>"] {
            assert_eq!(frames(bad.as_bytes()).last(), Some(Err(BadAnswer::NotRefs)), "{bad}");
        }
    }
}
