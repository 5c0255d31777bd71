//! git as a process: bounded output, a deadline, no pager, no network.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// More than this is never of use.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git, or it cannot be started.
    #[error("git cannot be started; is it installed, and in PATH?")]
    Start(#[source] io::Error),
    /// It takes too long.
    #[error("git did not answer in time")]
    Slow,
    /// It refuses.
    #[error("git {command} failed: {told}")]
    Refused {
        /// Its first argument.
        command: String,
        /// Its exit code; none if a signal ended it.
        code: Option<i32>,
        /// What it said.
        told: String,
    },
}

/// A git that runs.
#[derive(Debug)]
pub(super) struct Running {
    command: String,
    child: Child,
    output: Receiver<Vec<u8>>,
    complaint: Receiver<Vec<u8>>,
}

/// What git tells the programs that it starts about the repository that it works on (`git rev-parse --local-env-vars`).
const ABOUT_REPOSITORY: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Starts git in a folder, on the repository that called us.
pub(super) fn start<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Result<Running, GitError> {
    run(&mut Command::new("git"), folder, arguments)
}

fn run<A: AsRef<OsStr>>(git: &mut Command, folder: &Path, arguments: &[A]) -> Result<Running, GitError> {
    let mut child = git
        // Whatever reads the index would run the program that a repository names there.
        .args(["-c", "core.fsmonitor=false"])
        .args(arguments)
        .current_dir(folder)
        // What it says is read by us, not by a person.
        .env("LC_ALL", "C")
        // A partial clone would go and fetch what it lacks.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(GitError::Start)?;
    let output = read_aside(child.stdout.take());
    let complaint = read_aside(child.stderr.take());
    let command = arguments.first().map(|first| first.as_ref().to_string_lossy().into_owned());
    Ok(Running { command: command.unwrap_or_default(), child, output, complaint })
}

/// Starts git on the repository around a folder, whatever called us, and waits for its answer.
pub(super) fn ask<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[A],
    within: Duration,
) -> Result<Vec<u8>, GitError> {
    let mut git = Command::new("git");
    for name in ABOUT_REPOSITORY {
        git.env_remove(name);
    }
    run(&mut git, folder, arguments)?.finish(Instant::now() + within)
}

impl Running {
    /// What it printed.
    pub(super) fn finish(mut self, deadline: Instant) -> Result<Vec<u8>, GitError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(output) = self.output.recv_timeout(left) else {
            // It may be gone already; then there is nothing to end.
            drop(self.child.kill());
            drop(self.child.wait());
            return Err(GitError::Slow);
        };
        let status = self.child.wait().map_err(GitError::Start)?;
        if status.success() {
            return Ok(output);
        }
        let told = self.complaint.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
        let told = String::from_utf8_lossy(&told);
        let told = told.lines().map(|line| line.trim_start_matches("fatal: ")).next().unwrap_or("");
        let told = contract::terminal::one_line(told, 300);
        Err(GitError::Refused { command: self.command, code: status.code(), told })
    }
}

/// Reads to the end in a thread of its own: a pipe has no deadline.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What came before an error is all there is.
            drop(pipe.take(LONGEST_OUTPUT).read_to_end(&mut bytes));
        }
        // Whoever waited may have given up.
        drop(sender.send(bytes));
    });
    receiver
}
