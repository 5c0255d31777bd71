//! The `Link` header: where the next page is.

use url::Url;

/// The target of the first link with the relation `next`; its address is not checked here.
#[must_use]
pub fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let opening = rest.find('<')?;
        let (target, after) = rest.get(opening + 1..)?.split_once('>')?;
        let (mut parameters, further) = split_unquoted(after, b',');
        while !parameters.is_empty() {
            let (parameter, others) = split_unquoted(parameters, b';');
            if is_next(parameter) {
                return Some(target.trim());
            }
            parameters = others;
        }
        rest = further;
    }
}

/// Everything before the first separator outside of quotes, and everything after it.
fn split_unquoted(text: &str, separator: u8) -> (&str, &str) {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    name.trim().eq_ignore_ascii_case("rel")
        && value
            .trim()
            .trim_matches('"')
            .split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case("next"))
}

/// The next page, if it is on the same origin as the page that named it.
#[must_use]
pub fn next_page(here: &Url, header: &str) -> Option<Url> {
    let there = here.join(next(header)?).ok()?;
    (there.origin() == here.origin()).then_some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_wherever_it_stands() {
        let github = r#"<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=3>; rel="next", <https://api.github.com/x?page=9>; rel="last""#;
        assert_eq!(next(github), Some("https://api.github.com/x?page=3"));
        assert_eq!(next(r#"<a,b>; title="x, <y>; rel=next"; rel="last", <c>; REL=Next"#), Some("c"));
        assert_eq!(next(r#"<c>; rel="prefetch next""#), Some("c"));
    }

    #[test]
    fn no_next_page_is_none() {
        for text in
            ["", "<", "<>", "a; rel=next", r#"<a>; rel="last""#, r#"<a>; rel"#, "<a>;,<b", "ä<ö>ü;=,\""]
        {
            assert_eq!(next(text), None, "{text}");
        }
    }

    #[test]
    fn another_origin_is_never_the_next_page() {
        let here: Url = "https://api.github.com/x".parse().unwrap();
        assert!(next_page(&here, "</x?page=2>; rel=next").is_some());
        for there in ["https://evil.example/x", "http://api.github.com/x", "//evil.example", "file:///x"] {
            assert_eq!(next_page(&here, &format!("<{there}>; rel=next")), None, "{there}");
        }
    }
}
