//! What a change is: from its heading, its conventional-commit prefix, or the identifiers it names.
//!
//! A mark is a claim to a reader, so the word "security" alone is not enough for one, and neither is a heading
//! with nothing under it.

use std::collections::BTreeMap;

use contract::{ChangeGroup, ChangeKind};

use super::Marks;
use super::outline::{BlockKind, Outline};
use super::words::{
    closes_vulnerability, heading_kind, is_nothing, is_security_title, kind_of_first_word, prefix_kind,
    says_breaking, says_security,
};
use crate::notes::one_line;

const MAX_ITEMS: usize = 200;
const MAX_ITEM_CHARS: usize = 300;

/// What title and notes say of themselves.
pub(super) fn marks(title: &str, outline: &Outline) -> Marks {
    let mut marks = Marks {
        breaking: says_breaking(title) || heading_kind(title) == Some(ChangeKind::Breaking),
        security: says_security(title) || is_security_title(title),
    };
    for (section, _, text) in with_sections(outline) {
        let section = section.filter(|_| !is_nothing(text));
        marks.breaking |= section == Some(ChangeKind::Breaking) || says_breaking(text);
        marks.security |= section == Some(ChangeKind::Security) || says_security(text);
    }
    marks
}

/// The list items by kind, in the order a reader wants them.
pub(super) fn groups(outline: &Outline) -> Vec<ChangeGroup> {
    let mut groups: BTreeMap<ChangeKind, Vec<String>> = BTreeMap::new();
    let items = with_sections(outline)
        .filter(|(_, kind, text)| *kind == BlockKind::Item && !text.trim().is_empty() && !is_nothing(text));
    for (section, _, text) in items.take(MAX_ITEMS) {
        groups.entry(item_kind(section, text)).or_default().push(one_line(text, MAX_ITEM_CHARS));
    }
    groups.into_iter().map(|(kind, items)| ChangeGroup { kind, items }).collect()
}

fn item_kind(section: Option<ChangeKind>, text: &str) -> ChangeKind {
    if says_breaking(text) {
        return ChangeKind::Breaking;
    }
    if says_security(text) {
        return ChangeKind::Security;
    }
    section
        .filter(|kind| matches!(kind, ChangeKind::Breaking | ChangeKind::Security))
        .or_else(|| prefix_kind(text))
        .or(section)
        .or_else(|| kind_of_first_word(text))
        .unwrap_or(ChangeKind::Other)
}

/// Items and paragraphs, each with the kind of the nearest heading above it that has one.
fn with_sections(outline: &Outline) -> impl Iterator<Item = (Option<ChangeKind>, BlockKind, &str)> {
    let mut path: Vec<(u8, Option<ChangeKind>)> = Vec::new();
    outline.blocks.iter().filter_map(move |block| {
        let section = path.last().and_then(|(_, kind)| *kind);
        let BlockKind::Heading(level) = block.kind else {
            return Some((section, block.kind, block.text.as_str()));
        };
        path.retain(|(above, _)| *above < level);
        let outer = path.last().and_then(|(_, kind)| *kind);
        path.push((level, heading_kind(&block.text).or(outer)));
        // An identifier in a heading is said by the heading itself.
        closes_vulnerability(&block.text).then_some((None, BlockKind::Paragraph, block.text.as_str()))
    })
}
