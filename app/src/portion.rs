//! How much a consumer takes at once: many small entries, few large ones.
//!
//! A batch that the store cannot finish before its deadline is tried again and again, and nothing behind it is stored.

use crate::event_queue::Entry;

/// Most entries of one batch.
pub const MOST: usize = 500;
/// Before anything is known of their size.
const FIRST: usize = 50;
/// A batch holds no more than this, unless a single entry does.
const BYTES: usize = 4 << 20;

/// How many entries to take, by the size of the ones before.
#[derive(Clone, Copy, Debug)]
pub struct Portion(usize);

impl Default for Portion {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Portion {
    /// So many.
    #[must_use]
    pub fn entries(self) -> usize {
        self.0
    }

    /// Those are likely to be like the next ones.
    pub fn learn(&mut self, entries: &[Entry]) {
        let bytes: usize = entries.iter().map(|entry| entry.payload.len()).sum();
        if let Some(average) = bytes.checked_div(entries.len()) {
            self.0 = (BYTES / average.max(1)).clamp(1, MOST);
        }
    }
}

/// Splits what was taken: entries may be larger than the ones before.
pub(crate) fn batches(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut batches: Vec<Vec<Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        bytes += entry.payload.len();
        match batches.last_mut() {
            Some(batch) if bytes <= BYTES && batch.len() < MOST => batch.push(entry),
            _ => {
                bytes = entry.payload.len();
                batches.push(vec![entry]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(sizes: &[usize]) -> Vec<Entry> {
        let entry = |size: &usize| Entry { id: "1-0".parse().unwrap(), payload: vec![b'x'; *size] };
        sizes.iter().map(entry).collect()
    }

    #[test]
    fn the_size_of_entries_decides_how_many_are_taken() {
        let mut portion = Portion::default();
        for (size, expected) in [(300, MOST), (512 << 10, 8), (BYTES * 2, 1), (0, MOST)] {
            portion.learn(&entries(&[size, size]));
            assert_eq!(portion.entries(), expected, "{size}");
        }
        portion.learn(&[]);
        assert_eq!(portion.entries(), MOST);
    }

    #[test]
    fn every_entry_is_in_one_batch_and_none_is_too_large() {
        let half = BYTES / 2;
        let batches = batches(entries(&[1, half, half, BYTES * 3, 1, 1]));
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1, 2]);
    }
}
