//! Reading a commit and a comparison of two.

use chrono::{DateTime, Utc};
use contract::Comparison;
use serde::Deserialize;

use super::pages::Site;
use crate::Repo;
use crate::json::{self, BadAnswer, Items, Loose, Maybe};
use crate::notes;
use crate::repo::is_full_sha;
use crate::source::Commit;

/// Subjects are kept up to here.
const MAX_SUBJECT_CHARS: usize = 200;
/// GitHub compares no further.
const MAX_COMMITS: usize = 250;

/// The head of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: Commit,
    /// The repository that its page belongs to.
    pub repo: Option<Repo>,
}

/// The running commit against the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Full SHA of the running commit.
    pub base: Option<String>,
    /// How they stand.
    pub comparison: Comparison,
    /// Commits the running one lacks.
    pub behind: u64,
    /// When the oldest of them was committed, if the list reaches that far.
    pub behind_since: Option<DateTime<Utc>>,
    /// These commits, newest first.
    pub commits: Vec<Commit>,
}

#[derive(Deserialize)]
struct RawCommit {
    #[serde(default)]
    sha: Loose,
    #[serde(default)]
    html_url: Loose,
    #[serde(default)]
    commit: Maybe<RawInner>,
}

#[derive(Deserialize)]
struct RawInner {
    #[serde(default)]
    message: Loose,
    #[serde(default)]
    committer: Maybe<RawPerson>,
    #[serde(default)]
    author: Maybe<RawPerson>,
}

#[derive(Deserialize)]
struct RawPerson {
    #[serde(default)]
    date: Loose,
}

#[derive(Deserialize)]
struct RawBase {
    #[serde(default)]
    sha: Loose,
}

#[derive(Deserialize)]
struct RawComparison {
    #[serde(default)]
    status: Loose,
    #[serde(default)]
    ahead_by: Loose,
    #[serde(default)]
    base_commit: Maybe<RawBase>,
    #[serde(default)]
    commits: Items<RawCommit>,
}

/// Reads `GET /repos/{owner}/{name}/commits/{ref}`.
///
/// # Errors
/// [`BadAnswer`] if it is no object or has no full SHA.
pub fn parse_head(body: &[u8], site: &Site, repo: &Repo) -> Result<Head, BadAnswer> {
    let raw = json::object::<RawCommit>(body)?;
    let page = site.own(raw.html_url.as_text()).and_then(|page| page.parse().ok());
    let answered = page.and_then(|page| site.repo_of(&page));
    let commit = commit(raw, site, repo).ok_or(BadAnswer::Missing("sha"))?;
    Ok(Head { commit, repo: answered })
}

/// Reads `GET /repos/{owner}/{name}/compare/{running}...{head}`.
///
/// GitHub describes the head as seen from the running commit: its "ahead" means that the running one is behind.
///
/// # Errors
/// [`BadAnswer`] if it is no object or lacks `status` or `ahead_by`.
pub fn parse_comparison(body: &[u8], site: &Site, repo: &Repo) -> Result<Compared, BadAnswer> {
    let raw = json::object::<RawComparison>(body)?;
    let comparison = match raw.status.as_text() {
        Some("ahead") => Comparison::Behind,
        Some("behind") => Comparison::Ahead,
        Some("identical") => Comparison::Identical,
        Some("diverged") => Comparison::Diverged,
        _ => return Err(BadAnswer::Missing("status")),
    };
    let behind = match comparison {
        Comparison::Behind | Comparison::Diverged => {
            raw.ahead_by.number().ok_or(BadAnswer::Missing("ahead_by"))?
        }
        _ => 0,
    };
    let mut commits: Vec<Commit> =
        raw.commits.0.into_iter().filter_map(|raw| commit(raw, site, repo)).collect();
    let whole = u64::try_from(commits.len()).is_ok_and(|listed| listed == behind);
    let behind_since = commits.first().filter(|_| whole).and_then(|oldest| oldest.committed_at);
    commits.reverse();
    commits.truncate(MAX_COMMITS);
    let base = raw.base_commit.0.and_then(|base| base.sha.text()).filter(|sha| is_full_sha(sha));
    Ok(Compared { base, comparison, behind, behind_since, commits })
}

fn commit(raw: RawCommit, site: &Site, repo: &Repo) -> Option<Commit> {
    let sha = raw.sha.text().filter(|sha| is_full_sha(sha))?;
    let inner = raw.commit.0;
    let date = |person: &Maybe<RawPerson>| person.0.as_ref().and_then(|person| person.date.instant());
    let committed_at =
        inner.as_ref().and_then(|inner| date(&inner.committer).or_else(|| date(&inner.author)));
    let message = inner.and_then(|inner| inner.message.text()).unwrap_or_default();
    let url = site.own(raw.html_url.as_text()).unwrap_or_else(|| site.commit(repo, &sha));
    Some(Commit {
        subject: subject(&message),
        breaking: is_breaking(&message),
        committed_at,
        url: Some(url),
        sha,
    })
}

/// The first line.
pub(super) fn subject(message: &str) -> String {
    notes::one_line(message.lines().next().unwrap_or_default(), MAX_SUBJECT_CHARS)
}

/// Whether a message says that it breaks something, as Conventional Commits has it.
pub(super) fn is_breaking(message: &str) -> bool {
    let marked = message.lines().next().and_then(|line| line.split_once(": ")).is_some_and(|(kind, _)| {
        let word = kind.split('(').next().unwrap_or_default().trim_end_matches('!');
        kind.ends_with('!')
            && !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    let trailer = |line: &str| line.starts_with("BREAKING CHANGE:") || line.starts_with("BREAKING-CHANGE:");
    marked || message.lines().skip(1).any(trailer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(body: &str) -> Result<Compared, BadAnswer> {
        let site = Site::new("https://github.com".parse().unwrap());
        parse_comparison(body.as_bytes(), &site, &"o/r".parse().unwrap())
    }

    #[test]
    fn ahead_means_that_the_running_commit_is_behind() {
        let (one, two) = ("a".repeat(40), "b".repeat(40));
        let body = format!(
            r#"{{"status":"ahead","ahead_by":"2","base_commit":{{"sha":"{two}"}},"commits":[
            {{"sha":"{one}","commit":{{"message":"first\n\nmore","committer":{{"date":"2026-01-01T00:00:00Z"}}}}}},
            {{"sha":"{two}","commit":{{"message":"feat(x)!: second","author":{{"date":"2026-01-02T00:00:00Z"}}}}}}]}}"#
        );
        let compared = compare(&body).unwrap();
        assert_eq!((compared.comparison, compared.behind), (Comparison::Behind, 2));
        assert_eq!(compared.base.as_deref(), Some(two.as_str()));
        assert_eq!(compared.behind_since.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
        let subjects: Vec<_> = compared.commits.iter().map(|commit| commit.subject.as_str()).collect();
        assert_eq!(subjects, ["feat(x)!: second", "first"]);
        assert!(compared.commits[0].breaking && !compared.commits[1].breaking);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(compare(r#"{"status":"odd"}"#), Err(BadAnswer::Missing("status")));
        assert_eq!(compare(r#"{"status":"diverged"}"#), Err(BadAnswer::Missing("ahead_by")));
        assert_eq!(compare(r#"{"status":"identical"}"#).unwrap().behind, 0);
        for odd in [r#"null"#, r#"{"sha":"abc"}"#, r#"{"sha":7}"#, "[]"] {
            let body = format!(r#"{{"status":"identical","base_commit":{odd}}}"#);
            assert_eq!(compare(&body).unwrap().base, None, "{odd}");
        }
    }

    #[test]
    fn breaking_is_told_by_mark_or_trailer() {
        for yes in ["feat!: x", "fix(a)!: x", "x\n\nBREAKING CHANGE: y", "x\n\nBREAKING-CHANGE: y"] {
            assert!(is_breaking(yes), "{yes}");
        }
        for no in
            ["", "wow! really", "Oh no!: x y".replace("no", "n o").as_str(), "BREAKING CHANGE", "feat: x!"]
        {
            assert!(!is_breaking(no), "{no}");
        }
    }
}
