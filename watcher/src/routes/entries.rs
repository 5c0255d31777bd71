//! Changelog entries: computed beside the workers, a few at a time, and kept.
//!
//! Rendering Markdown takes milliseconds for a release and the better part of a second for a hundred of them. A
//! worker that did it would answer nobody else meanwhile.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use actix_web::web;
use anyhow::Context;
use contract::{ChangeEntry, ChangeGroup};
use moka::sync::Cache;
use releases::changelog::{self, Marks};
use releases::{Release, Version};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Bytes of entries kept.
const KEPT_BYTES: u64 = 8 << 20;
/// Releases whose marks are kept: they are wanted of all releases in a range, the entries only of one page.
const KEPT_MARKS: u64 = 4096;
/// What an entry takes besides its text.
const OVERHEAD: usize = 512;

/// Entries as they were last computed.
pub struct Entries {
    /// By what went into them; without Markdown, which the release has.
    entries: Cache<u64, Arc<ChangeEntry>>,
    marks: Cache<u64, Marks>,
    /// Of keys that nobody outside can foresee.
    hasher: RandomState,
    places: Arc<Semaphore>,
}

impl Default for Entries {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            entries: Cache::builder()
                .max_capacity(KEPT_BYTES)
                .weigher(|_, entry: &Arc<ChangeEntry>| weight(entry))
                .build(),
            marks: Cache::new(KEPT_MARKS),
            hasher: RandomState::new(),
            places: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }
}

impl Entries {
    /// Does this work off the workers, once there is a place for it.
    ///
    /// # Errors
    /// What the work says; [`ApiError::Internal`] if it panics.
    pub async fn compute<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places).acquire_owned().await.context("wait for a place")?;
        let entries = Arc::clone(self);
        let done = web::block(move || {
            // Held until the work ends, also where nobody waits for it any more.
            let _place = place;
            work(&entries)
        });
        done.await.context("compute entries")?
    }

    /// This release as an entry. `previous` is the version before it, for the size of the step.
    pub fn entry(&self, release: &Release, previous: Option<&Version>) -> ChangeEntry {
        let kept = self.entries.get_with(self.key(release), || {
            Arc::new(ChangeEntry { notes: None, ..changelog::entry(release, None) })
        });
        ChangeEntry {
            notes: release.notes.clone(),
            severity: previous.and_then(|previous| previous.step_to(&release.version)),
            ..ChangeEntry::clone(&kept)
        }
    }

    /// What this release says of itself.
    pub fn marks(&self, release: &Release) -> Marks {
        self.marks.get_with(self.key(release), || {
            if release.notes.is_some() || release.notes_html.is_none() {
                return changelog::marks(&release.title, release.notes.as_deref());
            }
            let entry = self.entry(release, None);
            Marks { breaking: entry.breaking, security: entry.security }
        })
    }

    /// Of everything that an entry shows.
    fn key(&self, release: &Release) -> u64 {
        self.hasher.hash_one((
            (&release.tag, &release.title, &release.notes, &release.notes_html),
            (&release.url, release.published_at, release.prerelease, release.notes_truncated),
        ))
    }
}

fn weight(entry: &ChangeEntry) -> u32 {
    let items = |group: &ChangeGroup| group.items.iter().map(|item| item.len() + 24).sum::<usize>();
    let texts = entry.notes_html.as_ref().map_or(0, String::len) + entry.title.len();
    let groups = entry.groups.iter().map(items).sum::<usize>();
    u32::try_from(OVERHEAD + texts + groups).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use releases::{Release, Version, changelog};

    use super::{Entries, KEPT_BYTES};

    fn release(tag: &str, notes: &str) -> Release {
        let version = Version::parse(tag).unwrap();
        Release { notes: Some(notes.to_owned()), ..Release::from_tag(tag.to_owned(), version) }
    }

    #[test]
    fn a_kept_entry_is_what_would_be_computed() {
        let entries = Entries::default();
        let (old, new) = (Version::parse("1.2.3").unwrap(), release("v1.3.0", "- fixes CVE-2026-1234"));
        for _ in 0..2 {
            assert_eq!(entries.entry(&new, Some(&old)), changelog::entry(&new, Some(&old)));
            assert_eq!(entries.marks(&new), changelog::marks("", new.notes.as_deref()));
        }
    }

    #[test]
    fn edited_notes_are_another_entry() {
        let entries = Entries::default();
        let before = entries.entry(&release("v1.3.0", "one"), None);
        let after = entries.entry(&release("v1.3.0", "two"), None);
        assert_ne!(before.notes_html, after.notes_html);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let entries = Entries::default();
        for number in 0..400 {
            entries.entry(&release(&format!("v1.{number}.0"), &"some text ".repeat(6_000)), None);
        }
        entries.entries.run_pending_tasks();
        assert!(entries.entries.weighted_size() <= KEPT_BYTES);
        assert!(entries.entries.entry_count() > 0);
    }
}
