//! From the text of a tag to a version; `None` where it is none.

use super::{Identifier, Rank, Stage, Version};
use crate::repo::is_ref_name;

const MAX_BYTES: usize = 128;
const MAX_NUMBERS: usize = 5;

/// What projects put before the number; a `v` may follow each.
const PREFIXES: [&str; 5] = ["version-", "release-", "release/", "rel-", ""];

/// Words that mean a pre-release where no hyphen says so. Others (`p1`, `post1`, `Final`) would be guesses.
const PRERELEASE_WORDS: [&str; 12] =
    ["alpha", "beta", "rc", "cr", "preview", "pre", "dev", "snapshot", "m", "a", "b", "c"];

pub(super) fn version(tag: &str) -> Option<Version> {
    if tag.len() > MAX_BYTES || !is_ref_name(tag) {
        return None;
    }
    let text = without_prefix(tag);
    if !text.starts_with(|first: char| first.is_ascii_digit()) || is_commit(text) {
        return None;
    }
    let (text_of_order, build) =
        text.split_once('+').map_or((text, None), |(core, build)| (core, Some(build)));
    if build.is_some_and(|build| !build.split('.').all(is_identifier)) {
        return None;
    }
    let (numbers, rest) = numbers(&with_dotted_date(text_of_order))?;
    let rank = Rank { stage: stage(&rest)?, numbers: trimmed(&numbers) };
    Some(Version { text: text.to_owned(), parts: numbers.len(), rank })
}

fn without_prefix(tag: &str) -> &str {
    let rest = PREFIXES
        .iter()
        .find_map(|prefix| {
            let head = tag.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| &tag[prefix.len()..])
        })
        .unwrap_or(tag);
    rest.strip_prefix(['v', 'V']).unwrap_or(rest)
}

/// An abbreviated or full SHA; eight digits that are a date are not one.
fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && compact_date(text).is_none()
}

/// `2024-01-05`, `2024-01` and `2024-01-05-2` separate their numbers by hyphens; with dots they read like any
/// other version. Elsewhere a hyphen begins a pre-release.
fn with_dotted_date(text: &str) -> String {
    let date_end = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', ..] if is_date(text.get(..4), text.get(5..7), text.get(8..10)) => 10,
        [_, _, _, _, b'-', _, _] if is_date(text.get(..4), text.get(5..7), Some("01")) => 7,
        _ => return text.to_owned(),
    };
    let (date, rest) = text.split_at(date_end);
    if rest.starts_with(|next: char| next.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    let rest = match rest.strip_prefix('-') {
        Some(counter) if is_number(counter) => format!(".{counter}"),
        _ => rest.to_owned(),
    };
    date.replace('-', ".") + &rest
}

/// The numbers at the start, and what follows them.
fn numbers(text: &str) -> Option<(Vec<u64>, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        found.push((digits, digits.parse::<u64>().ok()?));
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|first: char| first.is_ascii_digit()) => rest = next,
            _ => {
                rest = after;
                break;
            }
        }
    }
    if found.len() > MAX_NUMBERS {
        return None;
    }
    let (first, _) = found[0];
    let date = compact_date(first);
    if found.len() == 1 && first.len() >= 7 && date.is_none() {
        return None;
    }
    // Three numbers are SemVer, whatever they are; only the other lengths may begin with a written-together date.
    let head = match date {
        Some(date) if found.len() != 3 => date.to_vec(),
        _ => vec![found[0].1],
    };
    let tail = found.iter().skip(1).map(|(_, number)| *number);
    Some((head.into_iter().chain(tail).collect(), rest.to_owned()))
}

/// What follows the numbers: nothing, a hyphen and identifiers, or a word known to mean a pre-release.
fn stage(rest: &str) -> Option<Stage> {
    if rest.is_empty() {
        return Some(Stage::Final);
    }
    if let Some(prerelease) = rest.strip_prefix('-') {
        let identifiers = prerelease.split('.').map(identifier).collect::<Option<Vec<_>>>()?;
        return Some(Stage::Prerelease(identifiers));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest).to_ascii_lowercase();
    let end = rest.find(|next: char| !next.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, number) = rest.split_at(end);
    if !PRERELEASE_WORDS.contains(&word) {
        return None;
    }
    let mut identifiers = vec![Identifier::Word(word.to_owned())];
    let number = number.strip_prefix(['.', '-']).unwrap_or(number);
    if !number.is_empty() {
        identifiers.push(is_number(number).then(|| identifier(number)).flatten()?);
    }
    Some(Stage::Prerelease(identifiers))
}

fn identifier(text: &str) -> Option<Identifier> {
    if !is_identifier(text) {
        return None;
    }
    if !is_number(text) {
        return Some(Identifier::Word(text.to_owned()));
    }
    let digits = text.trim_start_matches('0');
    Some(Identifier::Number(digits.len(), digits.to_owned()))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `20240105`, taken apart.
fn compact_date(text: &str) -> Option<[u64; 3]> {
    if text.len() != 8 || !is_date(text.get(..4), text.get(4..6), text.get(6..8)) {
        return None;
    }
    Some([text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?])
}

/// Wide enough for any project's calendar, narrow enough that few SHAs of digits alone pass.
fn is_date(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> bool {
    let within = |text: Option<&str>, low: u64, high: u64| {
        text.filter(|text| is_number(text))
            .and_then(|text| text.parse().ok())
            .is_some_and(|number| (low..=high).contains(&number))
    };
    within(year, 1990, 2199) && within(month, 1, 12) && within(day, 1, 31)
}

fn trimmed(numbers: &[u64]) -> Vec<u64> {
    let end = numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1);
    numbers[..end].to_vec()
}
