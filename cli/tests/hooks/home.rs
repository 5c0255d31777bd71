//! A user with nothing but a home folder, git, and this program.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cli::folders::Folders;
use cli::hook_log;
use cli::spool::{Batch, Spool};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_remote-agent");

/// A folder of files: their modes and bytes, and where links lead.
pub(crate) type Snapshot = BTreeMap<PathBuf, (u32, Vec<u8>)>;

pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        let settings = "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n";
        fs::write(home.path().join(".gitconfig"), settings).unwrap();
        home
    }

    /// One more variable for everything that is run.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        Folders::from(|name| (name == "HOME").then(|| self.path().to_str().unwrap().to_owned()))
            .unwrap()
            .state
    }

    fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", self.path()).current_dir(folder);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_EDITOR", "true");
        // Some gits are built to look for these where they are told.
        for kept in ["GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs git, whatever comes of it.
    pub(crate) fn try_git(&self, folder: &Path, arguments: &[&str]) -> Output {
        self.command("git", folder).args(arguments).output().unwrap()
    }

    /// Runs git, which must succeed.
    pub(crate) fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.try_git(folder, arguments);
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs this program, whatever comes of it.
    pub(crate) fn try_run(&self, folder: &Path, arguments: &[&str]) -> Output {
        self.command(PROGRAM, folder).args(arguments).output().unwrap()
    }

    /// Runs this program, which must succeed; tells what it printed.
    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.try_run(folder, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Calls the agent's hook with a payload, as the agent does.
    pub(crate) fn call(&self, folder: &Path, payload: &[u8]) -> Output {
        self.call_with(folder, &["hook", "claude-code", "run"], payload)
    }

    pub(crate) fn call_with(&self, folder: &Path, arguments: &[&str], payload: &[u8]) -> Output {
        let mut child = self.command(PROGRAM, folder).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // It may have had enough before it has read all.
        drop(input.write_all(payload));
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// Runs a line of shell, as the agent does.
    pub(crate) fn shell(&self, folder: &Path, line: &str) -> Output {
        self.command("/bin/sh", folder).args(["-c", line]).output().unwrap()
    }

    /// Puts this program somewhere else. A process of its own writes it: a file that another test's new process still
    /// holds open for writing cannot be run.
    pub(crate) fn copy_program(&self, to: &Path) {
        let copied = self.command("cp", self.path()).arg(PROGRAM).arg(to).output().unwrap();
        assert!(copied.status.success(), "{copied:?}");
    }

    /// A new repository with hooks of ours.
    pub(crate) fn repository(&self, name: &str) -> PathBuf {
        let folder = self.plain_repository(name);
        self.run(&folder, &["hook", "git", "install"]);
        folder
    }

    /// A new repository.
    pub(crate) fn plain_repository(&self, name: &str) -> PathBuf {
        let folder = self.path().join(name);
        self.git(self.path(), &["init", "--quiet", "--template=", name]);
        folder
    }

    /// Commits a file with these lines; tells the commit's id.
    pub(crate) fn commit(&self, folder: &Path, file: &str, text: &str, subject: &str) -> String {
        fs::write(folder.join(file), text).unwrap();
        self.git(folder, &["add", "--", file]);
        self.git(folder, &["commit", "--quiet", "--message", subject]);
        self.git(folder, &["rev-parse", "HEAD"])
    }

    /// What waits for the server, in order: events, and transcripts as their bytes. It waits no more after this.
    pub(crate) fn take(&self) -> Vec<Value> {
        Spool::all(&self.state()).iter().flat_map(take_from).collect()
    }

    /// The same, which must be one event of this type.
    pub(crate) fn take_one(&self, kind: &str) -> Value {
        let mut taken = self.take();
        assert_eq!(taken.len(), 1, "{taken:?}; {:?}", self.problem());
        assert_eq!(taken[0]["type"], kind);
        taken.remove(0)
    }

    /// What the log of hooks says last.
    pub(crate) fn problem(&self) -> Option<String> {
        hook_log::latest(&self.state()).map(|problem| problem.text)
    }
}

/// Writes a script that can be run.
pub(crate) fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// All files below a folder.
pub(crate) fn snapshot(folder: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = match fs::read_link(&path) {
                Ok(target) => target.to_str().unwrap().as_bytes().to_vec(),
                Err(_) => fs::read(&path).unwrap(),
            };
            found.insert(path, (metadata.permissions().mode() & 0o7777, bytes));
        }
    }
    found
}

/// What waits in one spool. It waits no more after this.
fn take_from(spool: &Spool) -> Vec<Value> {
    let mut sender = spool.sender().unwrap().expect("nobody else sends");
    let mut taken = Vec::new();
    while let Some(batch) = sender.next(500).unwrap() {
        let place = match batch {
            Batch::Events(events) => {
                let (events, places): (Vec<_>, Vec<_>) = events.into_iter().unzip();
                taken.extend(events.iter().map(|event| serde_json::to_value(event).unwrap()));
                places.into_iter().next_back().unwrap()
            }
            Batch::Transcript(kept, place) => {
                let bytes = sender.path_of(&kept).and_then(|path| fs::read(path).ok());
                taken.push(Value::from(String::from_utf8(bytes.unwrap_or_default()).unwrap()));
                place
            }
        };
        sender.let_go(place).unwrap();
    }
    taken
}
