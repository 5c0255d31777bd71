//! Git over smart HTTP, as far as `git ls-remote` goes: references, by the old protocol and by version 2.

use hyper::http::request::Parts;

use super::pkt::{self, Packet};
use crate::answer::{Answer, TEXT};
use crate::gzip;
use crate::repo::Repo;

const AGENT: &str = "agent=git/github-fa4e0c0de000";
const CAPABILITIES: &str = "multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not \
deepen-relative no-progress include-tag multi_ack_detailed allow-tip-sha1-in-want allow-reachable-sha1-in-want \
no-done";
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// A reference.
struct Reference {
    name: String,
    target: String,
    /// The commit, where the target is a tag object.
    peeled: Option<String>,
    /// What a symbolic reference points at.
    symbolic: Option<String>,
}

/// What git is told where there is no such repository: it asks for a login.
pub(super) fn refused() -> Answer {
    Answer::new(401, TEXT, "Repository not found.").with("www-authenticate", "Basic realm=\"GitHub\"")
}

/// `GET info/refs?service=git-upload-pack`.
pub(super) fn advertise(repo: &Repo, parts: &Parts) -> Answer {
    let protocol = protocol(parts);
    let mut out = Vec::new();
    pkt::line(&mut out, b"# service=git-upload-pack");
    pkt::flush(&mut out);
    if protocol == 2 && !repo.git_v1_only {
        let capabilities = [
            "version 2",
            AGENT,
            "ls-refs=unborn",
            "fetch=shallow wait-for-done filter",
            "server-option",
            "object-format=sha1",
        ];
        for capability in capabilities {
            pkt::line(&mut out, capability.as_bytes());
        }
    } else {
        if protocol == 1 {
            pkt::line(&mut out, b"version 1");
        }
        advertise_all(&mut out, repo);
    }
    pkt::flush(&mut out);
    answer("application/x-git-upload-pack-advertisement", out)
}

/// The protocol version that was asked for.
fn protocol(parts: &Parts) -> u8 {
    let asked = parts.headers.get("git-protocol").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match asked.split(':').find_map(|part| part.strip_prefix("version=")) {
        Some("2") => 2,
        Some("1") => 1,
        _ => 0,
    }
}

/// Every reference, one to a line, the capabilities behind the first.
fn advertise_all(out: &mut Vec<u8>, repo: &Repo) {
    let references = references(repo);
    let symref = references.iter().find_map(|reference| reference.symbolic.as_deref());
    let symref = symref.map(|target| format!(" symref=HEAD:{target}")).unwrap_or_default();
    let capabilities = format!("{CAPABILITIES}{symref} filter object-format=sha1 {AGENT}");
    if references.is_empty() {
        pkt::line(out, format!("{NO_COMMIT} capabilities^{{}}\0{capabilities}").as_bytes());
    }
    for (index, reference) in references.iter().enumerate() {
        let Reference { name, target, peeled, .. } = reference;
        let tail = if index == 0 { format!("\0{capabilities}") } else { String::new() };
        pkt::line(out, format!("{target} {name}{tail}").as_bytes());
        if let Some(peeled) = peeled {
            pkt::line(out, format!("{peeled} {name}^{{}}").as_bytes());
        }
    }
}

/// `POST git-upload-pack`: `ls-refs` is all that is served.
pub(super) fn upload_pack(repo: &Repo, parts: &Parts, body: &[u8]) -> Answer {
    let packed = parts.headers.get("content-encoding").is_some_and(|value| value == "gzip");
    let decoded = if packed { gzip::decompressed(body) } else { Some(body.to_vec()) };
    let Some(packets) = decoded.as_deref().and_then(pkt::parse) else {
        return Answer::new(400, TEXT, "bad line length character\n");
    };
    let lines: Vec<String> = packets
        .iter()
        .filter_map(|packet| match packet {
            Packet::Line(line) => Some(String::from_utf8_lossy(line).into_owned()),
            Packet::Flush | Packet::Delimiter => None,
        })
        .collect();
    if repo.git_v1_only || protocol(parts) != 2 || !lines.iter().any(|line| line == "command=ls-refs") {
        return Answer::new(403, TEXT, "only references are served here\n");
    }
    let has = |word: &str| lines.iter().any(|line| line == word);
    let prefixes: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("ref-prefix ")).collect();
    let mut out = Vec::new();
    for reference in references(repo) {
        let wanted = prefixes.is_empty() || prefixes.iter().any(|prefix| reference.name.starts_with(prefix));
        if wanted {
            pkt::line(&mut out, described(&reference, has("symrefs"), has("peel")).as_bytes());
        }
    }
    pkt::flush(&mut out);
    answer("application/x-git-upload-pack-result", out)
}

fn described(reference: &Reference, symrefs: bool, peel: bool) -> String {
    let mut line = format!("{} {}", reference.target, reference.name);
    if let Some(target) = reference.symbolic.as_deref().filter(|_| symrefs) {
        line.push_str(&format!(" symref-target:{target}"));
    }
    if let Some(commit) = reference.peeled.as_deref().filter(|_| peel) {
        line.push_str(&format!(" peeled:{commit}"));
    }
    line
}

/// `HEAD`, then all others by name.
fn references(repo: &Repo) -> Vec<Reference> {
    let plain = |name: String, target: &str| Reference {
        name,
        target: target.to_owned(),
        peeled: None,
        symbolic: None,
    };
    let branches = repo.branches.iter().map(|(name, sha)| plain(format!("refs/heads/{name}"), sha));
    let pulls = repo.pulls.iter().map(|(number, sha)| plain(format!("refs/pull/{number}/head"), sha));
    let tags = repo.tags.iter().map(|tag| Reference {
        name: format!("refs/tags/{}", tag.name),
        target: tag.object.as_ref().unwrap_or(&tag.sha).clone(),
        peeled: tag.object.as_ref().map(|_| tag.sha.clone()),
        symbolic: None,
    });
    let mut all: Vec<Reference> = branches.chain(pulls).chain(tags).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(sha) = repo.branches.get(&repo.default_branch) {
        let symbolic = Some(format!("refs/heads/{}", repo.default_branch));
        all.insert(0, Reference { symbolic, ..plain("HEAD".to_owned(), sha) });
    }
    all
}

fn answer(content_type: &str, body: Vec<u8>) -> Answer {
    Answer::new(200, content_type, body)
        .with("cache-control", "no-cache, max-age=0, must-revalidate")
        .with("expires", "Fri, 01 Jan 1980 00:00:00 GMT")
        .with("pragma", "no-cache")
}
