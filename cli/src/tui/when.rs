//! Times, spans and amounts in few characters.

use chrono::{DateTime, Local, NaiveDateTime, TimeDelta, Utc};

/// Turns an instant into what a clock on the wall shows.
#[derive(Clone, Copy, Debug)]
pub struct Zone(fn(DateTime<Utc>) -> NaiveDateTime);

impl Zone {
    /// The zone of this machine.
    #[must_use]
    pub fn local() -> Self {
        Self(|time| time.with_timezone(&Local).naive_local())
    }

    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(|time| time.naive_utc())
    }

    /// What the clock shows.
    #[must_use]
    pub fn at(self, time: DateTime<Utc>) -> NaiveDateTime {
        (self.0)(time)
    }

    /// `10:41:05`
    #[must_use]
    pub fn time(self, time: DateTime<Utc>) -> String {
        self.at(time).format("%H:%M:%S").to_string()
    }

    /// `2026-11-22 10:41`
    #[must_use]
    pub fn minute(self, time: DateTime<Utc>) -> String {
        self.at(time).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// How long ago, roughly: `now`, `5 min`, `3 h`, `12 d`, `2 y`.
#[must_use]
pub fn ago(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    let past = now.signed_duration_since(then);
    let (minutes, hours, days) = (past.num_minutes(), past.num_hours(), past.num_days());
    match () {
        () if minutes < 1 => "now".to_owned(),
        () if minutes < 60 => format!("{minutes} min"),
        () if hours < 48 => format!("{hours} h"),
        () if days < 365 => format!("{days} d"),
        () => format!("{} y", days / 365),
    }
}

/// The same in a sentence: `just now`, `5 min ago`.
#[must_use]
pub fn ago_in_words(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    match ago(now, then).as_str() {
        "now" => "just now".to_owned(),
        past => format!("{past} ago"),
    }
}

/// How long something took: `45 s`, `12 min`, `3 h 05`, `2 d 3 h`.
#[must_use]
pub fn span(taken: TimeDelta) -> String {
    let seconds = taken.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match () {
        () if seconds < 60 => format!("{seconds} s"),
        () if minutes < 60 => format!("{minutes} min"),
        () if hours < 24 => format!("{hours} h {:02}", minutes % 60),
        () => format!("{days} d {} h", hours % 24),
    }
}

/// An amount in few characters: `999`, `12.3k`, `4.5M`.
#[must_use]
pub fn amount(number: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")];
    if number < 1_000 {
        return number.to_string();
    }
    // What rounds up to a thousand belongs to the next step.
    let step = STEPS.iter().rfind(|(unit, _)| number >= unit - unit / 2000).unwrap_or(&STEPS[0]);
    let tenths = (u128::from(number) * 10 + u128::from(step.0) / 2) / u128::from(step.0);
    if tenths < 1_000 {
        format!("{}.{}{}", tenths / 10, tenths % 10, step.1)
    } else {
        format!("{}{}", tenths / 10, step.1)
    }
}

/// Bytes: `512 B`, `1.2 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    match amount(number) {
        plain if number < 1_000 => format!("{plain} B"),
        scaled => {
            let (digits, unit) = scaled.split_at(scaled.len() - 1);
            format!("{digits} {unit}B")
        }
    }
}

/// US dollars; nothing for nothing.
#[must_use]
pub fn dollars(amount: f64) -> String {
    match amount {
        none if none <= 0.0 || !none.is_finite() => String::new(),
        little if little < 0.005 => "<$0.01".to_owned(),
        some if some < 10_000.0 => format!("${some:.2}"),
        much => format!("${much:.0}"),
    }
}

/// A number and its noun, which takes an `s` where it is not one.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", amount(number)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_roughly() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let told = |seconds| ago(now, now - TimeDelta::seconds(seconds));
        assert_eq!([told(-90), told(59), told(60), told(7199)], ["now", "now", "1 min", "1 h"]);
        assert_eq!([told(86400 * 3), told(86400 * 800)], ["3 d", "2 y"]);
        let taken = |seconds| span(TimeDelta::seconds(seconds));
        assert_eq!(
            [taken(-5), taken(61), taken(7500), taken(100_000)],
            ["0 s", "1 min", "2 h 05", "1 d 3 h"]
        );
    }

    #[test]
    fn amounts_stay_short() {
        assert_eq!(
            [amount(999), amount(1000), amount(12_345), amount(999_999)],
            ["999", "1.0k", "12.3k", "1.0M"]
        );
        assert_eq!([amount(123_456), amount(5_000_000_000)], ["123k", "5.0G"]);
        assert_eq!([bytes(12), bytes(1_234_567)], ["12 B", "1.2 MB"]);
        assert_eq!([dollars(0.0), dollars(0.001), dollars(12.345)], ["", "<$0.01", "$12.35"]);
        assert_eq!([counted(1, "prompt"), counted(0, "prompt")], ["1 prompt", "0 prompts"]);
    }
}
