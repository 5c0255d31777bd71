//! How deep HTML can nest, told without a parser.
//!
//! The parser behind the sanitiser takes time that grows with the square of the depth, so the depth is bounded
//! before. The estimate may be too high for odd HTML, and must not be too low for crafted HTML: only an end
//! tag that matches the innermost start tag counts, and after a comment none does.

/// Far above what people and renderers write.
const MAX_DEPTH: usize = 300;

/// Elements that hold nothing.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "wbr", "col", "source", "meta"];

/// Whether HTML nests so deep that it is an attack.
pub(super) fn is_too_deep(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut ends_count = true;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        match rest.as_bytes().first() {
            Some(b'/') => {
                let name = name(&rest[1..]);
                if ends_count && open.last().is_some_and(|innermost| innermost.eq_ignore_ascii_case(name)) {
                    open.pop();
                }
            }
            Some(first) if first.is_ascii_alphabetic() => {
                let name = name(rest);
                if !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
                    open.push(name);
                }
                rest = after_tag(rest);
            }
            Some(b'!' | b'?') => ends_count = false,
            _ => {}
        }
        if open.len() > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// Up to where every parser ends a tag's name.
fn name(text: &str) -> &str {
    let end = text
        .find(|next: char| next.is_ascii_whitespace() || next == '/' || next == '>')
        .unwrap_or(text.len());
    &text[..end]
}

/// What follows a start tag. A `>` in a quoted value does not end it.
fn after_tag(text: &str) -> &str {
    let mut rest = text;
    while let Some(at) = rest.find(['=', '>']) {
        let is_end = rest.as_bytes()[at] == b'>';
        rest = &rest[at + 1..];
        if is_end {
            return rest;
        }
        let value = rest.trim_ascii_start();
        if let Some(quote) = value.chars().next().filter(|first| "\"'".contains(*first)) {
            rest = value[1..].find(quote).map_or("", |end| &value[end + 2..]);
        }
    }
    ""
}
