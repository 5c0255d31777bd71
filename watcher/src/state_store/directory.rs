//! State in files: one per target, one for the ledger; each replaced whole, never written in place.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use releases::outbound::{Lane, Refusal};
use serde::Serialize;

use super::{LedgerChange, Saved};
use crate::budget::Ledger;

/// Larger files are not ours.
const LARGEST_FILE: u64 = 32 << 20;

/// State in files.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    account: Mutex<Account>,
    /// Held while a target's file is written: checks and decisions come at the same time.
    writing: Mutex<()>,
    /// Answers belong to another process; only the ledger is kept.
    answers_of_another: bool,
    trouble: Trouble,
}

/// A directory that cannot be used is warned of once, until it can be again.
#[derive(Debug, Default)]
struct Trouble(AtomicBool);

impl Trouble {
    fn warn(&self, path: &Path, error: &io::Error) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(path = %path.display(), %error, "cannot use the state directory; a restart will start from older state, or fresh");
        }
    }

    fn is_over(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The ledger, and how much of what it allows is already written down.
#[derive(Debug)]
struct Account {
    ledger: Ledger,
    /// Requests that the file already counts though they are not sent yet.
    prepaid: u32,
    /// Requests written down at once: one where each counts, more where a write per request would cost.
    step: u32,
}

impl Directory {
    /// Reads the ledger; a file that cannot be used is warned of and replaced at the next change.
    #[must_use]
    pub fn open(path: PathBuf, limit: u32) -> Self {
        let trouble = Trouble::default();
        if let Err(error) = fs::create_dir_all(path.join("targets")) {
            trouble.warn(&path, &error);
        }
        let read = |text: Vec<u8>| serde_json::from_slice(&text).map_err(|error| error.to_string());
        let ledger = read_file(&path.join("ledger.json"), &trouble, read).unwrap_or_default();
        let account = Mutex::new(Account { ledger, prepaid: 0, step: (limit / 100).max(1) });
        Self { path, account, writing: Mutex::default(), answers_of_another: false, trouble }
    }

    /// Only accounts for requests: the answers there belong to a sidecar, whose idea of what runs is not ours.
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self { answers_of_another: true, ..self }
    }

    pub(super) fn load(&self, name: &str) -> Option<Saved> {
        read_file(&self.file_of(name), &self.trouble, |text| Saved::parse(&text))
    }

    pub(super) fn save(&self, name: &str, read_off: impl FnOnce() -> Saved) {
        if self.answers_of_another {
            return;
        }
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&self.file_of(name), &read_off(), true);
    }

    pub(super) fn ledger(
        &self,
        change: &LedgerChange,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        if account.prepaid == 0 && matches!(change, LedgerChange::Admit { .. }) {
            self.absorb_others(&mut account.ledger);
        }
        change.apply(&mut account.ledger, limit, now)?;
        match change {
            LedgerChange::Admit { lane } => self.write_ahead(&mut account, *lane, limit, now),
            LedgerChange::Settle { outcome, .. } if outcome.limits.limited => {
                account.prepaid = 0;
                self.write_account(&account.ledger);
            }
            LedgerChange::Settle { .. } | LedgerChange::MayForce { .. } | LedgerChange::AskAs { .. } => {}
        }
        Ok(())
    }

    pub(super) fn read_ledger(&self) -> Ledger {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).ledger.clone()
    }

    pub(super) fn flush(&self) {
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_account(&account.ledger);
    }

    /// `sidewatch check` and `doctor` spend from the same budget beside a running sidecar.
    fn absorb_others(&self, ledger: &mut Ledger) {
        // A file that cannot be read was warned of at the start, and is about to be replaced.
        let text = fs::read(self.path.join("ledger.json")).unwrap_or_default();
        if let Ok(others) = serde_json::from_slice::<Ledger>(&text) {
            ledger.absorb(&others);
        }
    }

    /// The file must never know of fewer requests than were sent, whenever the process ends.
    fn write_ahead(&self, account: &mut Account, lane: Lane, limit: u32, now: DateTime<Utc>) {
        if account.prepaid > 0 {
            account.prepaid -= 1;
            return;
        }
        let mut ahead = account.ledger.clone();
        for _ in 1..account.step {
            if ahead.admit(lane, limit, now).is_err() {
                break;
            }
            account.prepaid += 1;
        }
        if !self.write_account(&ahead) {
            account.prepaid = 0;
        }
    }

    fn write_account(&self, ledger: &Ledger) -> bool {
        self.write(&self.path.join("ledger.json"), ledger, false)
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.path.join("targets").join(format!("{name}.json"))
    }

    /// Tells whether it could be written.
    fn write(&self, path: &Path, content: &impl Serialize, to_disk: bool) -> bool {
        let written = serde_json::to_vec(content)
            .map_err(io::Error::other)
            .and_then(|text| replace_or_make(path, &text, to_disk));
        match &written {
            Ok(()) => self.trouble.is_over(),
            Err(error) => self.trouble.warn(&self.path, error),
        }
        written.is_ok()
    }
}

/// Replaces a file; makes the directory again where somebody has removed it.
fn replace_or_make(path: &Path, text: &[u8], to_disk: bool) -> io::Result<()> {
    match (replace(path, text, to_disk), path.parent()) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(parent)?;
            replace(path, text, to_disk)
        }
        (result, _) => result,
    }
}

/// Replaces a file whole: beside it, flushed, renamed over it.
fn replace(path: &Path, text: &[u8], to_disk: bool) -> io::Result<()> {
    let beside = path.with_extension(format!("tmp{}", std::process::id()));
    let result = write_beside(&beside, text, to_disk).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        drop(fs::remove_file(&beside));
    } else if to_disk && let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    result
}

fn write_beside(beside: &Path, text: &[u8], to_disk: bool) -> io::Result<()> {
    let mut file = File::create(beside)?;
    file.write_all(text)?;
    if to_disk { file.sync_all() } else { Ok(()) }
}

fn read_file<T>(
    path: &Path,
    trouble: &Trouble,
    parse: impl FnOnce(Vec<u8>) -> Result<T, String>,
) -> Option<T> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut text));
    let problem = match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            trouble.warn(path, &error);
            return None;
        }
        Ok(_) => match parse(text) {
            Ok(value) => return Some(value),
            Err(problem) => problem,
        },
    };
    tracing::warn!(path = %path.display(), problem = ?problem, "cannot use saved state; starting fresh");
    None
}
