//! The cookie that the page gets for the key: signed, with an end, worth nothing once the key changes.

use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Its name.
pub const COOKIE: &str = "remote_agent_session";
/// How long a sign-in lasts.
pub const LIFETIME: Duration = Duration::days(30);

/// Keeps the signature for other things apart, should there ever be any.
const PURPOSE: &[u8] = b"remote-agent sign-in cookie v1";

/// Makes and checks cookies.
pub struct SignedCookies {
    signer: Hmac<Sha256>,
}

impl SignedCookies {
    /// Cookies signed with the key.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub fn new(key: &SecretString) -> Self {
        let mut signer =
            Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).expect("a key of any length");
        signer.update(PURPOSE);
        Self { signer }
    }

    /// A cookie's value: when it ends, something random, the signature over both.
    #[must_use]
    pub fn issue(&self, now: DateTime<Utc>) -> String {
        let told = format!("{}.{:032x}", (now + LIFETIME).timestamp(), rand::random::<u128>());
        let signature = self.sign(&told);
        format!("{told}.{}", hex::encode(signature.finalize().into_bytes()))
    }

    /// Whether we made it and it has not ended.
    #[must_use]
    pub fn is_good(&self, value: &str) -> bool {
        self.is_good_at(value, Utc::now())
    }

    fn is_good_at(&self, value: &str, now: DateTime<Utc>) -> bool {
        let Some((told, signature)) = value.rsplit_once('.') else { return false };
        let Ok(signature) = hex::decode(signature) else { return false };
        let ends = told.split('.').next().and_then(|ends| ends.parse::<i64>().ok());
        self.sign(told).verify_slice(&signature).is_ok() && ends.is_some_and(|ends| now.timestamp() < ends)
    }

    fn sign(&self, told: &str) -> Hmac<Sha256> {
        let mut signer = self.signer.clone();
        signer.update(told.as_bytes());
        signer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_unchanged_cookie_passes_and_not_for_ever() {
        let cookies = SignedCookies::new(&SecretString::from("key one"));
        let now = Utc::now();
        let cookie = cookies.issue(now);
        assert!(cookies.is_good_at(&cookie, now));
        assert!(!cookies.is_good_at(&cookie, now + LIFETIME));
        assert!(!SignedCookies::new(&SecretString::from("key two")).is_good_at(&cookie, now));
        let later = cookie.replacen(|digit: char| digit.is_ascii_digit(), "9", 1);
        assert!(!cookies.is_good_at(&later, now));
        for nonsense in ["", ".", "1.2.3", "9999999999", "é.ff"] {
            assert!(!cookies.is_good_at(nonsense, now), "{nonsense}");
        }
    }
}
