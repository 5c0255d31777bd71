//! From a hook's call to an event.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::git_dir::{GitDir, Head};
use super::git_process::{self, GitError};
use super::repository::{self, Settings};
use super::{checkout, commit, merge, push};
use crate::event::{NewEvent, is_session_id};

/// Somebody waits for this; but on a machine that is that slow, they wait for git all the time.
const WITHIN: Duration = Duration::from_secs(3);
/// Counting the lines of an enormous commit, or the commits of an enormous push, is not worth more than this.
pub(super) const COUNTED_WITHIN: Duration = Duration::from_millis(200);
/// Set by Claude Code for what it runs: the id of its session.
const SESSION: &str = "CLAUDE_CODE_SESSION_ID";
/// Longest name of a workspace that the server takes, in bytes.
const LONGEST_NAME: usize = 200;

/// How git called.
pub struct Call<'a> {
    /// The hook's name.
    pub hook: &'a str,
    /// Its arguments.
    pub arguments: &'a [OsString],
    /// Its standard input; only `pre-push` has one.
    pub input: &'a [u8],
    /// Where it was called.
    pub folder: &'a Path,
    /// Reads the environment.
    pub look_up: &'a dyn Fn(&str) -> Option<OsString>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What the four hooks look at.
pub(super) struct Scene<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) git_dir: GitDir,
    pub(super) deadline: Instant,
}

/// What a hook tells: a type and its data, or nothing.
pub(super) type Told = Option<(&'static str, Map<String, Value>)>;

impl Scene<'_> {
    /// The branch; none if there is none.
    pub(super) fn branch(&self) -> Option<String> {
        match self.git_dir.head() {
            Head::Branch(name) => Some(name),
            Head::Detached => None,
            Head::Unknown => {
                let asked = ["symbolic-ref", "--quiet", "--short", "HEAD"];
                let answer = git_process::start(self.call.folder, &asked).ok()?.finish(self.deadline).ok()?;
                Some(String::from_utf8_lossy(&answer).trim().to_owned()).filter(|name| !name.is_empty())
            }
        }
    }

    /// An argument as text.
    pub(super) fn argument(&self, place: usize) -> Option<String> {
        Some(self.call.arguments.get(place)?.to_string_lossy().into_owned())
    }
}

/// The event that a call stands for; none if there is nothing to tell, or the repository is left out.
///
/// # Errors
/// If git does not answer.
pub fn observe(call: &Call<'_>) -> Result<Option<NewEvent>, GitError> {
    let named = (call.look_up)("GIT_DIR");
    let Some(git_dir) = GitDir::find(call.folder, named.as_deref().map(Path::new)) else { return Ok(None) };
    let deadline = Instant::now() + WITHIN;
    // Both processes run at the same time.
    let asked = repository::start(call.folder)?;
    let scene = Scene { call, git_dir, deadline };
    let told = match call.hook {
        "post-commit" => commit::told(&scene),
        "post-checkout" => Ok(checkout::told(&scene)),
        "post-merge" => merge::told(&scene),
        "pre-push" => push::told(&scene),
        _ => Ok(None),
    };
    let settings = repository::finish(asked, deadline)?;
    if settings.left_out {
        return Ok(None);
    }
    Ok(told?.map(|(kind, data)| event(&scene, &settings, kind, data)))
}

fn event(scene: &Scene<'_>, settings: &Settings, kind: &str, mut data: Map<String, Value>) -> NewEvent {
    let folder = folder_name(scene);
    if let Some(repository) = settings.address().or_else(|| folder.clone()) {
        data.insert("repository".into(), repository.into());
    }
    if let Some(Value::String(remote)) = data.get_mut("remote") {
        // Somebody pushed to an address, which may hold a password.
        if !settings.has_remote(remote) {
            *remote = super::address::without_secrets(remote).unwrap_or_default();
        }
    }
    let session_id = (scene.call.look_up)(SESSION).and_then(|id| id.into_string().ok());
    NewEvent {
        kind: kind.to_owned(),
        session_id: session_id.filter(|id| is_session_id(id)),
        workspace: settings.workspace.clone().or(folder).and_then(|name| workspace(&name)),
        timestamp: scene.call.now,
        data: Value::Object(data),
    }
}

/// The name of the top folder of the work tree, in which git calls its hooks; of the repository if it is bare.
fn folder_name(scene: &Scene<'_>) -> Option<String> {
    let name = scene.call.folder.file_name().map(OsStr::to_string_lossy)?;
    let bare = if scene.git_dir.is_bare() { name.strip_suffix(".git") } else { None };
    Some(bare.unwrap_or(&name).to_owned()).filter(|name| !name.is_empty())
}

/// A name that the server takes: nobody chose the folder's name for it.
pub(crate) fn workspace(name: &str) -> Option<String> {
    let plain: String = name.chars().filter(|next| !next.is_control()).collect();
    let (name, _) = contract::terminal::cap(&plain, LONGEST_NAME);
    Some(name).filter(|name| !name.is_empty())
}
