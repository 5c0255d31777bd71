//! The branch track through REST: the head, then the running commit against it.

use contract::{Comparison, ErrorCode};

use super::commits::{Compared, Head, parse_comparison, parse_head};
use super::failures;
use super::pages::{moved_to, segment};
use super::rest::Rest;
use crate::Repo;
use crate::source::{Answer, BranchHead, Found, Question, SourceFailure};

/// Joins the head's ETag and the running commit that was compared with it; no ETag holds a space.
const RUNNING_MARK: &str = " running ";
/// Changed files stand on the first page only; this asks for the numbers without them.
const NUMBERS_ONLY: &str = "per_page=100&page=2";

impl Rest {
    pub(super) async fn branch(&self, question: &Question, branch: &str) -> Result<Answer, SourceFailure> {
        let repo = &question.repo;
        let running = question.running_commit.as_deref().and_then(commit_name);
        let etag = etag_for(question.etag.as_deref(), running.as_deref());
        let url = self.config.endpoint(repo, &format!("/commits/{}", segment(branch)), None);
        let reply = self.get(url, etag).await?;
        match reply.status {
            200 => {}
            304 if etag.is_some() => return Ok(self.answer(Found::Unchanged, question.etag.clone(), None)),
            404 => return Err(failures::not_found(&reply, repo)),
            409 | 422 => return Err(failures::nothing_there(&reply, repo, &format!("no branch {branch}"))),
            _ => return Err(failures::status(&reply)),
        }
        let head =
            parse_head(&reply.body, &self.site, repo).map_err(|error| failures::bad_answer(&reply, error))?;
        let moved = moved_to(repo, head.repo.as_ref()).filter(|_| reply.moved);
        let etag = reply
            .etag()
            .map(|etag| format!("{etag}{RUNNING_MARK}{}", running.as_deref().unwrap_or_default()));
        let found = self.compared(repo, branch, head, running.as_deref()).await?;
        Ok(self.answer(Found::Head(found), etag, moved))
    }

    async fn compared(
        &self,
        repo: &Repo,
        branch: &str,
        head: Head,
        running: Option<&str>,
    ) -> Result<BranchHead, SourceFailure> {
        let head = head.commit;
        let Some(running) = running else {
            let url = self.site.commits(repo, branch);
            return Ok(uncompared(head, Comparison::Unknown, url));
        };
        let url = self.site.compare(repo, running, &head.sha);
        if head.sha.starts_with(running) {
            return Ok(BranchHead {
                behind: Some(0),
                commits: Vec::new(),
                ..uncompared(head, Comparison::Identical, url)
            });
        }
        Ok(match self.compare(repo, running, &head.sha).await? {
            None => BranchHead {
                url: self.site.commits(repo, branch),
                ..uncompared(head, Comparison::Unknown, url)
            },
            Some(compared) => BranchHead {
                sha: head.sha,
                committed_at: head.committed_at,
                comparison: compared.comparison,
                behind: Some(compared.behind),
                behind_since: compared.behind_since,
                commits: compared.commits,
                url,
                // Of another commit than the one that runs it would say something wrong.
                base: compared.base.filter(|base| base.starts_with(running)),
            },
        })
    }

    /// `None` if upstream does not know the running commit.
    async fn compare(
        &self,
        repo: &Repo,
        running: &str,
        head: &str,
    ) -> Result<Option<Compared>, SourceFailure> {
        let path = format!("/compare/{running}...{head}");
        let (reply, numbers_only) = match self.get(self.config.endpoint(repo, &path, None), None).await {
            Err(failure) if failure.code == ErrorCode::TooLarge => {
                (self.get(self.config.endpoint(repo, &path, Some(NUMBERS_ONLY)), None).await?, true)
            }
            other => (other?, false),
        };
        match reply.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(failures::status(&reply)),
        }
        let compared = parse_comparison(&reply.body, &self.site, repo)
            .map_err(|error| failures::bad_answer(&reply, error))?;
        Ok(Some(if numbers_only {
            Compared { behind_since: None, commits: Vec::new(), ..compared }
        } else {
            compared
        }))
    }
}

/// A commit as a configuration names it: seven hexadecimal digits at least.
pub(super) fn commit_name(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let hex = (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then_some(text)
}

/// The head's ETag, if the last answer compared it with the same running commit.
fn etag_for<'a>(etag: Option<&'a str>, running: Option<&str>) -> Option<&'a str> {
    let (etag, compared) = etag?.split_once(RUNNING_MARK)?;
    (compared == running.unwrap_or_default()).then_some(etag)
}

fn uncompared(head: crate::source::Commit, comparison: Comparison, url: String) -> BranchHead {
    BranchHead {
        sha: head.sha.clone(),
        committed_at: head.committed_at,
        comparison,
        behind: None,
        behind_since: None,
        commits: vec![head],
        url,
        base: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_counts_only_for_the_commit_it_was_compared_with() {
        assert_eq!(etag_for(Some("\"x\" running abc1234"), Some("abc1234")), Some("\"x\""));
        assert_eq!(etag_for(Some("\"x\" running "), None), Some("\"x\""));
        assert_eq!(etag_for(Some("\"x\" running abc1234"), Some("abc1235")), None);
        assert_eq!(etag_for(Some("\"x\""), None), None);
    }

    #[test]
    fn a_commit_is_hexadecimal_and_long_enough() {
        assert_eq!(commit_name(" ABCDEF1 ").as_deref(), Some("abcdef1"));
        for bad in ["", "dev", "abcdef", "../abcdef1", "abcdefg1"] {
            assert_eq!(commit_name(bad), None, "{bad}");
        }
    }
}
