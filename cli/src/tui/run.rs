//! The main thread: lets what happens take its effect, and draws what changed.

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Timelike, Utc};
use contract::BuildStamp;
use rustix::process::{Signal, kill_current_process_group};

use super::happening::Happening;
use super::message::Message;
use super::model::Model;
use super::screen::Screen;
use super::threads::Threads;
use super::update::update;
use super::when::Zone;
use crate::config::Config;

/// How long the system may take to stop this process when asked to. It does not where nobody could wake it again.
const STOP: Duration = Duration::from_secs(1);
/// Most happenings that are taken in before the screen shows what came of them.
const MOST_AT_ONCE: usize = 200;

/// Runs until somebody leaves.
///
/// # Errors
/// If the terminal cannot be used, or something broke down.
pub fn run(config: &Config, stamp: BuildStamp) -> anyhow::Result<ExitCode> {
    let screen = Screen::enter(|name| std::env::var(name).ok())?;
    let (out, happenings): (Sender<Happening>, _) = channel();
    let threads = Threads::listen(config, out)?;
    let address = config.url.as_str().trim_end_matches('/');
    let mut model = Model::new(address, stamp, Zone::local(), Utc::now());
    model.update_check = config.update_check;
    let mut running = Running { screen, threads, happenings, model };
    running.resize()?;
    running.show()?;
    running.threads.ask_server()?;
    running.until_left()
}

struct Running {
    screen: Screen,
    threads: Threads,
    happenings: Receiver<Happening>,
    model: Model,
}

impl Running {
    fn until_left(mut self) -> anyhow::Result<ExitCode> {
        loop {
            let mut next = match self.happenings.recv_timeout(to_next_minute(Utc::now())) {
                Ok(happening) => Some(happening),
                Err(RecvTimeoutError::Timeout) => Some(Happening::Told(Box::new(Message::Time))),
                Err(RecvTimeoutError::Disconnected) => bail!("the keyboard is not read any more"),
            };
            self.model.now = Utc::now();
            let mut taken = 0;
            while let Some(happening) = next {
                if let Some(code) = self.take(happening)? {
                    return Ok(code);
                }
                taken += 1;
                next = if taken < MOST_AT_ONCE { self.happenings.try_recv().ok() } else { None };
            }
            if self.model.leaving {
                return Ok(ExitCode::SUCCESS);
            }
            if std::mem::take(&mut self.model.dirty) {
                self.show()?;
            }
        }
    }

    /// Lets something take its effect; the exit code if that is the end.
    fn take(&mut self, happening: Happening) -> anyhow::Result<Option<ExitCode>> {
        match happening {
            Happening::Told(message) => {
                for ask in update(&mut self.model, *message) {
                    self.threads.ask(ask)?;
                }
            }
            Happening::Pause => self.pause()?,
            // Stopped by somebody else: the terminal may have been used meanwhile.
            Happening::Continued => self.come_back()?,
            Happening::Signal(signal) => {
                return Ok(Some(ExitCode::from(128 + u8::try_from(signal).unwrap_or(0))));
            }
            Happening::NoTerminal(reason) => bail!("the keyboard cannot be read: {reason}"),
            Happening::Broken(name) => {
                bail!("the part that reads {name} broke down; this is a mistake in the program")
            }
        }
        Ok(None)
    }

    /// Gives the terminal back and stops, until somebody wants to go on.
    fn pause(&mut self) -> anyhow::Result<()> {
        self.screen.pause();
        // SIGTSTP and not SIGSTOP: the system ignores it where no shell could ever wake this process.
        kill_current_process_group(Signal::TSTP).context("the program cannot be paused")?;
        let mut missed = Vec::new();
        while let Ok(happening) = self.happenings.recv_timeout(STOP) {
            if matches!(happening, Happening::Continued) {
                break;
            }
            missed.push(happening);
        }
        self.come_back()?;
        for happening in missed {
            self.take(happening)?;
        }
        Ok(())
    }

    fn come_back(&mut self) -> anyhow::Result<()> {
        self.screen.resume().context("the terminal cannot be taken over again")?;
        self.resize()
    }

    fn resize(&mut self) -> anyhow::Result<()> {
        let (columns, rows) = self.screen.size();
        self.take(Happening::Told(Box::new(Message::Resized(columns, rows)))).map(drop)
    }

    fn show(&mut self) -> anyhow::Result<()> {
        self.screen.draw(&self.model).context("the terminal cannot be written to")
    }
}

/// Times told relative to now are right to the minute.
fn to_next_minute(now: DateTime<Utc>) -> Duration {
    Duration::from_secs(u64::from(60 - now.second().min(59)))
}
