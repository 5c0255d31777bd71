//! The session that is open: its facts, its events from the newest backwards, and one of them whole.

use chrono::{DateTime, Utc};
use contract::Session;

use super::events::Events;
use super::sessions::runs;
use super::text::safe;
use super::trouble::Trouble;
use super::when;
use super::when::Zone;

/// Most events of one session that are kept here.
const MOST: usize = 5000;

/// The open session.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Its facts.
    pub session: Session,
    /// Its events.
    pub events: Events,
    /// Where what was read of it begins; older ones are before that. `None` until something was read.
    pub from: Option<DateTime<Utc>>,
    /// Whether events were asked for and have not come.
    pub asked: bool,
    /// Whether the selected event is shown whole.
    pub whole: bool,
    /// Why there is nothing new.
    pub trouble: Option<Trouble>,
}

impl OpenSession {
    /// Opens a session of which nothing was read yet.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, events: Events::new(MOST), from: None, asked: true, whole: false, trouble: None }
    }

    /// Whether there are events before those that were read.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.from.is_none_or(|from| from > self.session.first_event_at) && !self.events.dropped
    }

    /// Whether older events should be asked for: somebody is near the beginning of what was read.
    #[must_use]
    pub fn wants_older(&self, height: usize) -> bool {
        !self.asked && self.trouble.is_none() && self.has_older() && self.events.cursor().index() < height
    }

    /// What is known of it, part by part.
    #[must_use]
    pub fn facts(&self, now: DateTime<Utc>, zone: Zone) -> Vec<Vec<String>> {
        let session = &self.session;
        let named = |label: &str, name: &Option<String>| {
            name.as_deref().map(|name| format!("{label}{}", safe(name))).unwrap_or_default()
        };
        let begun = session.started_at.unwrap_or(session.first_event_at);
        let ended = session.ended_at.map_or_else(
            || format!("last event {}", when::ago_in_words(now, session.last_event_at)),
            |ended| format!("ended {}", zone.minute(ended)),
        );
        vec![
            vec![
                named("model ", &session.model),
                named("on ", &session.device),
                format!("id {}", safe(&session.id)),
            ],
            vec![
                format!("started {} ({})", zone.minute(begun), when::ago_in_words(now, begun)),
                ended,
                format!("took {}", when::span(taken(session, now))),
            ],
            vec![
                when::counted(session.prompts, "prompt"),
                when::counted(session.tool_uses, "tool use"),
                when::counted(session.commits, "commit"),
                when::counted(session.events, "event"),
            ],
            self.tokens(),
            vec![self.transcript(now)],
        ]
    }

    fn tokens(&self) -> Vec<String> {
        let session = &self.session;
        let counts = [
            ("in", session.input_tokens),
            ("out", session.output_tokens),
            ("from cache", session.cache_read_tokens),
            ("to cache", session.cache_write_tokens),
        ];
        let told = counts.iter().filter(|(_, count)| *count > 0);
        let told: Vec<String> =
            told.map(|(name, count)| format!("{} {name}", when::amount(*count))).collect();
        let tokens =
            if told.is_empty() { "no tokens told".to_owned() } else { format!("tokens {}", told.join(", ")) };
        let cost = when::dollars(session.cost_usd);
        vec![tokens, if cost.is_empty() { cost } else { format!("cost {cost}") }]
    }

    fn transcript(&self, now: DateTime<Utc>) -> String {
        match &self.session.transcript {
            Some(kept) => format!(
                "transcript {}, {}, kept {}, sha256 {}",
                when::bytes(kept.bytes),
                safe(&kept.content_type),
                when::ago_in_words(now, kept.uploaded_at),
                safe(kept.sha256.get(..12).unwrap_or(&kept.sha256)),
            ),
            None if runs(&self.session) => "no transcript yet".to_owned(),
            None => "no transcript".to_owned(),
        }
    }
}

/// How long a session took, or takes until now if it did something lately.
#[must_use]
pub fn taken(session: &Session, now: DateTime<Utc>) -> chrono::TimeDelta {
    let begun = session.started_at.unwrap_or(session.first_event_at);
    session.ended_at.unwrap_or_else(|| session.last_event_at.min(now)).signed_duration_since(begun)
}
