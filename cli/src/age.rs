//! How long ago something was, how long it takes, how much it is: in words.

use chrono::{DateTime, TimeDelta, Utc};

/// `2 hours ago`; `in 2 hours` for what is to come.
#[must_use]
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - then;
    if passed.abs() < TimeDelta::seconds(5) {
        "just now".to_owned()
    } else if passed < TimeDelta::zero() {
        format!("in {}", span(-passed))
    } else {
        format!("{} ago", span(passed))
    }
}

/// `2 hours`: the largest unit that fits.
#[must_use]
pub fn span(length: TimeDelta) -> String {
    let units = [(length.num_days(), "day"), (length.num_hours(), "hour"), (length.num_minutes(), "minute")];
    let (count, unit) =
        units.into_iter().find(|(count, _)| *count > 0).unwrap_or((length.num_seconds(), "second"));
    counted(count.unsigned_abs(), unit)
}

/// `1 event`, `2 events`.
#[must_use]
pub fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("{count} {what}") } else { format!("{count} {what}s") }
}

/// `12 KiB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..1024 => counted(count, "byte"),
        1024..1_048_576 => format!("{} KiB", count.div_ceil(1024)),
        _ => format!("{} MiB", count.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits_is_told() {
        let now = Utc::now();
        let told = |seconds| ago(now - TimeDelta::seconds(seconds), now);
        assert_eq!(told(1), "just now");
        assert_eq!(told(59), "59 seconds ago");
        assert_eq!(told(60), "1 minute ago");
        assert_eq!(told(7200), "2 hours ago");
        assert_eq!(told(86_400 * 30), "30 days ago");
        assert_eq!(told(-120), "in 2 minutes");
        assert_eq!(
            (bytes(1), bytes(1025), bytes(3 << 20)),
            ("1 byte".into(), "2 KiB".into(), "3 MiB".into())
        );
    }
}
