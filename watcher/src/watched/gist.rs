//! What an answer comes down to: its headline, what people would notice, its entity tag.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use actix_web::http::header::HeaderValue;
use contract::{Comparison, VersionState};

use crate::verdict::Finding;

/// What a change of is worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The running version or commit.
    pub current: Option<String>,
    /// The highest installable version.
    pub latest: Option<String>,
    /// Which way the step goes.
    pub comparison: Comparison,
}

impl Headline {
    /// The gist of it.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let (current, latest) = (finding.current.clone(), finding.latest.clone());
        Self { current, latest, comparison: finding.comparison }
    }
}

/// What people would notice: everything but when was looked.
pub(super) fn essence(state: VersionState) -> u64 {
    let error = state.error.map(|error| contract::CheckError { retry_at: None, ..error });
    let quiet = VersionState { last_checked: None, last_attempt: None, next_check: None, error, ..state };
    let mut hashing = Hashing(DefaultHasher::new());
    drop(serde_json::to_writer(&mut hashing, &quiet));
    hashing.0.finish()
}

/// Hashes what is written, without keeping it.
struct Hashing(DefaultHasher);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A strong entity tag from the content.
pub(crate) fn etag(body: &[u8]) -> HeaderValue {
    let text = format!("\"{:016x}\"", hash(body));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
