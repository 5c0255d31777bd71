//! The range grammar of GitHub's advisories: `>= 1.0.0, < 1.2.3`, with `||` and missing commas tolerated.

use std::cmp::Ordering;

use crate::Version;

const OPERATORS: [(&str, Operator); 6] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("==", Operator::Exactly),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Exactly),
];

/// Longer ones are no range a person wrote.
const MAX_BYTES: usize = 2_000;

/// Alternatives, each of bounds that must all hold.
#[derive(Debug)]
pub(super) struct Range(Vec<Vec<Bound>>);

#[derive(Debug)]
struct Bound {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Above,
    AtLeast,
    Exactly,
    AtMost,
    Below,
}

impl Range {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        text.split("||").map(bounds).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        self.0.iter().any(|bounds| bounds.iter().all(|bound| bound.holds(version)))
    }

    /// The first version above `version` that a `<` names and no alternative holds.
    pub(super) fn end_above(&self, version: &Version) -> Option<Version> {
        let ends = self.0.iter().flatten().filter(|bound| bound.operator == Operator::Below);
        ends.map(|bound| &bound.version).filter(|end| *end > version && !self.contains(end)).min().cloned()
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.operator {
            Operator::Above => order == Ordering::Greater,
            Operator::AtLeast => order != Ordering::Less,
            Operator::Exactly => order == Ordering::Equal,
            Operator::AtMost => order != Ordering::Greater,
            Operator::Below => order == Ordering::Less,
        }
    }
}

/// Bounds one after another; commas between them are optional, a lone version is itself.
fn bounds(text: &str) -> Option<Vec<Bound>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (operator, after) = operator(rest);
        let after = after.trim_start();
        let end = after.find([',', ' ', '<', '>', '=']).unwrap_or(after.len());
        found.push(Bound { operator, version: Version::parse(&after[..end]).ok()? });
        rest = after[end..].trim_start_matches([',', ' ']);
    }
    (!found.is_empty()).then_some(found)
}

fn operator(text: &str) -> (Operator, &str) {
    OPERATORS
        .iter()
        .find_map(|(sign, operator)| text.strip_prefix(sign).map(|rest| (*operator, rest)))
        .unwrap_or((Operator::Exactly, text))
}
