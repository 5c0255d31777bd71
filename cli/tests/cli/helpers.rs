//! A home of its own for each test, and the real program run in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cli::spool::Spool;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const KEY: &str = "test-key-of-no-value-0123456789";
/// Everything that must come about comes about within this.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A user: a home, and what the environment says.
#[derive(Clone)]
pub(crate) struct User {
    home: Arc<TempDir>,
    pub(crate) environment: BTreeMap<String, String>,
}

/// What a run of the program came to.
pub(crate) struct Ended {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }

    /// Asserts the exit code and gives what was said on stdout.
    pub(crate) fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stdout
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl User {
    /// One who uses the server at this address.
    pub(crate) fn of(address: &str) -> Self {
        let user = Self::without_key(address);
        user.with("REMOTE_AGENT_API_KEY", KEY)
    }

    pub(crate) fn without_key(address: &str) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let path = std::env::var("PATH").unwrap_or_default();
        let environment = BTreeMap::from([
            ("HOME".to_owned(), home.path().display().to_string()),
            ("PATH".to_owned(), path),
            ("REMOTE_AGENT_URL".to_owned(), address.to_owned()),
        ]);
        Self { home, environment }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same one without a key: what it emits is kept and not sent.
    pub(crate) fn keeping(&self) -> Self {
        let mut environment = self.environment.clone();
        environment.remove("REMOTE_AGENT_API_KEY");
        Self { home: Arc::clone(&self.home), environment }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// What waits for the server of the environment.
    pub(crate) fn open_spool(&self) -> Spool {
        Spool::for_server(&self.state(), &self.environment["REMOTE_AGENT_URL"]).unwrap()
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.open_spool().folder().to_owned()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home().join(".local/state/remote-agent")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.home().join(".cache/remote-agent")
    }

    /// The program, or one that runs it.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).current_dir(self.home()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.command(program()).args(arguments).output().unwrap().into()
    }

    /// Runs it with this on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ended {
        let mut command = self.command(program());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end before it has read all of it.
        drop(child.stdin.take().unwrap().write_all(input));
        child.wait_with_output().unwrap().into()
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(program());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What `spool status` counts.
    pub(crate) fn waiting(&self) -> Value {
        let ended = self.run(&["spool", "status", "--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.json()
    }

    /// What was set aside, line by line.
    pub(crate) fn set_aside(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.spool().join("rejected.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_remote-agent")
}

pub(crate) fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + SOON;
    while !condition() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Numbers that are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Less than `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
