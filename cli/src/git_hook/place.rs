//! Where git looks for the hooks of a repository, and so what an installation has to change.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::beside::{self, HookError};
use super::git_process::{GitError, ask};

/// Our folder inside a repository whose hooks are somewhere else.
const OWN_FOLDER: &str = "remote-agent-hooks";
/// People wait for these, once.
pub(super) const WITHIN: Duration = Duration::from_secs(10);

/// What to change. Hooks that are there keep their place and their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// This folder, which belongs to the repository alone and has none of our hooks' names yet.
    Beside(PathBuf),
    /// `core.hooksPath` of the repository: there are such hooks, or the folder is one that others use too, or is under
    /// version control.
    Instead(Instead),
    /// Nothing: our folder is configured for all repositories of this user.
    Everywhere,
}

/// A folder of ours, and the configuration that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// Our folder.
    pub folder: PathBuf,
    /// git's option for the configuration that names it: `--global`, `--local` or `--worktree`.
    pub scope: &'static str,
    /// Where git is run.
    pub around: PathBuf,
    /// The files in which git may keep that configuration.
    pub config_files: Vec<PathBuf>,
    /// What `core.hooksPath` was until now, as a path for a script; none if it was not set.
    pub chain: Option<PathBuf>,
    /// The same as it stands in the configuration of that scope.
    pub previous: Option<OsString>,
}

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// git does not say.
    #[error("{} cannot be looked at", folder.display())]
    Git {
        /// Where it was asked.
        folder: PathBuf,
        /// What it said.
        #[source]
        source: GitError,
    },
    /// The hooks that are there cannot be looked at, or one of ours was changed.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// Somebody's settings cannot be found.
    #[error("there is no home folder; set HOME")]
    Home,
}

/// A repository, as git sees it.
#[derive(Debug)]
pub struct Repository {
    top: PathBuf,
    common: PathBuf,
    own: PathBuf,
    hooks: PathBuf,
    configured: Option<(String, OsString)>,
}

impl Repository {
    /// The one around a folder.
    ///
    /// # Errors
    /// If there is none, or there is no git.
    pub fn around(folder: &Path) -> Result<Self, PlaceError> {
        let failed = |source| PlaceError::Git { folder: folder.to_owned(), source };
        // One path for each question: a path may have line breaks.
        let told = |place: &Path, asked: &[&str]| ask(place, asked, WITHIN).map(path);
        let common =
            told(folder, &["rev-parse", "--path-format=absolute", "--git-common-dir"]).map_err(failed)?;
        let own = told(folder, &["rev-parse", "--absolute-git-dir"]).map_err(failed)?;
        // A bare repository has no work tree, which is no mistake.
        let top = told(folder, &["rev-parse", "--show-toplevel"]).unwrap_or_else(|_| own.clone());
        // A relative `core.hooksPath` is meant from where git calls its hooks.
        let hooks =
            told(&top, &["rev-parse", "--path-format=absolute", "--git-path", "hooks"]).map_err(failed)?;
        let configured = configured(&top, &["config", "--show-scope", "-z", "--get", "core.hooksPath"])
            .map_err(failed)?
            .and_then(|answer| two_parts(&answer));
        Ok(Self { top, common, own, hooks, configured })
    }

    /// What an installation for this repository changes; `global` is our folder for all of them.
    ///
    /// # Errors
    /// If the configuration is not one that lasts.
    pub fn place(&self, global: &Path) -> Result<Place, PlaceError> {
        let mut instead = self.instead();
        if self.hooks == instead.folder {
            return Ok(Place::Instead(instead));
        }
        let scope = self.configured.as_ref().map(|(scope, _)| scope.as_str());
        let is_local = matches!(scope, Some("local" | "worktree"));
        if matches!(scope, Some("global" | "system")) && self.hooks == global {
            return Ok(Place::Everywhere);
        }
        if (scope.is_none() || is_local) && self.is_own() && !beside::has_others(&self.hooks)? {
            return Ok(Place::Beside(self.hooks.clone()));
        }
        if let Some((_, value)) = &self.configured {
            let home = value.as_encoded_bytes().starts_with(b"~");
            instead.chain = Some(if home { self.hooks.clone() } else { PathBuf::from(value) });
            instead.previous = is_local.then(|| value.clone());
        }
        Ok(Place::Instead(instead))
    }

    /// Whether the hooks are in the repository's own folder, also behind all links.
    fn is_own(&self) -> bool {
        let real = self.hooks.ancestors().find_map(|place| place.canonicalize().ok());
        let common = self.common.canonicalize();
        real.zip(common.ok()).is_some_and(|(real, common)| real.starts_with(common))
    }

    /// The folder in which the hooks are if nothing else is configured.
    #[must_use]
    pub fn plain_hooks(&self) -> PathBuf {
        self.common.join("hooks")
    }

    /// The hooks that git calls now, if they are the repository's own.
    #[must_use]
    pub fn own_hooks(&self) -> Option<PathBuf> {
        self.is_own().then(|| self.hooks.clone())
    }

    /// Our own folder in this repository, whether it is there or not.
    #[must_use]
    pub fn instead(&self) -> Instead {
        Instead {
            folder: self.own_folder(),
            scope: if self.is_worktree_scope() { "--worktree" } else { "--local" },
            around: self.top.clone(),
            config_files: vec![self.common.join("config"), self.own.join("config.worktree")],
            chain: None,
            previous: None,
        }
    }

    /// Beside the configuration that names it, so that it lives as long.
    fn own_folder(&self) -> PathBuf {
        if self.is_worktree_scope() { self.own.join(OWN_FOLDER) } else { self.common.join(OWN_FOLDER) }
    }

    fn is_worktree_scope(&self) -> bool {
        self.configured.as_ref().is_some_and(|(scope, _)| scope == "worktree")
    }
}

/// Our folder for all repositories of this user.
///
/// # Errors
/// If git does not answer.
pub fn everywhere(
    folder: PathBuf,
    look_up: impl Fn(&str) -> Option<OsString>,
) -> Result<Instead, PlaceError> {
    let named = |name: &str| look_up(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = named("HOME").ok_or(PlaceError::Home)?;
    // Away from all repositories: there the configuration is that of the user and of the system, with all that they
    // include.
    let around = PathBuf::from("/");
    let failed = |source| PlaceError::Git { folder: around.clone(), source };
    let own = ["config", "--global", "--get", "core.hooksPath"];
    let previous = configured(&around, &own).map_err(failed)?;
    let chain = in_force(&around).map_err(failed)?.map(|(_, value)| PathBuf::from(value));
    let config_files = match named("GIT_CONFIG_GLOBAL") {
        Some(file) => vec![file],
        None => {
            let xdg = named("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
            vec![home.join(".gitconfig"), xdg.join("git/config")]
        }
    };
    Ok(Instead { folder, scope: "--global", around, config_files, chain, previous })
}

/// The `core.hooksPath` that counts in a folder, with the file that it comes from.
pub(super) fn in_force(folder: &Path) -> Result<Option<(String, OsString)>, GitError> {
    let asked = ["config", "--includes", "--type=path", "--show-origin", "-z", "--get", "core.hooksPath"];
    Ok(configured(folder, &asked)?.and_then(|answer| two_parts(&answer)))
}

/// The answer to a question about the configuration; none if nothing is set.
pub(super) fn configured(folder: &Path, asked: &[&str]) -> Result<Option<OsString>, GitError> {
    match ask(folder, asked, WITHIN) {
        Ok(answer) => Ok(Some(path(answer).into())),
        Err(GitError::Refused { code: Some(1), .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Both parts of an answer that NUL ends.
fn two_parts(answer: &OsStr) -> Option<(String, OsString)> {
    let mut parts = answer.as_bytes().split(|byte| *byte == 0);
    let first = String::from_utf8_lossy(parts.next()?).into_owned();
    Some((first, OsStr::from_bytes(parts.next()?).to_owned()))
}

fn path(mut answer: Vec<u8>) -> PathBuf {
    if answer.last() == Some(&b'\n') {
        answer.pop();
    }
    PathBuf::from(OsString::from_vec(answer))
}
