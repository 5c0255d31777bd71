//! Joins the parts of the web components into one module. Part of the build script.
//!
//! The rule, which the parts are written for: lines that are only a comment or an import of a part go, and the word
//! `export`; outside of quotes, spaces beside signs go, and the names in `OURS` become short wherever they stand. In
//! the style, spaces beside signs go.

use std::collections::HashMap;

/// The parts in an order in which each one's imports stand before it.
pub(super) const PARTS: [&str; 13] = [
    "english",
    "dom",
    "language",
    "feed",
    "face",
    "decisions",
    "notes",
    "changelog",
    "advice",
    "component",
    "banner",
    "widget",
    "define",
];

/// Names that only the parts use among themselves: none is a key of what the watcher says, and none is the
/// browser's, and none is kept in a browser. They are what compression leaves most of. A name that is also written in quotes could be a key: it is
/// refused.
const OURS: &str = "\
    language feed words component clean anchor element round listener listeners fresh follow done shown \
    late after number shared MINUTE decide said render tell say made want have kept received \
    piece dropped rest mark present busy address answer locale subject keep announce changed morph child \
    accept delay retry relative refresh faceOf feedOf languageOf hiding inner";

/// Signs that need no space beside them.
const SIGNS: &str = "{}()[];,:=<>+-*/?&|!.";

/// One module of the style and of the parts.
pub(super) fn join(style: &str, parts: &[String]) -> String {
    // What `import sheet from "./style.css" with { type: "css" }` means, for every browser.
    let mut module =
        format!("const sheet=new CSSStyleSheet();sheet.replaceSync(\"{}\");\n", short_style(style));
    let short = short_names(parts);
    for line in parts.iter().flat_map(|part| part.lines()) {
        let line = line.trim();
        let is_import = line.starts_with("import ") && line.contains(" from \"./");
        if line.is_empty() || line.starts_with("//") || is_import {
            continue;
        }
        let line = shortened(line.strip_prefix("export ").unwrap_or(line), &short);
        if line.starts_with(['}', ')', ']']) {
            let kept = module.trim_end_matches([',', '\n']).len();
            module.truncate(kept);
        }
        module.push_str(&line);
        if !line.ends_with(['{', '(', '[', ',', ';']) {
            module.push('\n');
        }
    }
    module
}

/// A short name for each of ours that means nothing else in any part.
fn short_names(parts: &[String]) -> HashMap<&'static str, String> {
    let quoted = |name: &str| parts.iter().any(|part| part.contains(&format!("\"{name}\"")));
    assert!(
        !OURS.split_whitespace().any(quoted),
        "a name in OURS may be a key, for it is also written in quotes"
    );
    let taken: Vec<&str> = parts.iter().flat_map(|part| part.split(|sign| !is_word(sign))).collect();
    let letters = || 'a'..='z';
    let pairs = letters().flat_map(|one| letters().map(move |other| format!("{one}{other}")));
    let free = letters().map(String::from).chain(pairs).filter(|name| !taken.contains(&name.as_str()));
    OURS.split_whitespace()
        .zip(free.filter(|name| !["as", "do", "if", "in", "of"].contains(&name.as_str())))
        .collect()
}

/// A line without the spaces that nobody needs, and with short names.
fn shortened(line: &str, short: &HashMap<&str, String>) -> String {
    let pieces: Vec<&str> = line.split('"').collect();
    let is_readable = pieces.len() % 2 == 1 && !line.contains(['`', '\'']) && !line.contains("\\\"");
    assert!(is_readable, "quote with \" only, write it within quotes as \\x22, and use no templates: {line}");
    let code = |(place, piece): (usize, &&str)| match place % 2 {
        0 => renamed(&squeezed(piece), short),
        _ => (*piece).to_owned(),
    };
    pieces.iter().enumerate().map(code).collect::<Vec<_>>().join("\"")
}

fn squeezed(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    let needless = |place: Option<&char>| place.is_none_or(|sign| SIGNS.contains(*sign));
    let keep = |place: usize| {
        let before = place.checked_sub(1).and_then(|place| signs.get(place));
        signs[place] != ' ' || !(needless(before) || needless(signs.get(place + 1)))
    };
    (0..signs.len()).filter(|place| keep(*place)).map(|place| signs[place]).collect()
}

fn renamed(code: &str, short: &HashMap<&str, String>) -> String {
    let mut text = String::new();
    let mut rest = code;
    while let Some(sign) = rest.chars().next() {
        let end = rest.find(|next| is_word(next) != is_word(sign)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        text += short.get(word).map_or(word, String::as_str);
        rest = after;
    }
    text
}

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_' || sign == '$'
}

fn short_style(style: &str) -> String {
    let lines: String = style.lines().map(str::trim).collect();
    lines.replace(" {", "{").replace(": ", ":").replace(", ", ",").replace(";}", "}")
}
