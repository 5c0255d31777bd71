//! The words by which projects name kinds of changes.

use contract::ChangeKind;

const NEGATIONS: [&str; 6] = ["no", "non", "not", "none", "without", "zero"];

/// A heading or title of only these, with "security" among them, is about security fixes.
const SECURITY_COMPANY: [&str; 27] = [
    "security",
    "fix",
    "fixes",
    "fixed",
    "patch",
    "patches",
    "update",
    "updates",
    "release",
    "advisory",
    "advisories",
    "issue",
    "issues",
    "vulnerability",
    "vulnerabilities",
    "bug",
    "bugs",
    "bugfix",
    "bugfixes",
    "hotfix",
    "and",
    "important",
    "critical",
    "urgent",
    "related",
    "in",
    "this",
];

/// "security" directly before one of these says so wherever it stands.
const SECURITY_OBJECTS: [&str; 16] = [
    "fix",
    "fixes",
    "patch",
    "patches",
    "update",
    "updates",
    "release",
    "advisory",
    "advisories",
    "issue",
    "issues",
    "vulnerability",
    "vulnerabilities",
    "bugfix",
    "bugfixes",
    "hotfix",
];

/// About security, but nothing that closes a hole.
const SECURITY_TALK: [&str; 10] =
    ["docs", "doc", "documentation", "template", "policy", "page", "guide", "readme", "settings", "workflow"];

const UNTOUCHED: [&str; 12] = [
    "not affected",
    "unaffected",
    "not vulnerable",
    "n't vulnerable",
    "not exploitable",
    "no impact",
    "not affect",
    "n't affect",
    "not impacted",
    "false positive",
    "not applicable",
    "not relevant",
];

/// What a heading announces; `None` where it is about something else, so that the heading above it holds on.
pub(super) fn heading_kind(text: &str) -> Option<ChangeKind> {
    let words = words(text);
    let says = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let negated = says(&NEGATIONS);
    if !negated && (text.contains('⚠') || says(&["breaking", "incompatible", "incompatibilities"])) {
        return Some(ChangeKind::Breaking);
    }
    if is_security_title(text) {
        return Some(ChangeKind::Security);
    }
    // What GitHub writes over everything says nothing about any of it.
    if ["what s changed", "changes", "all changes"].contains(&words.join(" ").as_str()) {
        return None;
    }
    if says(&["contributors", "contributions", "thanks", "credits"]) {
        return Some(ChangeKind::Other);
    }
    words.iter().find_map(|word| heading_word(word))
}

fn heading_word(word: &str) -> Option<ChangeKind> {
    Some(match word {
        "added" | "add" | "additions" | "new" | "feature" | "features" => ChangeKind::Added,
        "changed" | "changes" | "improved" | "improvement" | "improvements" | "enhancement"
        | "enhancements" | "updated" | "performance" | "deprecated" | "deprecations" | "removed"
        | "refactor" | "refactoring" => ChangeKind::Changed,
        "fixed" | "fixes" | "fix" | "bug" | "bugs" | "bugfix" | "bugfixes" | "resolved" => ChangeKind::Fixed,
        "other" | "misc" | "miscellaneous" | "internal" | "documentation" | "docs" | "dependencies"
        | "chores" | "maintenance" => ChangeKind::Other,
        _ => return None,
    })
}

/// Whether a heading or title says that vulnerabilities are closed.
pub(super) fn is_security_title(text: &str) -> bool {
    if closes_vulnerability(text) {
        return true;
    }
    let words = words(text);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    if has(&NEGATIONS) || has(&SECURITY_TALK) {
        return false;
    }
    let is_version = |word: &String| word.trim_start_matches('v').bytes().all(|byte| byte.is_ascii_digit());
    let only_company = words.iter().all(|word| SECURITY_COMPANY.contains(&word.as_str()) || is_version(word));
    let pair =
        words.windows(2).any(|pair| pair[0] == "security" && SECURITY_OBJECTS.contains(&pair[1].as_str()));
    pair || only_company && has(&["security", "vulnerability", "vulnerabilities"])
}

/// `feat!:`, `BREAKING CHANGE: …`, `[breaking]`.
pub(super) fn says_breaking(text: &str) -> bool {
    if conventional(text).is_some_and(|(_, _, breaking)| breaking) || text.contains("BREAKING CHANGE:") {
        return true;
    }
    let lower = bare_start(text);
    if ["[breaking]", "[breaking change]", "(breaking)", "(breaking change)"]
        .iter()
        .any(|mark| lower.contains(mark))
    {
        return true;
    }
    let after = lower.strip_prefix("breaking").map(|rest| {
        let rest = rest.trim_start_matches([' ', '-']);
        rest.strip_prefix("changes").or_else(|| rest.strip_prefix("change")).unwrap_or(rest)
    });
    after.is_some_and(announces)
}

/// `security: …`, `[security]`, `fix(security): …`, or the identifier of a vulnerability.
pub(super) fn says_security(text: &str) -> bool {
    if closes_vulnerability(text) {
        return true;
    }
    if let Some((kind, scope, _)) = conventional(text)
        && (matches!(kind, "security" | "sec")
            || scope == "security" && matches!(kind, "fix" | "bugfix" | "hotfix"))
    {
        return true;
    }
    let lower = bare_start(text);
    let after = lower.strip_prefix("security").map(|rest| {
        let rest = rest.trim_start();
        let object = SECURITY_OBJECTS.iter().rev().find_map(|object| rest.strip_prefix(object));
        object.unwrap_or(rest)
    });
    lower.contains("[security]") || after.is_some_and(announces)
}

/// A colon with something after it.
fn announces(rest: &str) -> bool {
    rest.trim_start().strip_prefix(':').is_some_and(|rest| !is_nothing(rest))
}

/// Names a vulnerability, and does not name it to say that it is none of ours.
pub(super) fn closes_vulnerability(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let named = lower.match_indices("cve-").any(|(at, _)| is_cve(&lower.as_bytes()[at + 4..]))
        || lower.match_indices("ghsa-").any(|(at, _)| is_ghsa(&lower.as_bytes()[at + 5..]));
    named && !UNTOUCHED.iter().any(|phrase| lower.contains(phrase))
}

/// `2024-12345`
fn is_cve(rest: &[u8]) -> bool {
    rest.len() >= 9
        && rest[..4].iter().all(u8::is_ascii_digit)
        && rest[4] == b'-'
        && rest[5..9].iter().all(u8::is_ascii_digit)
}

/// `abcd-efgh-2345`
fn is_ghsa(rest: &[u8]) -> bool {
    rest.len() >= 14
        && rest[..14].iter().enumerate().all(|(index, byte)| {
            if matches!(index, 4 | 9) { *byte == b'-' } else { byte.is_ascii_alphanumeric() }
        })
}

/// "None", "n/a", "No breaking changes": what templates leave under a heading.
pub(super) fn is_nothing(text: &str) -> bool {
    let words = words(text);
    match words.first().map(String::as_str) {
        None => true,
        Some("none" | "nothing" | "na" | "tbd") => words.len() <= 4,
        Some("n") => words.len() == 2 && words[1] == "a",
        Some("no") => words.len() <= 8,
        Some(_) => false,
    }
}

/// The kind by a conventional-commit prefix.
pub(super) fn prefix_kind(text: &str) -> Option<ChangeKind> {
    let (kind, _, _) = conventional(text)?;
    kind_of_word(kind).or(match kind {
        "perf" | "refactor" | "revert" => Some(ChangeKind::Changed),
        "docs" | "doc" | "chore" | "ci" | "test" | "tests" | "build" | "style" | "deps" => {
            Some(ChangeKind::Other)
        }
        _ => None,
    })
}

/// The kind by the verb at the start.
pub(super) fn kind_of_first_word(text: &str) -> Option<ChangeKind> {
    let first = bare_start(text);
    kind_of_word(first.split(|next: char| !next.is_alphanumeric()).next().unwrap_or_default())
}

fn kind_of_word(word: &str) -> Option<ChangeKind> {
    Some(match word {
        "feat" | "feature" | "add" | "added" | "adds" | "new" | "introduce" | "introduced" => {
            ChangeKind::Added
        }
        "fix" | "fixed" | "fixes" | "bugfix" | "hotfix" => ChangeKind::Fixed,
        "change" | "changed" | "changes" | "improve" | "improved" | "improves" | "update" | "updated"
        | "remove" | "removed" | "deprecate" | "deprecated" => ChangeKind::Changed,
        _ => return None,
    })
}

/// `type(scope)!: …` taken apart: the type in lower case as written, the scope, whether it is breaking.
fn conventional(text: &str) -> Option<(&str, &str, bool)> {
    let (head, rest) = text.trim_start().split_once(':')?;
    if rest.trim().is_empty() {
        return None;
    }
    let (head, breaking) = head.strip_suffix('!').map_or((head, false), |head| (head, true));
    let (kind, scope) = match head.split_once('(') {
        Some((kind, scope)) => (kind, scope.strip_suffix(')')?),
        None => (head, ""),
    };
    let is_type = !kind.is_empty() && kind.len() <= 20 && kind.bytes().all(|byte| byte.is_ascii_lowercase());
    is_type.then_some((kind, scope, breaking))
}

/// In lower case, without the symbols in front.
fn bare_start(text: &str) -> String {
    let symbol = |next: char| !next.is_alphanumeric() && next != '[' && next != '(';
    text.trim_start_matches(symbol).to_lowercase()
}

fn words(text: &str) -> Vec<String> {
    text.split(|next: char| !next.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
