//! The update banner's script and the words of its languages, as the watcher serves them, and the last good copies:
//! the code that says that the watcher is away must not be away with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::page;
use crate::watcher_client::{WatcherAnswer, WatcherClient, WatcherError};

/// Largest script, and largest language.
pub const LARGEST: usize = 64 << 10;
/// Where the watcher serves it, and where we do.
pub const PATH: &str = "/update-banner.js";
/// What was heard is not asked again for so long: anybody may ask us, and the watcher need not notice.
const FRESH: Duration = Duration::from_secs(2);
/// After a failure: soon, for the watcher may have started after us; more seldom where a copy is there to be told.
const SOON: Duration = Duration::from_secs(3);
const LATER: Duration = Duration::from_secs(30);
/// A language that there is not comes with another version, if ever.
const NEVER: Duration = Duration::from_secs(60);

/// A language by its two letters. Nothing else of a query is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language([u8; 2]);

impl Language {
    /// The language of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_lowercase).then_some(Self(letters))
    }

    fn query(self) -> String {
        format!("lang={}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

/// The script, or a language's words for it.
#[derive(Clone, Debug)]
pub struct Script {
    /// JavaScript, or JSON for a language; in UTF-8.
    pub text: Bytes,
    /// The same with gzip.
    pub zipped: Bytes,
    /// Of the text.
    pub sha256: [u8; 32],
}

/// Why there is nothing to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The watcher has no such language.
    NoLanguage,
    /// The watcher was never heard.
    Unheard,
}

/// The last good copies.
#[derive(Debug, Default)]
pub struct BannerScript {
    places: Mutex<BTreeMap<Option<Language>, Arc<Place>>>,
}

/// One of them.
#[derive(Debug, Default)]
struct Place {
    known: Mutex<Known>,
    /// Held by the one who asks the watcher.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct Known {
    script: Option<Script>,
    is_refused: bool,
    /// Not before this.
    ask_at: Option<Instant>,
}

impl BannerScript {
    /// The script, or the words of a language. What is known is told at once, and asked for again meanwhile if it is
    /// not fresh: a watcher that hangs costs nobody time.
    ///
    /// # Errors
    /// If it was never learnt.
    pub async fn get(&self, watcher: &WatcherClient, language: Option<Language>) -> Result<Script, Missing> {
        let place = Arc::clone(lock(&self.places).entry(language).or_default());
        let script = lock(&place.known).script.clone();
        if let Some(script) = script {
            if let Ok(turn) = Arc::clone(&place.turn).try_lock_owned() {
                let watcher = watcher.clone();
                tokio::spawn(async move {
                    place.learn(&watcher, language).await;
                    drop(turn);
                });
            }
            return Ok(script);
        }
        // One asks, the others wait for what it hears; the client's deadline ends their wait.
        let _turn = place.turn.lock().await;
        place.learn(watcher, language).await;
        let known = lock(&place.known);
        known.script.clone().ok_or(if known.is_refused { Missing::NoLanguage } else { Missing::Unheard })
    }
}

impl Place {
    async fn learn(&self, watcher: &WatcherClient, language: Option<Language>) {
        if lock(&self.known).is_due() {
            let answer = ask(watcher, language).await;
            lock(&self.known).hear(answer, language);
        }
    }
}

impl Known {
    fn is_due(&self) -> bool {
        self.ask_at.is_none_or(|at| Instant::now() >= at)
    }

    fn hear(&mut self, answer: Result<Script, ScriptError>, language: Option<Language>) {
        let wait = match answer {
            Ok(script) => {
                self.script = Some(script);
                FRESH
            }
            Err(error) => {
                // An older watcher has no script at all, which says nothing of languages.
                self.is_refused = language.is_some() && matches!(error, ScriptError::Status(404));
                tracing::debug!(error = %format!("{:#}", anyhow::Error::new(error)), "no banner script");
                match (self.is_refused, &self.script) {
                    (true, _) => NEVER,
                    (false, Some(_)) => LATER,
                    (false, None) => SOON,
                }
            }
        };
        self.ask_at = Some(Instant::now() + wait);
    }
}

/// Nothing that holds it can panic half way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
enum ScriptError {
    #[error("the watcher was not heard")]
    Unheard(#[from] WatcherError),
    #[error("the watcher answered HTTP {0} for its script")]
    Status(u16),
    #[error("what the watcher sent has another type, or is no UTF-8")]
    NoScript,
    #[error("cannot compress the script")]
    Zip(#[from] std::io::Error),
}

async fn ask(watcher: &WatcherClient, language: Option<Language>) -> Result<Script, ScriptError> {
    let query = language.map(Language::query).unwrap_or_default();
    let answer = watcher.get_at_most(PATH, &query, LARGEST).await?;
    if answer.status != 200 {
        return Err(ScriptError::Status(answer.status));
    }
    let wanted = if language.is_some() { "application/json" } else { "text/javascript" };
    if !is_of(&answer, wanted) || std::str::from_utf8(&answer.body).is_err() {
        return Err(ScriptError::NoScript);
    }
    let sha256 = Sha256::digest(&answer.body).into();
    Ok(Script { zipped: page::zip(&answer.body)?, text: answer.body, sha256 })
}

/// Whatever else plays the watcher, a page or a picture of it is not run here.
fn is_of(answer: &WatcherAnswer, wanted: &str) -> bool {
    let kind = answer.headers.iter().find(|(name, _)| name.as_str() == "content-type");
    let essence = kind.and_then(|(_, value)| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_two_small_letters_and_nothing_that_could_end_a_query() {
        assert_eq!(Language::parse("de").map(Language::query).as_deref(), Some("lang=de"));
        for code in ["", "d", "deu", "DE", "d&", "d#", "ä", "d1"] {
            assert_eq!(Language::parse(code), None, "{code}");
        }
    }
}
