//! What a stub answers.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

/// Strict, and Trusted Types enforced.
const POLICY: &str = "default-src 'self'; require-trusted-types-for 'script'";

/// The script.
#[derive(Clone, Debug)]
pub struct Script {
    /// What `/api/version` tells.
    pub state: Value,
    /// What `/api/version?target=NAME` tells, by name; other names get the state above.
    pub targets: HashMap<String, Value>,
    /// How `/api/version` is answered.
    pub version: Reply,
    /// How a forced check is answered.
    pub forced: Forced,
    /// How skip and snooze are answered.
    pub decisions: Decisions,
    /// How the stream is answered.
    pub stream: Stream,
    /// Pages of the changelog, the first one first; none: 404.
    pub changelog: Vec<Value>,
    /// Whether the module's words in other languages are there.
    pub has_words: bool,
    /// Content-Security-Policy of the page.
    pub policy: String,
    /// Language of the page.
    pub language: String,
    /// Direction of the page; empty: none is said.
    pub direction: String,
    /// Body of the page.
    pub body: String,
    /// What was asked so far.
    pub asked: Vec<Asked>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Method and path with query.
    pub line: String,
    /// Its body as text.
    pub body: String,
}

/// How a plain request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// With what there is.
    Fine,
    /// With this status and a problem.
    Status(u16),
    /// Not at all while this lasts.
    Never,
    /// With 200 and something that is no JSON.
    Garbage,
}

/// How `?force=true` is answered.
#[derive(Clone, Debug)]
pub enum Forced {
    /// After this time with this state (`None`: the one there is) and `forced:true`.
    Done(Duration, Option<Value>),
    /// At once with `forced:false` and so many seconds to wait.
    Refused(u64),
}

/// How decisions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decisions {
    /// Kept, and part of the state from then on.
    Kept,
    /// With this status.
    Status(u16),
}

/// How the stream is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Open, with an event on every change.
    Live,
    /// With this status.
    Status(u16),
}

impl Script {
    /// What is told of this target, or of the only one.
    pub(crate) fn state_of(&self, query: &HashMap<String, String>) -> &Value {
        query.get("target").and_then(|target| self.targets.get(target)).unwrap_or(&self.state)
    }

    pub(crate) fn new(state: Value) -> Self {
        Self {
            state,
            targets: HashMap::new(),
            version: Reply::Fine,
            forced: Forced::Done(Duration::ZERO, None),
            decisions: Decisions::Kept,
            stream: Stream::Live,
            changelog: Vec::new(),
            has_words: true,
            policy: POLICY.to_owned(),
            language: "en".to_owned(),
            direction: String::new(),
            body: super::both().to_owned(),
            asked: Vec::new(),
        }
    }
}
