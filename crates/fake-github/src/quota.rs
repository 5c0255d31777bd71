//! GitHub's hourly limits: one account for those without a token, one for each accepted token.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// How long a limit lasts.
const HOUR: Duration = Duration::from_secs(3600);

/// On whose account a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// No `Authorization`.
    Anonymous,
    /// An accepted token.
    Token(String),
    /// Anything else.
    Rejected,
}

/// An account as the headers tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u64,
    pub(crate) used: u64,
    /// Seconds since the epoch.
    pub(crate) reset: u64,
}

impl Standing {
    pub(crate) fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

#[derive(Clone, Copy, Debug)]
struct Account {
    used: u64,
    reset: SystemTime,
}

impl Account {
    fn fresh() -> Self {
        Self { used: 0, reset: SystemTime::now() + HOUR }
    }

    /// Begins a new hour where the old one is over.
    fn turn_over(&mut self) {
        if SystemTime::now() >= self.reset {
            *self = Self::fresh();
        }
    }
}

/// All accounts.
#[derive(Debug)]
pub(crate) struct Quota {
    limit_anonymous: u64,
    limit_token: u64,
    anonymous: Account,
    tokens: HashMap<String, Account>,
}

impl Default for Quota {
    fn default() -> Self {
        Self { limit_anonymous: 60, limit_token: 5000, anonymous: Account::fresh(), tokens: HashMap::new() }
    }
}

impl Quota {
    pub(crate) fn accept(&mut self, token: &str) {
        self.tokens.entry(token.to_owned()).or_insert_with(Account::fresh);
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    pub(crate) fn limit_anonymous(&mut self, limit: u64) {
        self.limit_anonymous = limit;
    }

    pub(crate) fn limit_token(&mut self, limit: u64) {
        self.limit_token = limit;
    }

    pub(crate) fn set_remaining(&mut self, remaining: u64) {
        self.anonymous.used = self.limit_anonymous.saturating_sub(remaining);
        self.limit_anonymous = self.limit_anonymous.max(remaining);
        self.limit_token = self.limit_token.max(remaining);
        for account in self.tokens.values_mut() {
            account.used = self.limit_token.saturating_sub(remaining);
        }
    }

    pub(crate) fn set_reset_in(&mut self, reset_in: Duration) {
        let reset = SystemTime::now() + reset_in;
        self.anonymous.reset = reset;
        for account in self.tokens.values_mut() {
            account.reset = reset;
        }
    }

    pub(crate) fn used_anonymous(&self) -> u64 {
        self.anonymous.used
    }

    pub(crate) fn used_token(&self, token: &str) -> u64 {
        self.tokens.get(token).map_or(0, |account| account.used)
    }

    /// Whose request this is.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Caller {
        let Some(value) = headers.get(AUTHORIZATION) else { return Caller::Anonymous };
        let token = value.to_str().ok().and_then(token_of);
        match token {
            Some(token) if self.tokens.contains_key(token) => Caller::Token(token.to_owned()),
            _ => Caller::Rejected,
        }
    }

    fn account(&mut self, caller: &Caller) -> (u64, &mut Account) {
        let found = match caller {
            Caller::Token(token) => self.tokens.get_mut(token).map(|account| (self.limit_token, account)),
            Caller::Anonymous | Caller::Rejected => None,
        };
        let (limit, account) = found.unwrap_or((self.limit_anonymous, &mut self.anonymous));
        account.turn_over();
        (limit, account)
    }

    /// How the account stands.
    pub(crate) fn standing(&mut self, caller: &Caller) -> Standing {
        let (limit, account) = self.account(caller);
        let reset = account.reset.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Standing { limit, used: account.used, reset }
    }

    /// Charges one request, and says how the account stands after it.
    pub(crate) fn charge(&mut self, caller: &Caller) -> Standing {
        self.account(caller).1.used += 1;
        self.standing(caller)
    }
}

/// The token in `Bearer …` or `token …`.
pub(crate) fn token_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token")).then(|| token.trim())
}
