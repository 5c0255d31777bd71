//! What these tests need besides the shared helpers: the real program with its log, conditions, crowds.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use contract::VersionState;
use fake_github::{Door, FakeGithub};
use futures_util::future::join_all;

use crate::helpers::{Answer, REPO, TestApp};

/// Conditions are waited for this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < PATIENCE, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The list of releases was asked for so often: one a round.
pub(crate) fn rounds(fake: &FakeGithub) -> usize {
    fake.count_path(Door::Api, &format!("/repos/{REPO}/releases"))
}

/// So many requests for one path at the same time; all must be answered 200.
pub(crate) async fn crowd(app: &TestApp, path: &str, people: usize) -> Vec<VersionState> {
    let answers = join_all((0..people).map(|_| app.get(path))).await;
    answers.iter().map(state_of).collect()
}

/// The state in a 200.
pub(crate) fn state_of(answer: &Answer) -> VersionState {
    assert_eq!(answer.status, 200, "{}", answer.text);
    serde_json::from_str(&answer.text).expect("the contract's shape")
}

/// `sidewatch serve`, as people run it.
pub(crate) struct Program {
    pub(crate) app: TestApp,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

/// The program with just these variables, not started yet; its results and its log are read.
pub(crate) fn command(verb: &str, environment: &HashMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidewatch"));
    command.arg(verb).env_clear().envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    /// Starts it and waits until it says where it listens.
    pub(crate) async fn start(environment: &HashMap<String, String>) -> Self {
        Self::run(command("serve", environment)).await
    }

    /// The same as a user who owns nothing, where the tests may become another user.
    pub(crate) async fn start_as_nobody(environment: &HashMap<String, String>) -> Self {
        let mut command = command("serve", environment);
        if is_root() {
            command.uid(65534).gid(65534);
        }
        Self::run(command).await
    }

    /// The same for a command of one's own.
    pub(crate) async fn run(mut command: Command) -> Self {
        let mut child = command.spawn().expect("start the program");
        let log = Arc::new(Mutex::new(Vec::new()));
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let lines = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        });
        let mut program = Self { app: TestApp::at(String::new()), child, log };
        eventually("the line that tells the address", async || {
            program.lines().iter().any(|line| address_in(line).is_some())
        })
        .await;
        let address = program.lines().iter().find_map(|line| address_in(line)).expect("just seen");
        program.app.url = format!("http://{address}");
        program
    }

    /// What it has logged so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The lines that hold this text.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.contains(text)).collect()
    }

    /// Sends a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("wait for the program") {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end: {:#?}", self.lines());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a child, by name.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.expect("send a signal").success());
}

/// Whether this process may do everything, also in folders that forbid it.
pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("ask who we are");
    output.stdout == b"0\n"
}

/// The address in the first line of a log, text or JSON.
fn address_in(line: &str) -> Option<String> {
    let rest = line.split_once("address=").or_else(|| line.split_once("\"address\":\""))?.1;
    let end = rest.find([' ', '"']).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}
