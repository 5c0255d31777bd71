//! What may be asked of upstream now. Pure: told the time, it decides and remembers.
//!
//! One ledger for all targets: at most `limit` requests in any sixty minutes, nothing towards a lane that
//! asked to wait, and the last share of GitHub's own allowance left alone. Times are the steady clock's.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use contract::ErrorCode;
use releases::outbound::{Lane, Outcome, Refusal};
use serde::{Deserialize, Serialize};

/// Minutes that count: the running one and the sixty before it, so that no sixty-minute span is missed.
const WINDOW_MINUTES: i64 = 61;
/// Share of the hourly limit that the other doors may use; the rest stays for the REST API.
const WEB_SHARE_PERCENT: u32 = 60;
/// Waits named by upstream are believed up to here.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);
/// Wait after a secondary limit that names no time.
const UNNAMED_WAIT: TimeDelta = TimeDelta::minutes(1);
/// Added to a reset time, so that not everybody behind one address asks at the same second.
const LONGEST_JITTER_SECONDS: i64 = 20;

/// The account of requests sent and waits asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// (minute since the epoch, requests sent in it), oldest first.
    minutes: VecDeque<(i64, Spent)>,
    rest_wait: Option<Wait>,
    web_wait: Option<Wait>,
    registry_wait: Option<Wait>,
    /// What GitHub last said of its own allowance.
    pub allowance: Option<Allowance>,
    /// Whether that was said to the holder of a token.
    with_token: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    all: u32,
    web: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Wait {
    until: DateTime<Utc>,
    /// Consecutive waits of one kind, for the growing unnamed wait.
    times: u32,
}

/// GitHub's own hourly allowance, as its headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Requests an hour.
    pub limit: u64,
    /// Requests left.
    pub remaining: u64,
    /// When it is filled up again.
    pub reset: DateTime<Utc>,
}

impl Ledger {
    /// Charges one request, or says why it must not be sent.
    ///
    /// # Errors
    /// [`Refusal`] with the time at which it may be tried again.
    pub fn admit(&mut self, lane: Lane, limit: u32, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.forget(now);
        if let Some(until) = self.waits_until(lane, now) {
            return Err(waiting(lane, until));
        }
        let spent = self.spent();
        if spent.all >= limit {
            return Err(self.exhausted(limit, now));
        }
        if lane == Lane::Web && spent.web >= limit * WEB_SHARE_PERCENT / 100 {
            return Err(self.exhausted(limit, now));
        }
        self.charge(lane, now);
        Ok(())
    }

    /// Whether somebody's wish (not the schedule) may cause a round of about `requests` requests.
    ///
    /// # Errors
    /// [`Refusal`] where it would touch the reserve that is kept for the schedule and for the neighbours.
    pub fn may_force(&mut self, requests: u32, limit: u32, now: DateTime<Utc>) -> Result<(), Refusal> {
        let requests = requests.min(limit);
        self.forget(now);
        if let Some(until) = self.waits_until(Lane::Rest, now) {
            return Err(waiting(Lane::Rest, until));
        }
        if let Some(allowance) = self.allowance.filter(|allowance| allowance.reset > now)
            && allowance.remaining < reserve(allowance.limit) + u64::from(requests)
        {
            let message = format!(
                "only {} of GitHub's {} requests an hour are left; they are kept for the schedule",
                allowance.remaining, allowance.limit
            );
            return Err(Refusal { code: ErrorCode::RateLimited, message, retry_at: allowance.reset });
        }
        let kept = if limit >= 10 { limit / 10 } else { 0 };
        if self.spent().all + requests > limit - kept {
            return Err(self.exhausted(limit, now));
        }
        Ok(())
    }

    /// Takes note of what an answer said of limits. `jitter` is between 0 and 1.
    pub fn settle(
        &mut self,
        lane: Lane,
        outcome: &Outcome,
        jitter: f64,
        now: DateTime<Utc>,
        skew: TimeDelta,
    ) {
        let limits = outcome.limits;
        if lane == Lane::Rest
            && let (Some(limit), Some(remaining), Some(reset)) =
                (limits.limit, limits.remaining, limits.reset)
        {
            let reset = bounded(reset - skew, now);
            self.allowance = Some(Allowance { limit, remaining, reset });
        }
        if limits.limited {
            self.start_wait(lane, outcome, jitter, now, skew);
        } else if outcome.status.is_some_and(|status| status < 400) {
            *self.wait_mut(lane) = None;
        }
    }

    /// Until when this lane asked not to be used, if it did.
    #[must_use]
    pub fn waits_until(&self, lane: Lane, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wait = match lane {
            Lane::Rest => self.rest_wait,
            Lane::Web => self.web_wait,
            Lane::Registry => self.registry_wait,
        };
        // GitHub has said that nothing is left; asking on would only be counted against us.
        let spent_out = self.allowance.filter(|allowance| lane == Lane::Rest && allowance.remaining == 0);
        let until = wait.map(|wait| wait.until).max(spent_out.map(|allowance| allowance.reset));
        until.filter(|until| *until > now)
    }

    /// Notes on whose account GitHub is asked from now on. What it said to another one does not hold for this one.
    pub fn ask_as(&mut self, with_token: bool) {
        if self.with_token != with_token {
            *self = Self { with_token, rest_wait: None, allowance: None, ..std::mem::take(self) };
        }
    }

    /// Takes over what another process has written down meanwhile: of each minute, whichever count is higher.
    pub fn absorb(&mut self, other: &Self) {
        for (minute, theirs) in &other.minutes {
            match self.minutes.iter_mut().find(|(at, _)| at == minute) {
                Some((_, ours)) => {
                    *ours = Spent { all: ours.all.max(theirs.all), web: ours.web.max(theirs.web) };
                }
                None => self.minutes.push_back((*minute, *theirs)),
            }
        }
        self.minutes.make_contiguous().sort_by_key(|(minute, _)| *minute);
    }

    /// Requests sent in the last hour.
    #[must_use]
    pub fn sent_last_hour(&mut self, now: DateTime<Utc>) -> u32 {
        self.forget(now);
        self.spent().all
    }

    fn start_wait(
        &mut self,
        lane: Lane,
        outcome: &Outcome,
        jitter: f64,
        now: DateTime<Utc>,
        skew: TimeDelta,
    ) {
        let limits = outcome.limits;
        let times = self.wait_mut(lane).map_or(0, |wait| wait.times) + 1;
        #[expect(clippy::cast_possible_truncation, reason = "at most LONGEST_JITTER_SECONDS")]
        let jitter = TimeDelta::seconds((jitter * LONGEST_JITTER_SECONDS as f64) as i64 + 1);
        let spent_out = limits.remaining == Some(0);
        let until = match (limits.retry_after, limits.reset) {
            (Some(at), _) => bounded(at - skew, now),
            (None, Some(at)) if spent_out => bounded(at - skew, now),
            _ => now + UNNAMED_WAIT * 2_i32.pow(times.min(6) - 1),
        };
        *self.wait_mut(lane) = Some(Wait { until: until + jitter, times });
    }

    fn wait_mut(&mut self, lane: Lane) -> &mut Option<Wait> {
        match lane {
            Lane::Rest => &mut self.rest_wait,
            Lane::Web => &mut self.web_wait,
            Lane::Registry => &mut self.registry_wait,
        }
    }

    fn charge(&mut self, lane: Lane, now: DateTime<Utc>) {
        let minute = minute_of(now);
        if self.minutes.back().is_none_or(|(last, _)| *last != minute) {
            self.minutes.push_back((minute, Spent::default()));
        }
        if let Some((_, spent)) = self.minutes.back_mut() {
            spent.all += 1;
            spent.web += u32::from(lane == Lane::Web);
        }
    }

    /// Drops what is older than the window. What a clock set back has put into the future counts as now.
    fn forget(&mut self, now: DateTime<Utc>) {
        let minute = minute_of(now);
        if self.minutes.iter().any(|(at, _)| *at > minute) {
            let all = self.spent();
            self.minutes = VecDeque::from([(minute, all)]);
        }
        while self.minutes.front().is_some_and(|(at, _)| *at <= minute - WINDOW_MINUTES) {
            self.minutes.pop_front();
        }
        for wait in [&mut self.rest_wait, &mut self.web_wait, &mut self.registry_wait] {
            *wait = wait.filter(|wait| wait.until - now <= LONGEST_WAIT + UNNAMED_WAIT);
        }
    }

    fn spent(&self) -> Spent {
        self.minutes.iter().fold(Spent::default(), |sum, (_, spent)| Spent {
            all: sum.all.saturating_add(spent.all),
            web: sum.web.saturating_add(spent.web),
        })
    }

    fn exhausted(&self, limit: u32, now: DateTime<Utc>) -> Refusal {
        let oldest = self.minutes.front().map_or_else(|| minute_of(now), |(minute, _)| *minute);
        let retry_at = DateTime::from_timestamp((oldest + WINDOW_MINUTES) * 60, 0).unwrap_or(now);
        let message = format!(
            "the budget of {limit} upstream requests an hour is spent (SIDEWATCH_HOURLY_BUDGET); a \
             SIDEWATCH_GITHUB_TOKEN allows more"
        );
        Refusal { code: ErrorCode::Budget, message, retry_at: retry_at.max(now + TimeDelta::seconds(1)) }
    }
}

/// What of GitHub's allowance is never spent on a wish: a tenth, at least 5.
fn reserve(limit: u64) -> u64 {
    (limit / 10).max(5)
}

fn waiting(lane: Lane, until: DateTime<Utc>) -> Refusal {
    let who = match lane {
        Lane::Rest => "GitHub's API",
        Lane::Web => "GitHub's web site",
        Lane::Registry => "the image registry",
    };
    let message = format!("{who} asked to wait: its rate limit is reached");
    Refusal { code: ErrorCode::RateLimited, message, retry_at: until }
}

fn bounded(then: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    then.clamp(now, now + LONGEST_WAIT)
}

fn minute_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(60)
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
