//! Instants, hashes, escaping and paths as text.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'+');

/// SHA-256 in lower case hex.
pub(crate) fn sha256_hex(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Something that looks like a git object id, always the same for the same parts.
pub(crate) fn object_id(parts: &[&str]) -> String {
    let mut digest = sha256_hex(parts.join("\0").as_bytes());
    digest.truncate(40);
    digest
}

/// The instant `hours` after 2026-01-01, in GitHub's form.
pub(crate) fn default_instant(hours: u64) -> String {
    let start = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    github_time(start + TimeDelta::hours(i64::try_from(hours).unwrap_or(0)))
}

/// `2026-01-29T09:00:00Z`.
pub(crate) fn github_time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// So much after an instant in GitHub's form; unreadable ones stay as they are.
pub(crate) fn after(instant: &str, delay: Duration) -> String {
    match (DateTime::parse_from_rfc3339(instant), TimeDelta::from_std(delay)) {
        (Ok(parsed), Ok(delay)) => github_time(parsed.with_timezone(&Utc) + delay),
        _ => instant.to_owned(),
    }
}

/// For a `Date` header.
pub(crate) fn http_date(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// One path segment, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Percent-decoded; bytes that are no UTF-8 are replaced.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The first parameter of that name, decoded.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| decoded(&value.replace('+', " ")))
    })
}

/// Text in XML or HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Notes as simple HTML: headings, lists, paragraphs; everything else as it is written.
pub(crate) fn simple_html(markdown: &str) -> String {
    let mut out = String::new();
    let mut in_list = false;
    for line in markdown.lines() {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        if in_list != item.is_some() {
            out.push_str(if in_list { "</ul>" } else { "<ul>" });
            in_list = !in_list;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        match item {
            Some(item) => out.push_str(&format!("<li>{}</li>", escaped(item))),
            None if (1..=6).contains(&level) => {
                out.push_str(&format!("<h{level}>{}</h{level}>", escaped(line[level..].trim())));
            }
            None if line.trim().is_empty() => {}
            None => out.push_str(&format!("<p>{}</p>", escaped(line))),
        }
    }
    if in_list {
        out.push_str("</ul>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{default_instant, escaped, parameter, simple_html};

    #[test]
    fn instants_are_in_githubs_form() {
        assert_eq!(default_instant(25), "2026-01-02T01:00:00Z");
    }

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(parameter("a=1&scope=repository%3Ao%2Fr:pull", "scope").unwrap(), "repository:o/r:pull");
        assert_eq!(parameter("a=1", "b"), None);
    }

    #[test]
    fn notes_become_html() {
        assert_eq!(
            simple_html("## Hi\n- a <b>\n\nend"),
            "<h2>Hi</h2><ul><li>a &lt;b&gt;</li></ul><p>end</p>"
        );
        assert_eq!(escaped("a&\"'"), "a&amp;&quot;&#39;");
    }
}
