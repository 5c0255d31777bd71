//! A PostgreSQL server of its own, on a free port of 127.0.0.1, with a folder that goes away with it.
//!
//! `initdb` takes seconds, so its folder is made once for each version and user, and copied. PostgreSQL refuses to run
//! as root; there its programs run as the user `postgres`.

mod programs;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tempfile::TempDir;

use self::programs::{Programs, template, text};
use crate::process::{Server, free_port};

/// A running server. Dropping it ends it and deletes its folder.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Kept>,
    programs: Programs,
    folder: TempDir,
    port: u16,
    durable: bool,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one that does not wait for the disk: fast, and whole after the end of its processes.
    ///
    /// # Errors
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(false)
    }

    /// Starts one that waits for the disk as it does in production.
    ///
    /// # Errors
    /// If PostgreSQL is not installed, or does not start.
    pub fn start_durable() -> anyhow::Result<Self> {
        Self::start_with(true)
    }

    fn start_with(durable: bool) -> anyhow::Result<Self> {
        let programs = Programs::find()?;
        let template = template(&programs)?;
        let folder = tempfile::Builder::new().prefix("test-postgres-").tempdir()?;
        programs.give(folder.path())?;
        let data = folder.path().join("data");
        programs.run("cp", &["-r", text(&template)?, text(&data)?])?;
        let databases = AtomicU32::new(0);
        let mut postgres = Self { server: None, programs, folder, port: free_port()?, durable, databases };
        postgres.restart()?;
        Ok(postgres)
    }

    /// The address of the database `postgres`, as a superuser without a password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database and returns its address.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn fresh_database(&self) -> anyhow::Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query(&self.url(), &format!("create database {name}"))?;
        Ok(self.url_of(&name))
    }

    /// Runs SQL with `psql`, apart from everything that is tested; the rows, with `|` between columns.
    ///
    /// # Errors
    /// If `psql` cannot be started, or the statement fails.
    pub fn query(&self, url: &str, sql: &str) -> anyhow::Result<String> {
        self.programs
            .run_own("psql", &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id; `None` while it is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(|kept| kept.server.pid())
    }

    /// SIGKILL: nothing is finished.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Stops as an administrator would: connections end, what was committed is written.
    ///
    /// # Errors
    /// If it does not end within a minute.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.end("fast")
    }

    /// Starts again on the same port and folder; ends it first (SIGKILL) if it runs.
    ///
    /// # Errors
    /// If it does not start.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.server = None;
        let started = Instant::now();
        // Processes of a server that was killed notice it within a moment; before that, no other one may start.
        while let Err(error) = self.try_start() {
            if started.elapsed() > Duration::from_secs(30) {
                return Err(error);
            }
        }
        Ok(())
    }

    fn try_start(&mut self) -> anyhow::Result<()> {
        let data = self.data();
        let port = self.port.to_string();
        let durability = if self.durable { "on" } else { "off" };
        let mut settings = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "shared_buffers=64MB".to_owned(),
        ];
        // Not `synchronous_commit`: without it, a process that is killed loses what it had committed.
        for name in ["fsync", "full_page_writes"] {
            settings.push(format!("{name}={durability}"));
        }
        let postgres = self.programs.path("postgres");
        let mut arguments = self.programs.as_user();
        arguments.extend([text(&postgres)?, "-D", text(&data)?, "-p", &port].map(str::to_owned));
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let mut kept = Kept::start(arguments)?;
        let isready = self.programs.path("pg_isready");
        kept.server.wait_until(|| {
            let asked = Command::new(&isready).args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
            asked.is_ok_and(|status| status.success())
        })?;
        self.server = Some(kept);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn end(&mut self, how: &str) -> anyhow::Result<()> {
        let data = self.data();
        if self.server.is_some() {
            self.programs.run("pg_ctl", &["stop", "-m", how, "-t", "60", "-D", text(&data)?])?;
        }
        self.server = None;
        Ok(())
    }
}

impl Drop for Postgres {
    /// Lets it clear up its shared memory, which SIGKILL would leave behind.
    fn drop(&mut self) {
        drop(self.end("immediate"));
    }
}

/// A server process and the thread that started it: the process gets SIGKILL when that thread ends, so it waits here
/// until the server is dropped, whichever test started it.
#[derive(Debug)]
struct Kept {
    server: Server,
    _until: mpsc::Sender<()>,
}

impl Kept {
    fn start(arguments: Vec<String>) -> anyhow::Result<Self> {
        let (sender, started) = mpsc::channel();
        let (until, ended) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            let [program, arguments @ ..] = arguments.as_slice() else { return };
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            if sender.send(Server::start("PostgreSQL", program, &arguments)).is_ok() {
                let _ = ended.recv();
            }
        });
        Ok(Self { server: started.recv().context("start PostgreSQL")??, _until: until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_outlives_a_kill() {
        let mut postgres = Postgres::start().unwrap();
        let url = postgres.fresh_database().unwrap();
        postgres.query(&url, "create table t as select 7 as n").unwrap();
        postgres.kill();
        assert_eq!(postgres.pid(), None);
        postgres.restart().unwrap();
        assert_eq!(postgres.query(&url, "select n from t").unwrap(), "7");
        postgres.stop().unwrap();
        assert!(postgres.query(&url, "select 1").is_err());
    }
}
