//! Names of keys. The tag in braces puts all of them into one slot of a cluster: scripts work on several at once.

/// Names of keys under one prefix.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// Stream of events: those that wait, and the newest stored ones.
    pub(super) stream: String,
    /// Stream of what was given up.
    pub(super) dead: String,
    /// Hash of ids seen lately: id → digest.
    pub(super) recent: String,
    /// The hash before that.
    pub(super) older: String,
    /// List of entries, one for each MiB of the stream.
    pub(super) marks: String,
    /// Bytes ever appended.
    pub(super) bytes: String,
    /// Hash of refusals: entry → count.
    pub(super) refused: String,
    /// Id of an event that was stored last.
    pub(super) last: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        let key = |name: &str| format!("{prefix}{{queue}}:{name}");
        Self {
            stream: key("events"),
            dead: key("dead-letters"),
            recent: key("recent-ids"),
            older: key("older-ids"),
            marks: key("marks"),
            bytes: key("bytes"),
            refused: key("refusals"),
            last: key("last-stored"),
        }
    }
}
