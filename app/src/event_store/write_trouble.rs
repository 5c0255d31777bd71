//! Why the last write failed, for [`super::EventStore::ping`], which writes nothing.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::StoreError;

/// A failure counts for so long. Where nobody sends events to a server that is not well, no write would ever show
/// that it is well again.
const COUNTS: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Full,
    ReadOnly,
}

/// The last write, if it failed for want of room or of permission.
#[derive(Debug, Default)]
pub(super) struct WriteTrouble {
    last: Mutex<Option<(Why, Instant)>>,
}

impl WriteTrouble {
    /// Notes how a call ended that may have written; `wrote` tells of one that succeeded whether it did.
    pub(super) fn note<T>(&self, result: &Result<T, StoreError>, wrote: impl FnOnce(&T) -> bool) {
        let why = match result {
            Ok(value) if wrote(value) => None,
            Err(StoreError::Full(_)) => Some(Why::Full),
            Err(StoreError::ReadOnly(_)) => Some(Why::ReadOnly),
            // It tells nothing of whether there is room.
            Ok(_) | Err(_) => return,
        };
        self.set(why.map(|why| (why, Instant::now())));
    }

    /// Why writes fail, if they do.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.check_at(Instant::now())
    }

    fn check_at(&self, now: Instant) -> Result<(), StoreError> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match last.filter(|(_, at)| now.duration_since(*at) < COUNTS) {
            None => Ok(()),
            Some((Why::Full, _)) => Err(StoreError::Full("a write failed for want of room".into())),
            Some((Why::ReadOnly, _)) => Err(StoreError::ReadOnly("a write was not allowed".into())),
        }
    }

    fn set(&self, last: Option<(Why, Instant)>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_counts_until_a_write_succeeds_or_a_minute_has_passed() {
        let trouble = WriteTrouble::default();
        let full = || Err::<bool, _>(StoreError::Full("as the test wants".into()));
        trouble.note(&full(), |wrote| *wrote);
        assert!(matches!(trouble.check(), Err(StoreError::Full(_))));
        // Nothing was written: a duplicate needs no room.
        trouble.note(&Ok(false), |wrote| *wrote);
        trouble.note(&Err(StoreError::Unavailable("as the test wants".into())), |wrote: &bool| *wrote);
        assert!(trouble.check().is_err());
        trouble.note(&Ok(true), |wrote| *wrote);
        assert!(trouble.check().is_ok());
        trouble.note(&full(), |wrote| *wrote);
        assert!(trouble.check_at(Instant::now() + COUNTS).is_ok());
    }
}
