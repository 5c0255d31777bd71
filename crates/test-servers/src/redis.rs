//! A Redis for one test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::process::{Server, free_port};

/// What Redis writes down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppendOnly {
    /// Each command, onto the disk once a second. While that takes long, Redis answers before it writes.
    #[default]
    Everysec,
    /// Each command onto the disk before it is answered.
    Always,
    /// Nothing.
    Off,
}

/// How Redis is set up.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// What it writes down.
    pub append_only: AppendOnly,
    /// `noeviction` where nothing else is said.
    pub maxmemory_policy: Option<String>,
    /// Such as `8mb`; without it there is no limit.
    pub maxmemory: Option<String>,
}

/// A running Redis; its data goes away with it.
#[derive(Debug)]
pub struct Redis {
    options: RedisOptions,
    folder: TempDir,
    port: u16,
    server: Server,
}

impl Redis {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// If there is no `redis-server`, or it does not come up.
    pub fn start(options: RedisOptions) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("test-redis-").tempdir().context("make a folder")?;
        let port = free_port()?;
        let server = launch(&options, &folder, port)?;
        Ok(Self { options, folder, port, server })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it again on the same port with the same data, after killing it if it runs.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.server.kill();
        self.server = launch(&self.options, &self.folder, self.port)?;
        Ok(())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn restart_with(&mut self, options: RedisOptions) -> anyhow::Result<()> {
        self.options = options;
        self.restart()
    }
}

fn launch(options: &RedisOptions, folder: &TempDir, port: u16) -> anyhow::Result<Server> {
    let port_text = port.to_string();
    let path = folder.path().to_string_lossy();
    let (append_only, fsync) = match options.append_only {
        AppendOnly::Everysec => ("yes", "everysec"),
        AppendOnly::Always => ("yes", "always"),
        AppendOnly::Off => ("no", "everysec"),
    };
    let policy = options.maxmemory_policy.as_deref().unwrap_or("noeviction");
    let memory = options.maxmemory.as_deref().unwrap_or("0");
    let arguments = [
        ["--port", &port_text],
        ["--bind", "127.0.0.1"],
        ["--dir", &path],
        ["--save", ""],
        ["--appendonly", append_only],
        ["--appendfsync", fsync],
        ["--maxmemory", memory],
        ["--maxmemory-policy", policy],
    ];
    let mut server = Server::start("Redis", "redis-server", arguments.as_flattened())
        .context("start redis-server; install it: `apt install redis-server`")?;
    // `setpriv` itself starts well where redis-server is missing, and ends with 127.
    let ready = server.wait_until(|| matches!(ping(port), Ok(true)));
    if ready.is_err() && !is_installed() {
        bail!("there is no redis-server; install it: `apt install redis-server`");
    }
    ready.map(|()| server)
}

fn is_installed() -> bool {
    std::process::Command::new("redis-server").arg("--version").output().is_ok()
}

/// Not while it reads its file: then it answers LOADING.
fn ping(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG")
}
