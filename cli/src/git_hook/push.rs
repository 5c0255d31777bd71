//! `pre-push`: what is about to be pushed. Whether the other side takes it, no hook of git's tells.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::git_process::{self, GitError};
use super::observe::{COUNTED_WITHIN, Scene, Told};

/// Somebody who pushes all their tags does not want to read them all.
const MOST_REFS: usize = 50;

/// One line of what git gives to the hook.
#[derive(Debug, PartialEq, Eq)]
struct Update<'a> {
    local: &'a str,
    local_sha: &'a str,
    remote: &'a str,
    remote_sha: &'a str,
}

pub(super) fn told(scene: &Scene<'_>) -> Result<Told, GitError> {
    let input = String::from_utf8_lossy(scene.call.input);
    let updates: Vec<Update<'_>> = input.lines().filter_map(parse).collect();
    let Some(first) = updates.iter().find(|update| !is_none(update.local_sha)).or(updates.first()) else {
        return Ok(None);
    };
    let remote = scene.argument(0).unwrap_or_default();
    let mut data = Map::new();
    if let Some(branch) = first.remote.strip_prefix("refs/heads/") {
        data.insert("branch".into(), branch.into());
    }
    if !is_none(first.local_sha) {
        data.insert("sha".into(), first.local_sha.into());
    }
    if let Some(commits) = count(scene, &updates, &remote) {
        data.insert("commits".into(), commits.into());
    }
    data.insert("remote".into(), remote.into());
    data.insert("refCount".into(), updates.len().into());
    data.insert("refs".into(), updates.iter().take(MOST_REFS).map(told_ref).collect());
    Ok(Some(("git.push", data)))
}

fn told_ref(update: &Update<'_>) -> Value {
    let mut told = json!({"ref": update.remote, "delete": is_none(update.local_sha)});
    for (key, sha) in [("from", update.remote_sha), ("to", update.local_sha)] {
        if !is_none(sha) {
            told[key] = sha.into();
        }
    }
    if !is_none(update.local_sha) {
        told["local"] = update.local.into();
    }
    told
}

/// How many commits the other side does not have yet, as far as this side knows.
fn count(scene: &Scene<'_>, updates: &[Update<'_>], remote: &str) -> Option<u64> {
    if updates.len() > MOST_REFS || updates.iter().all(|update| is_none(update.local_sha)) {
        return None;
    }
    let known = |shas: Vec<&str>| -> Vec<String> {
        shas.into_iter().filter(|sha| !is_none(sha)).map(str::to_owned).collect()
    };
    let mut arguments = vec!["rev-list".to_owned(), "--count".to_owned(), "--ignore-missing".to_owned()];
    arguments.extend(known(updates.iter().map(|update| update.local_sha).collect()));
    arguments.push("--not".to_owned());
    arguments.extend(known(updates.iter().map(|update| update.remote_sha).collect()));
    if !remote.is_empty() && !remote.contains(['*', '?', '[', '/', ':']) {
        arguments.push(format!("--remotes={remote}"));
    }
    let soon = scene.deadline.min(Instant::now() + COUNTED_WITHIN);
    let answer = git_process::start(scene.call.folder, &arguments).ok()?.finish(soon).ok()?;
    String::from_utf8_lossy(&answer).trim().parse().ok()
}

/// `refs/heads/main SHA refs/heads/main SHA`
fn parse(line: &str) -> Option<Update<'_>> {
    let mut words = line.split(' ');
    let (local, local_sha) = (words.next()?, words.next()?);
    let (remote, remote_sha) = (words.next()?, words.next()?);
    let is_sha = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_sha(local_sha) && is_sha(remote_sha)).then_some(Update { local, local_sha, remote, remote_sha })
}

/// Zeros stand for what is not there.
fn is_none(sha: &str) -> bool {
    sha.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_read() {
        let (a, b) = ("a".repeat(40), "b".repeat(64));
        let line = format!("refs/heads/ü {a} refs/heads/main {b}");
        let read = parse(&line).unwrap();
        assert_eq!((read.local, read.remote_sha), ("refs/heads/ü", b.as_str()));
        // What is not an id could be taken for an option by git.
        for wrong in ["", "a b c d", &format!("x --all y {a}"), &format!("x {a} y")] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
