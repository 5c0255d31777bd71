//! What can be made to go wrong, and the board that says for which requests it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Door;

/// One thing that goes wrong.
///
/// Of the faults that *replace* the answer the first one set wins; those marked *changes* are added to whatever is
/// answered, several at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status with the body GitHub (or the registry) sends with it.
    Status(u16),
    /// This status, content type and body.
    StatusBody(u16, String, String),
    /// *Changes*: the answer comes this much later.
    Delay(Duration),
    /// The request is read and never answered.
    Hang,
    /// *Changes*: the head with its Content-Length arrives, the body never does.
    HangBody,
    /// *Changes*: the connection carries one byte every 200 ms from here on, head included.
    DripHead,
    /// *Changes*: the body arrives at this rate.
    Drip {
        /// How fast.
        bytes_per_second: u64,
    },
    /// *Changes*: the connection breaks after so many bytes of the body; Content-Length promises all.
    CutAfter(usize),
    /// *Changes*: the body is only so many bytes long, and Content-Length says so: cut JSON in intact HTTP.
    Truncate(usize),
    /// *Changes*: Content-Length promises 64 bytes more than come.
    WrongContentLength,
    /// *Changes*: no body at all, status and content type as usual.
    EmptyBody,
    /// 200 with a JSON array of so many bytes.
    Huge {
        /// Size of the body.
        bytes: u64,
        /// Whether Content-Length says so beforehand.
        with_length: bool,
    },
    /// 200 with a small gzip body that decodes to so many bytes of blanks (valid JSON begins and never ends).
    GzipBomb {
        /// Size once decoded.
        decoded_bytes: u64,
    },
    /// The connection is reset: at once where the fault is for a whole door, else when the request has been read.
    CloseAtOnce,
    /// The connection is accepted, and then nothing is read or written: no TLS handshake either. Whole doors only.
    HangHandshake,
    /// The connection is answered with bytes that are neither TLS nor HTTP, then closed. Whole doors only.
    Garbage,
    /// 403, nothing remaining until the reset, GitHub's words for the hourly limit.
    PrimaryLimit {
        /// Time until the reset.
        reset_in: Duration,
    },
    /// The same with 429.
    PrimaryLimit429 {
        /// Time until the reset.
        reset_in: Duration,
    },
    /// 403 with GitHub's words for a secondary limit; plenty remains of the hourly one.
    SecondaryLimit {
        /// The `retry-after` header, where there is one.
        retry_after: Option<Duration>,
    },
    /// The same with 429.
    SecondaryLimit429 {
        /// The `retry-after` header, where there is one.
        retry_after: Option<Duration>,
    },
    /// 200 with somebody's login page, as in hotels.
    Html,
    /// 302 to that address.
    RedirectTo(String),
    /// 301 to that address.
    MovedTo(String),
    /// 302 to the same address for ever, with a growing `hop` parameter.
    RedirectLoop,
    /// 304 to every request, also to those that did not ask conditionally.
    AlwaysNotModified,
    /// *Changes*: ETags are weak and `If-None-Match` never matches.
    WeakEtag,
    /// *Changes*: another ETag with each answer, and `If-None-Match` never matches.
    ChangingEtag,
    /// *Changes*: one more header, or another value for it.
    HeaderExtra(String, String),
    /// *Changes*: the `Date` header is so many seconds ahead (behind, if negative).
    WrongDate(i64),
    /// 401 as for a wrong token, whatever was sent.
    Unauthorized,
}

impl Fault {
    /// Whether it is added to the answer instead of replacing it.
    pub(crate) fn changes(&self) -> bool {
        matches!(
            self,
            Self::Delay(_)
                | Self::HangBody
                | Self::DripHead
                | Self::Drip { .. }
                | Self::CutAfter(_)
                | Self::Truncate(_)
                | Self::WrongContentLength
                | Self::EmptyBody
                | Self::WeakEtag
                | Self::ChangingEtag
                | Self::HeaderExtra(..)
                | Self::WrongDate(_)
        )
    }

    /// Whether it happens before a request is read.
    fn at_accept(&self) -> bool {
        matches!(self, Self::CloseAtOnce | Self::HangHandshake | Self::Garbage)
    }
}

/// A fault, where it applies and how often.
#[derive(Debug)]
struct Rule {
    door: Door,
    prefix: Option<String>,
    /// `None`: until cleared.
    left: Option<usize>,
    fault: Fault,
}

impl Rule {
    /// Counts one use.
    fn spend(&mut self) {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
        }
    }
}

/// What is to go wrong for one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) replace: Option<Fault>,
    pub(crate) change: Vec<Fault>,
}

/// The faults that are set.
#[derive(Default)]
pub(crate) struct FaultBoard {
    rules: Mutex<Vec<Rule>>,
    /// Spares healthy requests the lock.
    any: AtomicBool,
}

impl FaultBoard {
    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets a fault; one without a count takes the place of an earlier one for the same requests.
    pub(crate) fn set(&self, door: Door, prefix: Option<&str>, left: Option<usize>, fault: Fault) {
        let mut rules = self.lock();
        if left.is_none() && !fault.changes() {
            rules.retain(|rule| {
                rule.left.is_some()
                    || rule.fault.changes()
                    || rule.door != door
                    || rule.prefix.as_deref() != prefix
            });
        }
        rules.push(Rule { door, prefix: prefix.map(str::to_owned), left, fault });
        self.any.store(true, Ordering::Release);
    }

    pub(crate) fn heal(&self) {
        self.lock().clear();
        self.any.store(false, Ordering::Release);
    }

    /// What goes wrong before anything is read from a new connection.
    pub(crate) fn at_accept(&self, door: Door) -> Option<Fault> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let mut rules = self.lock();
        // Whatever replaces the answer and was set first has its turn first.
        let first = rules.iter_mut().find(|rule| rule.door == door && !rule.fault.changes())?;
        if first.prefix.is_some() || !first.fault.at_accept() {
            return None;
        }
        first.spend();
        let fault = first.fault.clone();
        rules.retain(|rule| rule.left != Some(0));
        Some(fault)
    }

    /// What goes wrong with this request.
    pub(crate) fn plan(&self, door: Door, path: &str) -> Plan {
        let mut plan = Plan::default();
        if !self.any.load(Ordering::Acquire) {
            return plan;
        }
        let mut rules = self.lock();
        for rule in rules.iter_mut() {
            let here =
                rule.door == door && rule.prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix));
            if !here {
                continue;
            }
            if rule.fault.changes() {
                plan.change.push(rule.fault.clone());
                rule.spend();
            } else if plan.replace.is_none() {
                plan.replace = Some(rule.fault.clone());
                rule.spend();
            }
        }
        rules.retain(|rule| rule.left != Some(0));
        plan
    }
}
