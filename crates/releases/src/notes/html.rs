//! Markdown and foreign HTML to HTML that cannot do anything: an allow-list after the renderer, never a filter
//! before it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};

use super::depth::is_too_deep;
use contract::terminal::cap;

/// What is beyond is not rendered: the time that crafted nesting costs grows faster than its length.
pub const MAX_RENDERED_BYTES: usize = 64 * 1024;

/// A few columns and many short rows make a table of a hundred times its source.
const MAX_HTML_BYTES: usize = 8 * MAX_RENDERED_BYTES;

const MAX_QUOTE_DEPTH: usize = 32;

pub(super) const TAGS: [&str; 35] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "details",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "thead",
    "ul",
];
pub(super) const TABLE_TAGS: [&str; 2] = ["th", "tr"];
pub(super) const SCHEMES: [&str; 3] = ["http", "https", "mailto"];
pub(super) const LINK_REL: &str = "noopener noreferrer nofollow";

/// Elements whose text is code or hidden, not prose: dropped with all they hold.
const DROPPED_WHOLE: [&str; 8] =
    ["script", "style", "title", "template", "noscript", "textarea", "iframe", "noembed"];

/// GitHub-flavoured Markdown as sanitised HTML. Raw HTML is left out, images become links: showing notes must
/// not fetch anything.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let markdown = bounded(markdown);
    let options = markdown_options();
    let arena = Arena::new();
    let root = parse_document(&arena, &markdown, &options);
    for node in root.descendants() {
        let image = match &node.data().value {
            NodeValue::Image(link) => link.clone(),
            _ => continue,
        };
        if node.first_child().is_none() {
            node.append(arena.alloc(NodeValue::Text("image".into()).into()));
        }
        node.data_mut().value = NodeValue::Link(image);
    }
    let mut html = String::new();
    // Writing to a String cannot fail; if it did, half a page is sanitised like a whole one.
    let _ = format_html(root, &options, &mut html);
    clean(&cap(&html, MAX_HTML_BYTES).0)
}

/// Foreign HTML as sanitised HTML. Of HTML nested hundreds deep, which is no one's notes, nothing is left.
#[must_use]
pub fn sanitise_html(html: &str) -> String {
    clean(&cap(html, MAX_RENDERED_BYTES).0)
}

/// Markdown as much as is rendered, without the depth of quotes that makes parsing it quadratic. (Comrak itself
/// bounds the depth of lists.)
pub(crate) fn bounded(markdown: &str) -> String {
    let (markdown, _) = cap(markdown, MAX_RENDERED_BYTES);
    markdown.split_inclusive('\n').map(with_shallow_quotes).collect()
}

fn with_shallow_quotes(line: &str) -> Cow<'_, str> {
    let is_marker = |next: char| " \t>-+*.)".contains(next) || next.is_ascii_digit();
    let end = line.find(|next| !is_marker(next)).unwrap_or(line.len());
    let (markers, text) = line.split_at(end);
    match markers.match_indices('>').nth(MAX_QUOTE_DEPTH) {
        None => Cow::Borrowed(line),
        Some((deep, _)) => {
            Cow::Owned([&markers[..deep], &markers[deep..].replace(['>', ' ', '\t'], ""), text].concat())
        }
    }
}

/// How Markdown is read here, also for grouping.
pub(crate) fn markdown_options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    // Raw HTML stays out; said here because all else rests on it.
    options.render.r#unsafe = false;
    options
}

/// Sanitised, and without control characters: people copy from pages into terminals, and read JSON with `jq -r`.
fn clean(html: &str) -> String {
    if is_too_deep(html) {
        return String::new();
    }
    let clean = clean_once(html);
    let is_control = |next: char| next.is_control() && !matches!(next, '\n' | '\t');
    // What is taken out must not join to something new, so the rest is sanitised again.
    if clean.contains(is_control) { clean_once(&clean.replace(is_control, "")) } else { clean }
}

fn clean_once(html: &str) -> String {
    // The lists are long, and putting them together takes as long as cleaning a short text.
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);
    CLEANER.clean(html).to_string()
}

fn cleaner() -> Builder<'static> {
    let attributes = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("ol", HashSet::from(["start"])),
        ("td", HashSet::from(["align"])),
        ("th", HashSet::from(["align"])),
        ("details", HashSet::from(["open"])),
    ]);
    let mut cleaner = Builder::empty();
    cleaner
        .tags(TAGS.into_iter().chain(TABLE_TAGS).collect())
        .clean_content_tags(HashSet::from(DROPPED_WHOLE))
        .tag_attributes(attributes)
        // An empty builder would still let `title` and `lang` pass everywhere.
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(SCHEMES))
        // Relative links would point into whatever page shows the notes.
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(LINK_REL))
        .strip_comments(true);
    cleaner
}
