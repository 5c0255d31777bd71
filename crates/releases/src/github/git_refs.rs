//! The fourth door: git's list of references over smart HTTP.
//!
//! All tags, and heads of branches; no dates, no notes, no marks, no comparison.

use std::sync::Arc;

use contract::{Comparison, Via};

use super::branch::commit_name;
use super::pkt_line::{Frame, frames, line};
use super::tags::from_tag;
use super::web::{Web, answer};
use super::{GithubConfig, failures};
use crate::json::BadAnswer;
use crate::outbound::{Ask, Lane, Outbound, Reply};
use crate::repo::is_full_sha;
use crate::source::{Answer, BranchHead, Found, Question, ReleaseSource, SourceFailure};
use crate::{Release, Repo, Track};

/// The list of references.
pub struct GitRefs {
    web: Web,
}

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `refs/tags/v1.0.0` and the like.
    pub name: String,
    /// What it points to: a commit, or an annotated tag.
    pub sha: String,
}

/// What a server says when it is asked for its references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advertisement {
    /// All of them (protocol 0 and 1).
    References(Vec<Reference>),
    /// Ask for those you want (protocol 2).
    Capabilities {
        /// The hash function's name, where it says so; to be repeated.
        object_format: Option<String>,
    },
}

impl GitRefs {
    /// The web site that `config` names.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>, config: GithubConfig) -> Self {
        Self { web: Web::new(outbound, config) }
    }

    /// The references that begin with `prefix`, and the answer they came with.
    async fn references(&self, repo: &Repo, prefix: &str) -> Result<(Vec<Reference>, Reply), SourceFailure> {
        let mut url = self.web.url(repo, ".git/info/refs")?;
        url.set_query(Some("service=git-upload-pack"));
        let reply = checked(
            self.web.send(Ask::get(Lane::Web, url).header("git-protocol", "version=2")).await?,
            repo,
        )?;
        let read = parse_advertisement(&reply.body).map_err(|error| failures::bad_answer(&reply, error))?;
        let (references, reply) = match read {
            Advertisement::References(references) => (references, reply),
            Advertisement::Capabilities { object_format } => {
                let further = self.list(repo, &reply, prefix, object_format.as_deref()).await?;
                let references =
                    parse_ls_refs(&further.body).map_err(|error| failures::bad_answer(&further, error))?;
                (references, Reply { body: further.body, ..reply })
            }
        };
        Ok((references.into_iter().filter(|reference| reference.name.starts_with(prefix)).collect(), reply))
    }

    /// The second request of protocol 2, to where the first one was answered.
    async fn list(
        &self,
        repo: &Repo,
        first: &Reply,
        prefix: &str,
        object_format: Option<&str>,
    ) -> Result<Reply, SourceFailure> {
        let mut url = first.url.clone();
        url.set_query(None);
        let path = url.path().strip_suffix("/info/refs").map(|base| format!("{base}/git-upload-pack"));
        url.set_path(&path.ok_or_else(|| failures::bad_answer(first, BadAnswer::NotRefs))?);
        let format = object_format.map_or_else(String::new, |name| line(&format!("object-format={name}")));
        let body =
            format!("{}{format}0001{}0000", line("command=ls-refs"), line(&format!("ref-prefix {prefix}")));
        let ask = Ask::post(Lane::Web, url, body)
            .header("content-type", "application/x-git-upload-pack-request")
            .header("accept", "application/x-git-upload-pack-result")
            .header("git-protocol", "version=2");
        checked(self.web.send(ask).await?, repo)
    }

    async fn releases(&self, repo: &Repo) -> Result<Answer, SourceFailure> {
        let (references, reply) = self.references(repo, "refs/tags/").await?;
        if references.is_empty() {
            return Err(failures::nothing_there(&reply, repo, "no tags"));
        }
        let releases: Vec<Release> = references
            .into_iter()
            .filter_map(|reference| {
                from_tag(reference.name.strip_prefix("refs/tags/")?.to_owned(), &self.web.site, repo)
            })
            .collect();
        let found = Found::Releases { releases, complete: true };
        Ok(answer(Via::Git, found, self.moved_to(repo, &reply)))
    }

    async fn branch(&self, question: &Question, branch: &str) -> Result<Answer, SourceFailure> {
        let repo = &question.repo;
        let name = format!("refs/heads/{branch}");
        let (references, reply) = self.references(repo, &name).await?;
        let Some(head) = references.into_iter().find(|reference| reference.name == name) else {
            return Err(failures::nothing_there(&reply, repo, &format!("no branch {branch}")));
        };
        let running = question.running_commit.as_deref().and_then(commit_name);
        let same = running.as_ref().is_some_and(|running| head.sha.starts_with(running));
        let url = match &running {
            Some(running) => self.web.site.compare(repo, running, &head.sha),
            None => self.web.site.commits(repo, branch),
        };
        let found = BranchHead {
            sha: head.sha,
            committed_at: None,
            comparison: if same { Comparison::Identical } else { Comparison::Unknown },
            behind: same.then_some(0),
            behind_since: None,
            commits: Vec::new(),
            url,
            base: None,
        };
        Ok(answer(Via::Git, Found::Head(found), self.moved_to(repo, &reply)))
    }

    fn moved_to(&self, asked: &Repo, reply: &Reply) -> Option<String> {
        let (repo, _) = self.web.site.split(&reply.url).filter(|_| reply.moved)?;
        let name = repo.to_string();
        super::pages::moved_to(asked, name.strip_suffix(".git").unwrap_or(&name).parse().ok().as_ref())
    }
}

#[async_trait::async_trait]
impl ReleaseSource for GitRefs {
    fn via(&self) -> Via {
        Via::Git
    }

    async fn ask(&self, question: &Question) -> Result<Answer, SourceFailure> {
        match &question.track {
            Track::Releases => self.releases(&question.repo).await,
            Track::Branch(branch) => self.branch(question, branch).await,
        }
    }
}

/// GitHub asks for a login where a repository does not exist.
fn checked(reply: Reply, repo: &Repo) -> Result<Reply, SourceFailure> {
    match reply.status {
        200 => Ok(reply),
        401 | 404 => Err(failures::not_found(&reply, repo)),
        _ => Err(failures::status(&reply)),
    }
}

/// Reads the answer to `info/refs?service=git-upload-pack`, of any protocol version.
///
/// # Errors
/// [`BadAnswer`] if it is not the git protocol, or cut short.
pub fn parse_advertisement(bytes: &[u8]) -> Result<Advertisement, BadAnswer> {
    let (mut references, mut object_format) = (Vec::new(), None);
    let (mut first, mut version_2, mut ended) = (true, false, false);
    for frame in frames(bytes) {
        let line = match frame? {
            Frame::Line(line) => line,
            // The first flush ends only the service's name.
            Frame::Flush => {
                ended = !first;
                continue;
            }
            Frame::Delimiter => continue,
        };
        if line.starts_with(b"# service=") || line == b"version 1" {
            continue;
        }
        if first && line == b"version 2" {
            version_2 = true;
        } else if version_2 {
            object_format = object_format.or_else(|| format_name(line));
        } else {
            references.extend(reference(line)?);
        }
        first = false;
    }
    match (ended, version_2) {
        (false, _) => Err(BadAnswer::NotRefs),
        (true, true) => Ok(Advertisement::Capabilities { object_format }),
        (true, false) => Ok(Advertisement::References(references)),
    }
}

/// Reads the answer to `ls-refs` (protocol 2).
///
/// # Errors
/// [`BadAnswer`] if it is not the git protocol, or cut short.
pub fn parse_ls_refs(bytes: &[u8]) -> Result<Vec<Reference>, BadAnswer> {
    let (mut references, mut ended) = (Vec::new(), false);
    for frame in frames(bytes) {
        match frame? {
            Frame::Line(line) => references.extend(reference(line)?),
            Frame::Flush => ended = true,
            Frame::Delimiter => {}
        }
    }
    if ended { Ok(references) } else { Err(BadAnswer::NotRefs) }
}

/// `SHA NAME`, then capabilities or attributes; peeled tags and names that are no text are left out.
fn reference(line: &[u8]) -> Result<Option<Reference>, BadAnswer> {
    let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return Ok(None) };
    let mut words = line.split(' ');
    let (sha, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !is_full_sha(sha) {
        // An unborn head is told in place of a SHA; an error line is not.
        return if sha == "unborn" { Ok(None) } else { Err(BadAnswer::NotRefs) };
    }
    let wanted = name.starts_with("refs/") && !name.ends_with("^{}");
    Ok(wanted.then(|| Reference { name: name.to_owned(), sha: sha.to_owned() }))
}

fn format_name(line: &[u8]) -> Option<String> {
    let name = line.strip_prefix(b"object-format=")?;
    matches!(name, b"sha1" | b"sha256").then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn protocols_0_and_1_list_the_references_at_once() {
        let refs = format!(
            "{}0000{}{}{}0000",
            line("# service=git-upload-pack"),
            line(&format!("{SHA} HEAD\0multi_ack symref=HEAD:refs/heads/main")),
            line(&format!("{SHA} refs/tags/v1.0.0")),
            line(&format!("{SHA} refs/tags/v1.0.0^{{}}"))
        );
        let expected = vec![Reference { name: "refs/tags/v1.0.0".into(), sha: SHA.into() }];
        assert_eq!(parse_advertisement(refs.as_bytes()), Ok(Advertisement::References(expected.clone())));
        let version_1 = refs.replacen("0000", &format!("0000{}", line("version 1")), 1);
        assert_eq!(parse_advertisement(version_1.as_bytes()), Ok(Advertisement::References(expected)));
    }

    #[test]
    fn protocol_2_advertises_what_can_be_asked() {
        let text =
            format!("{}{}{}0000", line("version 2"), line("ls-refs=unborn"), line("object-format=sha1"));
        let object_format = Some("sha1".to_owned());
        assert_eq!(parse_advertisement(text.as_bytes()), Ok(Advertisement::Capabilities { object_format }));
        let listed =
            format!("{}{}0000", line("unborn HEAD"), line(&format!("{SHA} refs/tags/a peeled:{SHA}")));
        assert_eq!(parse_ls_refs(listed.as_bytes()).unwrap()[0].name, "refs/tags/a");
    }

    #[test]
    fn a_cut_or_foreign_answer_is_told() {
        let whole =
            format!("{}0000{}0000", line("# service=git-upload-pack"), line(&format!("{SHA} refs/tags/a")));
        for end in 0..whole.len() - 1 {
            assert_eq!(parse_advertisement(&whole.as_bytes()[..end]), Err(BadAnswer::NotRefs), "{end}");
        }
        for bad in ["", "<html>", "0011ERR no access0000"] {
            assert_eq!(parse_advertisement(bad.as_bytes()), Err(BadAnswer::NotRefs), "{bad}");
            assert_eq!(parse_ls_refs(bad.as_bytes()), Err(BadAnswer::NotRefs), "{bad}");
        }
    }
}
