//! What an answer's headers and body say of limits.

use chrono::{DateTime, Duration, Utc};
use reqwest::header::HeaderMap;

use super::RateLimits;

/// Longer waits are not believed: a lying upstream must not switch the checks off.
const LONGEST_WAIT: Duration = Duration::hours(24);
/// The least wait after a limit that names none.
const SHORTEST_WAIT: Duration = Duration::minutes(1);
/// Clocks that differ by less are taken as equal.
const SKEW: Duration = Duration::minutes(1);

impl RateLimits {
    /// Reads them; `now` is our clock, which may differ from upstream's.
    pub(crate) fn read(status: u16, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let number = |name: &str| text(name).and_then(|value| value.parse::<u64>().ok());
        let ahead = text("date").and_then(http_date).map_or_else(Duration::zero, |theirs| theirs - now);
        let latest = now + LONGEST_WAIT;
        // Upstream may name any instant, also one from which nothing can be subtracted.
        let ours = |instant: DateTime<Utc>| {
            let skewed = ahead.abs() > SKEW;
            if skewed { instant.checked_sub_signed(ahead).unwrap_or(latest) } else { instant }
        };
        let remaining = number("x-ratelimit-remaining");
        let retry_after = text("retry-after").and_then(|value| match value.parse::<i64>() {
            Ok(seconds) => Some(now + Duration::seconds(seconds.clamp(0, LONGEST_WAIT.num_seconds()))),
            Err(_) => http_date(value).map(ours),
        });
        let reset =
            text("x-ratelimit-reset").and_then(|value| DateTime::from_timestamp(value.parse().ok()?, 0));
        let asks_to_wait = remaining == Some(0) || retry_after.is_some() || names_secondary_limit(body);
        Self {
            limit: number("x-ratelimit-limit"),
            remaining,
            reset: reset.map(|instant| ours(instant).min(latest)),
            retry_after: retry_after.map(|instant| instant.min(latest)),
            limited: status == 429 || (status == 403 && asks_to_wait),
        }
    }

    /// When upstream may be asked again after an answer that meant "wait".
    #[must_use]
    pub fn wait_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let reset = self.reset.filter(|_| self.remaining == Some(0));
        self.retry_after.or(reset).unwrap_or(now + SHORTEST_WAIT).max(now)
    }
}

fn names_secondary_limit(body: &[u8]) -> bool {
    let head = &body[..body.len().min(4096)];
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    text.contains("secondary rate limit") || text.contains("abuse detection")
}

/// An HTTP date in the only form that is still sent (`Sun, 06 Nov 1994 08:49:37 GMT`).
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    (2000..3000).contains(&chrono::Datelike::year(&instant)).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, pairs: &[(&'static str, &str)], body: &str) -> RateLimits {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        RateLimits::read(status, &headers, body.as_bytes(), now())
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn the_primary_limit_waits_for_its_reset() {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800002400")];
        let limits = read(403, &headers, "");
        assert!(limits.limited);
        assert_eq!(limits.wait_until(now()), now() + Duration::minutes(40));
    }

    #[test]
    fn a_reset_is_read_by_upstreams_clock() {
        let date = (now() + Duration::hours(2)).to_rfc2822();
        let reset = (now() + Duration::hours(2) + Duration::minutes(5)).timestamp().to_string();
        let limits =
            read(429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset), ("date", &date)], "");
        assert_eq!(limits.wait_until(now()), now() + Duration::minutes(5));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_is_never_believed_for_long() {
        let wait = |value: &str| read(429, &[("retry-after", value)], "").wait_until(now()) - now();
        assert_eq!(wait("30"), Duration::seconds(30));
        assert_eq!(wait(&(now() + Duration::seconds(90)).to_rfc2822()), Duration::seconds(90));
        assert_eq!(wait("99999999999999"), LONGEST_WAIT);
        assert_eq!(wait("-5"), Duration::zero());
        assert_eq!(wait("soon"), SHORTEST_WAIT);
    }

    #[test]
    fn a_reset_at_the_end_of_time_is_a_day_at_most() {
        let date = (now() - Duration::hours(2)).to_rfc2822();
        for reset in ["8210266876799", "-8334601228800", "9223372036854775807"] {
            let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset), ("date", &date)];
            assert!(read(429, &headers, "").wait_until(now()) <= now() + LONGEST_WAIT, "{reset}");
        }
    }

    #[test]
    fn a_secondary_limit_is_told_by_its_text() {
        let text = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let limits = read(403, &[("x-ratelimit-remaining", "40")], text);
        assert!(limits.limited);
        assert_eq!(limits.wait_until(now()), now() + SHORTEST_WAIT);
    }

    #[test]
    fn an_ordinary_403_and_a_good_answer_are_no_limit() {
        assert!(!read(403, &[("x-ratelimit-remaining", "40")], "Forbidden").limited);
        assert!(!read(200, &[("x-ratelimit-remaining", "0")], "").limited);
    }
}
