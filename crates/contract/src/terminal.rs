//! Text that a terminal or a log line shows as it is, and does not obey.

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
const STRING_END: char = '\u{9c}';

/// Control sequences are removed whole, then every other control character except newline and tab, and the
/// invisible characters that reorder or hide text.
#[must_use]
pub fn for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            ESCAPE => rest = after_escape(rest),
            '\u{9b}' => rest = after_control(rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => rest = after_string(rest),
            // A terminal may break the line here, so a reader must see that it does.
            '\u{2028}' | '\u{2029}' => shown.push('\n'),
            '\n' | '\t' => shown.push(next),
            _ if next.is_control() || is_invisible(next) => {}
            _ => shown.push(next),
        }
    }
    shown
}

/// One line for logs, titles and summaries, at most `max_chars` long; what is cut is shown by an ellipsis.
#[must_use]
pub fn one_line(text: &str, max_chars: usize) -> String {
    let shown = for_terminal(text);
    let mut line = String::new();
    let mut length = 0;
    for word in shown.split_whitespace() {
        if length > max_chars {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
            length += 1;
        }
        let room = (max_chars + 1).saturating_sub(length);
        line.extend(word.chars().take(room));
        length += word.chars().take(room).count();
    }
    if length > max_chars { with_ellipsis(&line, max_chars) } else { line }
}

/// The first `max_bytes` at most, on a character border, and whether something was cut.
#[must_use]
pub fn cap(text: &str, max_bytes: usize) -> (String, bool) {
    let end = (0..=max_bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    (text[..end].to_owned(), end < text.len())
}

fn with_ellipsis(line: &str, max_chars: usize) -> String {
    let kept: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    if max_chars == 0 { kept } else { kept.trim_end().to_owned() + "…" }
}

/// What follows an ESC: a control sequence, a string, or intermediates and one final character.
fn after_escape(rest: &str) -> &str {
    match rest.as_bytes().first() {
        Some(b'[') => after_control(&rest[1..]),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => after_string(&rest[1..]),
        _ => {
            let rest = rest.trim_start_matches(|next| (' '..='/').contains(&next));
            rest.strip_prefix(|next| ('0'..='~').contains(&next)).unwrap_or(rest)
        }
    }
}

/// Parameters, intermediates and one final character. Anything else ends it and stays.
fn after_control(rest: &str) -> &str {
    let rest = rest.trim_start_matches(|next| (' '..='?').contains(&next));
    rest.strip_prefix(|next| ('@'..='~').contains(&next)).unwrap_or(rest)
}

/// Up to its terminator. One that is never terminated ends with its line, so that it cannot hide all the rest;
/// an ESC that begins something else ends it too, and is looked at again.
fn after_string(rest: &str) -> &str {
    let end = rest.find([BELL, STRING_END, ESCAPE, '\n']).unwrap_or(rest.len());
    let rest = &rest[end..];
    let terminator = ["\u{1b}\\", "\u{7}", "\u{9c}"];
    terminator.iter().find_map(|end| rest.strip_prefix(end)).unwrap_or(rest)
}

/// Bidirectional controls, zero-width characters, fillers and tags. Emoji variation selectors stay.
fn is_invisible(next: char) -> bool {
    matches!(next,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
