//! The update banner's script and the words of its languages, as the watcher serves them, and the last good copies:
//! the code that says that the watcher is away must not be away with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
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
    known: Mutex<BTreeMap<Option<Language>, Arc<tokio::sync::Mutex<Known>>>>,
}

#[derive(Debug, Default)]
struct Known {
    script: Option<Script>,
    is_refused: bool,
    asked: Option<Instant>,
}

impl BannerScript {
    /// The script, or the words of a language: asked for if what is known is not fresh.
    ///
    /// # Errors
    /// If it was never learnt.
    pub async fn get(&self, watcher: &WatcherClient, language: Option<Language>) -> Result<Script, Missing> {
        let place = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(language).or_default())
        };
        // One asks, the others wait for what it hears; the client's deadline ends their wait.
        let mut known = place.lock().await;
        if known.asked.is_none_or(|asked| asked.elapsed() > FRESH) {
            known.hear(ask(watcher, language).await);
        }
        let missing = if known.is_refused { Missing::NoLanguage } else { Missing::Unheard };
        known.script.clone().ok_or(missing)
    }
}

impl Known {
    fn hear(&mut self, answer: Result<Script, ScriptError>) {
        self.asked = Some(Instant::now());
        match answer {
            Ok(script) => self.script = Some(script),
            Err(error) => {
                self.is_refused = matches!(error, ScriptError::Status(404));
                tracing::debug!(error = %format!("{:#}", anyhow::Error::new(error)), "no banner script");
            }
        }
    }
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
