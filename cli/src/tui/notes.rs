//! Release notes, written in Markdown by strangers, as plain lines.
//!
//! No HTML, no links that look like something else: the address stands beside the text.

use super::text::{safe, wrap};

/// Longest notes that are read.
const LONGEST: usize = 200_000;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A version, above its notes.
    Version,
    /// A heading.
    Heading,
    /// Text, also of lists.
    Text,
    /// Code.
    Code,
    /// Said by this program, not by the notes.
    Aside,
    /// A warning of this program.
    Warning,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine {
    /// How it looks.
    pub kind: NoteKind,
    /// Cells before the text.
    pub indent: usize,
    /// What marks the first line of it, such as a bullet.
    pub mark: &'static str,
    /// The text, safe.
    pub text: String,
}

impl NoteLine {
    /// A line without a mark.
    #[must_use]
    pub fn new(kind: NoteKind, indent: usize, text: &str) -> Self {
        Self { kind, indent, mark: "", text: safe(text) }
    }

    /// This line in as many as it needs.
    #[must_use]
    pub fn wrapped(&self, cells: usize) -> Vec<Self> {
        let indent = self.indent.min(cells / 3);
        let marked = super::text::width(self.mark);
        let lines = wrap(&self.text, cells.saturating_sub(indent + marked));
        let part = |(number, text): (usize, String)| match number {
            0 => Self { kind: self.kind, indent, mark: self.mark, text },
            _ => Self { kind: self.kind, indent: indent + marked, mark: "", text },
        };
        lines.into_iter().enumerate().map(part).collect()
    }
}

/// The notes in lines, not yet wrapped.
#[must_use]
pub fn lines(markdown: &str) -> Vec<NoteLine> {
    let (markdown, _) = contract::terminal::cap(markdown, LONGEST);
    let markdown = without_comments(&markdown);
    let mut lines: Vec<NoteLine> = Vec::new();
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => lines.push(NoteLine::new(NoteKind::Code, 4, &line.replace('\t', "    "))),
            (None, None) => push(&mut lines, line),
        }
    }
    while lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    lines
}

/// One line outside of code. A line that goes on with a paragraph is joined to it.
fn push(lines: &mut Vec<NoteLine>, line: &str) {
    let text = line.trim();
    let blank = lines.last().is_none_or(|last| last.text.is_empty());
    if text.is_empty() {
        if !blank {
            lines.push(NoteLine::new(NoteKind::Text, 0, ""));
        }
        return;
    }
    let depth = line.len() - line.trim_start().len();
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes) && text[hashes..].starts_with([' ', '\t']) {
        if !blank {
            lines.push(NoteLine::new(NoteKind::Text, 0, ""));
        }
        return lines.push(NoteLine::new(
            NoteKind::Heading,
            0,
            &inline(text[hashes..].trim_matches(['#', ' '])),
        ));
    }
    if text.len() >= 3 && text.bytes().all(|byte| matches!(byte, b'-' | b'*' | b'_' | b'=' | b' ')) {
        return;
    }
    if let Some(item) = item(text) {
        let indent = (depth / 2).min(4) * 2;
        return lines.push(NoteLine { mark: "• ", ..NoteLine::new(NoteKind::Text, indent, &inline(item)) });
    }
    let text = inline(text.trim_start_matches(['>', ' ']));
    match lines.last_mut() {
        Some(last) if last.kind == NoteKind::Text && !last.text.is_empty() && !text.is_empty() => {
            last.text.push(' ');
            last.text.push_str(&safe(&text));
        }
        _ => lines.push(NoteLine::new(NoteKind::Text, 0, &text)),
    }
}

/// The text of a list item. Numbers stay, because notes refer to them.
fn item(text: &str) -> Option<&str> {
    let rest = ["- ", "* ", "+ "].into_iter().find_map(|mark| text.strip_prefix(mark))?;
    let rest = rest.trim_start();
    Some(["[ ] ", "[x] ", "[X] "].into_iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest))
}

/// A line without its marks: emphasis, code, links, images, tags.
fn inline(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let after = &rest[next.len_utf8()..];
        rest = match next {
            '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => {
                shown.push_str(&after[..1]);
                &after[1..]
            }
            '!' if after.starts_with('[') => link(&after[1..], &mut shown).unwrap_or(after),
            '[' => link(after, &mut shown).unwrap_or_else(|| {
                shown.push('[');
                after
            }),
            '<' => tag(after, &mut shown).unwrap_or_else(|| {
                shown.push('<');
                after
            }),
            '`' => after.trim_start_matches('`'),
            '*' => after.trim_start_matches('*'),
            '_' if after.starts_with('_') => after.trim_start_matches('_'),
            '&' => entity(after, &mut shown),
            _ => {
                shown.push(next);
                after
            }
        };
    }
    shown
}

/// `text](address)`: the text, and the address where it says something else.
fn link<'a>(rest: &'a str, shown: &mut String) -> Option<&'a str> {
    let (text, after) = rest.split_once("](")?;
    let (address, after) = after.split_once(')')?;
    if text.contains(['[', '\n']) {
        return None;
    }
    let text = text.replace(['*', '`'], "");
    let address = address.split_whitespace().next().unwrap_or_default();
    shown.push_str(&text);
    if !address.is_empty() && address != text {
        let gap = if text.is_empty() { "" } else { " " };
        shown.push_str(&format!("{gap}<{address}>"));
    }
    Some(after)
}

/// `tag>`: nothing of it stays, but an address does.
fn tag<'a>(rest: &'a str, shown: &mut String) -> Option<&'a str> {
    let (inside, after) = rest.split_once('>')?;
    if inside.starts_with("http://") || inside.starts_with("https://") {
        shown.push_str(inside);
        return Some(after);
    }
    inside.starts_with(|next: char| next.is_ascii_alphabetic() || next == '/' || next == '!').then_some(after)
}

fn entity<'a>(rest: &'a str, shown: &mut String) -> &'a str {
    const NAMED: [(&str, char); 6] =
        [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("#39;", '\''), ("nbsp;", ' ')];
    for (name, meant) in NAMED {
        if let Some(rest) = rest.strip_prefix(name) {
            shown.push(meant);
            return rest;
        }
    }
    shown.push('&');
    rest
}

fn without_comments(markdown: &str) -> String {
    let mut kept = String::new();
    let mut rest = markdown;
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(markdown: &str) -> Vec<String> {
        lines(markdown)
            .iter()
            .map(|line| format!("{}{}{}", " ".repeat(line.indent), line.mark, line.text))
            .collect()
    }

    #[test]
    fn markdown_becomes_lines_that_a_person_reads() {
        let notes = "### What's **new** ###\n- Feature `x`, see [docs](https://example.org/d)\n  - nested\n\nA paragraph\nover two lines.\n<!-- hidden\n-->\n```sh\nrm -rf *\n```\n1. first\n";
        assert_eq!(
            plain(notes),
            [
                "What's new",
                "• Feature x, see docs <https://example.org/d>",
                "  • nested",
                "",
                "A paragraph over two lines.",
                "",
                "    rm -rf *",
                "1. first"
            ]
        );
    }

    #[test]
    fn a_link_cannot_hide_its_address_and_tags_go() {
        assert_eq!(
            plain("[https://good.example](https://evil.example)"),
            ["https://good.example <https://evil.example>"]
        );
        assert_eq!(
            plain("<img src=x onerror=alert(1)>hello <b>you</b> 1 < 2 &amp; 3"),
            ["hello you 1 < 2 & 3"]
        );
        assert_eq!(plain("![](https://tracker.example/x.png)"), ["<https://tracker.example/x.png>"]);
    }

    #[test]
    fn snake_case_stays() {
        assert_eq!(plain("set `api_key` or __both__"), ["set api_key or both"]);
    }

    proptest! {
        #[test]
        fn no_notes_panic_or_leave_a_control_character(
            notes in "[\\PC\u{1b}\u{7}\n\t`<>*_\\[\\]()!&#~ -]{0,200}", cells in 0usize..100,
        ) {
            for line in lines(&notes) {
                for part in line.wrapped(cells) {
                    prop_assert!(!part.text.chars().any(char::is_control));
                }
            }
        }
    }
}
