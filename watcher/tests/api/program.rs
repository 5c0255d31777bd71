//! The real program: run to its end, or in the background with its log.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nothing here may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// No verb that ends by itself may take longer.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// A child that does not outlive a failed test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn read(pipe: &mut impl Read) -> String {
    let mut text = String::new();
    pipe.read_to_string(&mut text).expect("text");
    text
}

/// What a run came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }
}

/// The program with nothing in its environment but this.
fn command(arguments: &[&str], environment: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidewatch"));
    command.args(arguments).env_clear().envs(environment).stdin(Stdio::null());
    command
}

/// Runs the program to its end, on a thread of its own, so that stubs go on answering.
pub(crate) async fn run(arguments: &[&str], environment: &BTreeMap<String, String>) -> Ended {
    let mut command = command(arguments, environment);
    tokio::task::spawn_blocking(move || {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("run sidewatch");
        let mut child = Killed(child);
        let (mut stdout, mut stderr) =
            (child.0.stdout.take().expect("piped"), child.0.stderr.take().expect("piped"));
        let talk = std::thread::spawn(move || read(&mut stderr));
        let started = Instant::now();
        let results = std::thread::spawn(move || read(&mut stdout));
        let status = loop {
            if let Some(status) = child.0.try_wait().expect("ask for the child") {
                break status;
            }
            // The guard ends it: what hangs must not outlive the tests.
            assert!(started.elapsed() < LONGEST_RUN, "sidewatch does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        Ended {
            code: status.code().unwrap_or(-1),
            stdout: results.join().expect("no panic"),
            stderr: talk.join().expect("no panic"),
        }
    })
    .await
    .expect("no panic")
}

/// A running `sidewatch serve`; killed when dropped.
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) url: String,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    /// Starts it, and waits until it says where it listens.
    pub(crate) async fn start(environment: &BTreeMap<String, String>) -> Self {
        let mut child =
            command(&["serve"], environment).stderr(Stdio::piped()).spawn().expect("run sidewatch");
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut serving = Self { url: String::new(), child, log };
        serving.url = format!("http://{}", serving.address().await);
        serving
    }

    async fn address(&self) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            let named = log.iter().find_map(|line| {
                // As text, or as JSON.
                let (_, rest) = line.split_once("address=").or_else(|| line.split_once("\"address\":\""))?;
                rest.split([' ', '"']).next().map(str::to_owned)
            });
            if let Some(address) = named {
                return address;
            }
            assert!(started.elapsed() < PATIENCE, "never listened: {log:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The lines on stderr so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends SIGTERM, waits for the end, and tells how it ended and how long that took.
    pub(crate) async fn terminate(self) -> (ExitStatus, Duration) {
        self.signal("TERM").await
    }

    /// The same with a signal by name.
    pub(crate) async fn signal(mut self, name: &str) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().expect("run kill");
        assert!(sent.success());
        loop {
            if let Some(status) = self.child.try_wait().expect("ask for the child") {
                return (status, started.elapsed());
            }
            assert!(started.elapsed() < PATIENCE, "it does not stop: {:#?}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(mut rest) = self.child.stdout.take() {
            drop(rest.read_to_string(&mut String::new()));
        }
    }
}
