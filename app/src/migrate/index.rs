//! `create index concurrently`: which index a statement makes.
//!
//! Interrupted, it leaves an index behind that is invalid; to find that, its name must be known.

/// An index that a statement makes concurrently.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// As the catalog has it; `None` if the statement leaves it to the server.
    pub(super) name: Option<String>,
    /// Whether one that is there is taken for it.
    pub(super) if_not_exists: bool,
}

/// Reads a statement; `None` if it makes no index, or not concurrently.
pub(super) fn made_by(sql: &str) -> Option<Index> {
    let text = without_comments(sql);
    let mut words = text.split_whitespace().peekable();
    let mut is = |expected: &str| words.next_if(|word| word.eq_ignore_ascii_case(expected)).is_some();
    if !is("create") {
        return None;
    }
    is("unique");
    if !(is("index") && is("concurrently")) {
        return None;
    }
    let if_not_exists = is("if") && is("not") && is("exists");
    let name = words.next().filter(|word| !word.eq_ignore_ascii_case("on")).map(catalog_name);
    Some(Index { name, if_not_exists })
}

fn catalog_name(word: &str) -> String {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_lowercase(),
    }
}

/// As a name stands in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Files open with comments. One between the words of a statement is found too; text in quotes comes after them.
fn without_comments(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found() {
        for (sql, name, if_not_exists) in [
            (
                "-- no-transaction\n-- Why: x\nCREATE INDEX CONCURRENTLY Events_By_Kind\n on events (kind);",
                "events_by_kind",
                false,
            ),
            ("create unique index concurrently if not exists \"A\" on t (a)", "A", true),
            ("create index -- why\n concurrently a on t (a)", "a", false),
        ] {
            assert_eq!(made_by(sql), Some(Index { name: Some(name.to_owned()), if_not_exists }), "{sql}");
        }
        assert_eq!(
            made_by("create index concurrently on t (a)"),
            Some(Index { name: None, if_not_exists: false })
        );
        for other in
            ["create index a on t (a)", "drop index concurrently a", "-- create index concurrently", ""]
        {
            assert_eq!(made_by(other), None, "{other}");
        }
    }
}
