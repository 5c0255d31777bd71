//! Content types of transcripts: what is kept, and what is told a browser.

use actix_web::http::header::{self, HeaderMap};
use actix_web::mime::{self, Mime};

/// Longest content type that is kept.
const LONGEST: usize = 200;
const UNKNOWN: &str = "application/octet-stream";

/// What the client says it sends; if it says nothing that can be read, bytes.
pub(super) fn recorded(headers: &HeaderMap) -> String {
    let told = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::trim);
    let told = told.filter(|told| told.len() <= LONGEST && told.parse::<Mime>().is_ok());
    told.unwrap_or(UNKNOWN).to_owned()
}

/// What is told of bytes that were recorded as this, and how a file of it ends. Only texts and JSON keep their type.
pub(super) fn served(recorded: &str) -> (&str, &'static str) {
    let Ok(parsed) = recorded.parse::<Mime>() else { return (UNKNOWN, "") };
    match (parsed.type_(), parsed.subtype().as_str()) {
        (mime::APPLICATION, "json") => (recorded, ".json"),
        (mime::APPLICATION, "x-ndjson") => (recorded, ".jsonl"),
        (mime::TEXT, "markdown") => (recorded, ".md"),
        (mime::TEXT, "plain" | "csv") => (recorded, ".txt"),
        // A page or a script from here would be one of ours.
        (mime::TEXT, _) => ("text/plain; charset=utf-8", ".txt"),
        _ => (UNKNOWN, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_and_json_are_told_as_they_came() {
        for (recorded, shown) in [
            ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
            ("application/json", "application/json"),
            ("application/x-ndjson", "application/x-ndjson"),
            ("application/javascript", UNKNOWN),
            ("text/javascript", "text/plain; charset=utf-8"),
            ("text/html", "text/plain; charset=utf-8"),
            ("image/svg+xml", UNKNOWN),
            ("nonsense", UNKNOWN),
            ("", UNKNOWN),
        ] {
            assert_eq!(served(recorded).0, shown, "{recorded}");
        }
    }
}
