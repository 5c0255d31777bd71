//! A place in the spool, and how far the sender has come.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::folder::{read_small, write_small};
use super::segments::Segment;

/// Holds the sender's place.
const NAME: &str = "sent";

/// A place: a segment, and so many bytes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The segment's file. Names are never used twice, so a place that is out of date names nothing.
    pub(super) segment: String,
    /// Bytes before it.
    pub(super) offset: u64,
}

impl Place {
    /// How far the sender has come; none at the beginning, and where it cannot be told.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_str(&read_small(&folder.join(NAME))?).ok()
    }

    /// Notes it. Should that fail, the same is sent again later, which does no harm; a full disk is no reason to stop
    /// what makes room.
    pub(super) fn write(&self, folder: &Path) {
        if let Ok(json) = serde_json::to_string(self) {
            drop(write_small(&folder.join(NAME), &json));
        }
    }

    /// Forgets it.
    pub(super) fn forget(folder: &Path) {
        drop(fs::remove_file(folder.join(NAME)));
    }

    /// The segments that hold what was not sent, each with the offset where that begins.
    pub(super) fn unsent(place: Option<&Self>, segments: Vec<Segment>) -> Vec<(Segment, u64)> {
        Self::split(place, segments).1
    }

    /// The segments that have left whole, and the others, each with the offset where what was not sent begins.
    pub(super) fn split(
        place: Option<&Self>,
        mut segments: Vec<Segment>,
    ) -> (Vec<Segment>, Vec<(Segment, u64)>) {
        let names =
            |segment: &Segment, place: &Self| segment.name == place.segment && place.offset <= segment.bytes;
        let begin = place.and_then(|place| segments.iter().position(|segment| names(segment, place)));
        let offset = begin.and(place).map_or(0, |place| place.offset);
        let unsent = segments.split_off(begin.unwrap_or(0));
        let from = |index| if index == 0 { offset } else { 0 };
        let unsent = unsent.into_iter().enumerate().map(|(index, segment)| (segment, from(index)));
        (segments, unsent.collect())
    }
}
