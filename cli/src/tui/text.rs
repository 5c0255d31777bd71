//! Text for cells: safe, one line, cut to a width that terminals agree on.

use contract::terminal::{cap, for_terminal};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// No cell shows more than this of one text.
const LONGEST: usize = 2000;
/// Nothing is broken into narrower lines than this: the widest character takes three cells.
const NARROWEST: usize = 4;
/// Marks that may stand on one character; more only hide the rows around it.
const MOST_MARKS: usize = 3;

/// The text in one line that a terminal shows and does not obey.
///
/// What terminals give different widths (presentation selectors, skin tones) is left out, so that columns stay columns.
#[must_use]
pub fn safe(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut marks = 0;
    let keep = |next: &char| {
        let uncertain = matches!(next, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
        marks = if next.width() == Some(0) { marks + 1 } else { 0 };
        !uncertain && marks <= MOST_MARKS
    };
    let (text, _) = cap(text, LONGEST * 4);
    let spaced = for_terminal(&text);
    let spaced = spaced.chars().map(|next| if matches!(next, '\n' | '\t') { ' ' } else { next });
    spaced.filter(keep).take(LONGEST).collect()
}

/// Cells that a safe text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// As much of a safe text as fits; what is cut is shown by an ellipsis.
#[must_use]
pub fn fit(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let Some(room) = cells.checked_sub(1) else { return String::new() };
    let mut shown = String::new();
    let mut used = 0;
    for next in text.chars() {
        used += next.width().unwrap_or(0);
        if used > room {
            break;
        }
        shown.push(next);
    }
    shown.push('…');
    shown
}

/// The text in lines of at most so many cells, broken between words where that is possible.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(NARROWEST);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= cells {
            line.extend((gap == 1).then_some(' '));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, cells, &mut lines);
    }
    lines.push(line);
    lines
}

/// Breaks a word that is too long for a line; the rest of it begins the next one.
fn break_word(word: &str, cells: usize, lines: &mut Vec<String>) -> String {
    let mut line = String::new();
    let mut used = 0;
    for next in word.chars() {
        let wide = next.width().unwrap_or(0);
        if used + wide > cells {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        used += wide;
        line.push(next);
    }
    line
}

/// Parts in as few lines as possible, never breaking inside of one that fits.
#[must_use]
pub fn flow(parts: &[String], between: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line) + width(between) + width(part) <= cells => {
                line.push_str(between);
                line.push_str(part);
            }
            _ => lines.push(fit(part, cells)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wide_character_that_does_not_fit_whole_is_left_out() {
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(wrap("\u{17d8}\u{17d8}", 0), ["\u{17d8}", "\u{17d8}"]);
    }

    #[test]
    fn sequences_and_marks_by_the_hundred_do_not_reach_a_cell() {
        let hostile = format!("a\u{1b}[2J\u{1b}]0;title\u{7}b\n{}c\u{202e}", "\u{301}".repeat(100));
        let shown = safe(&hostile);
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert_eq!(shown.chars().filter(|next| *next == '\u{301}').count(), MOST_MARKS);
        assert_eq!(safe("\u{2764}\u{fe0f}"), "\u{2764}");
    }

    #[test]
    fn words_are_broken_only_where_a_line_cannot_hold_them() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        let parts = ["one".to_owned(), String::new(), "two".to_owned(), "three".to_owned()];
        assert_eq!(flow(&parts, " · ", 9), ["one · two", "three"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text in "\\PC{0,60}", cells in 0usize..40) {
            let text = safe(&text);
            prop_assert!(width(&fit(&text, cells)) <= cells);
            prop_assert!(wrap(&text, cells).iter().all(|line| width(line) <= cells.max(NARROWEST)));
        }
    }
}
