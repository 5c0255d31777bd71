//! A server process: started with the wish to die with its parent, ended by its own pid.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A running server; dropping it kills the process and waits for its end.
#[derive(Debug)]
pub struct Server {
    child: Child,
    name: &'static str,
}

impl Server {
    /// Starts `program`. It gets SIGKILL when the thread that started it ends, so tests that die leave nothing behind.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(name: &'static str, program: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("start {name} ({program})"))?;
        Ok(Self { child, name })
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// If the process ends first, or after 30 seconds.
    pub fn wait_until(&mut self, mut ready: impl FnMut() -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait().context("wait for a server")? {
                bail!("{} ended while it started: {status}", self.name);
            }
            if started.elapsed() > Duration::from_secs(30) {
                bail!("{} was not ready within 30 seconds", self.name);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on now.
///
/// # Errors
/// If there is none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?.local_addr()?.port())
}
