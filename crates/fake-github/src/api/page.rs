//! A rendered answer with its ETag, and how lists are cut into pages.

use std::sync::OnceLock;

use bytes::Bytes;
use hyper::header::HeaderValue;
use serde_json::Value;

use crate::answer::JSON;
use crate::gzip;
use crate::text::{parameter, sha256_hex};

/// Bodies below this are not worth compressing.
const WORTH_COMPRESSING: usize = 1024;

/// A rendered 200 answer.
pub(crate) struct Page {
    pub(crate) body: Bytes,
    pub(crate) etag: HeaderValue,
    pub(crate) link: Option<HeaderValue>,
    pub(crate) content_type: &'static str,
    compressed: OnceLock<Option<Bytes>>,
}

impl Page {
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(value.to_string(), JSON)
    }

    pub(crate) fn new(body: String, content_type: &'static str) -> Self {
        let etag = format!("W/\"{}\"", sha256_hex(body.as_bytes()));
        Self {
            etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("W/\"0\"")),
            body: body.into(),
            link: None,
            content_type,
            compressed: OnceLock::new(),
        }
    }

    /// Adds a `Link` header, unless it would be empty.
    pub(crate) fn with_link(mut self, link: &str) -> Self {
        if !link.is_empty() {
            self.link = HeaderValue::from_str(link).ok();
        }
        self
    }

    /// The body compressed, if that is worth it.
    pub(crate) fn compressed(&self) -> Option<Bytes> {
        if self.body.len() < WORTH_COMPRESSING {
            return None;
        }
        self.compressed.get_or_init(|| gzip::compressed(&self.body)).clone()
    }
}

/// Which page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) page: usize,
    pub(crate) per_page: usize,
    /// Whether the client asked for pages at all.
    pub(crate) asked: bool,
}

impl Paging {
    pub(crate) fn of(query: &str) -> Self {
        let number = |name| parameter(query, name).and_then(|value| value.parse::<usize>().ok());
        let (page, per_page) = (number("page"), number("per_page"));
        Self {
            page: page.unwrap_or(1).max(1),
            per_page: per_page.filter(|size| *size > 0).unwrap_or(30).min(100),
            asked: page.is_some() || per_page.is_some(),
        }
    }

    /// This page of the list.
    pub(crate) fn cut<T>(self, items: &[T]) -> &[T] {
        let start = (self.page - 1).saturating_mul(self.per_page).min(items.len());
        &items[start..(start + self.per_page).min(items.len())]
    }

    /// The `Link` header for a list of `total`; empty where there is but one page.
    pub(crate) fn link(self, total: usize, address: &str, query: &str) -> String {
        let last = total.div_ceil(self.per_page).max(1);
        let mut links = Vec::new();
        if self.page > 1 {
            links.push((self.page.min(last + 1) - 1, "prev"));
        }
        if self.page < last {
            links.push((self.page + 1, "next"));
            links.push((last, "last"));
        }
        if self.page > 1 {
            links.push((1, "first"));
        }
        let links = links.into_iter().map(|(page, relation)| {
            format!("<{address}?{}>; rel=\"{relation}\"", with_parameter(query, "page", &page.to_string()))
        });
        links.collect::<Vec<_>>().join(", ")
    }
}

/// The query with this parameter set, all others kept.
pub(crate) fn with_parameter(query: &str, name: &str, value: &str) -> String {
    let others = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split_once('=').map_or(*pair, |(key, _)| key) != name);
    let own = format!("{name}={value}");
    others.chain([own.as_str()]).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::Paging;

    #[test]
    fn links_lead_to_the_neighbours_and_both_ends() {
        let query = "per_page=100&page=2&x=1";
        let link = Paging::of(query).link(250, "http://h/r", query);
        assert_eq!(
            link,
            "<http://h/r?per_page=100&x=1&page=1>; rel=\"prev\", <http://h/r?per_page=100&x=1&page=3>; rel=\"next\", \
             <http://h/r?per_page=100&x=1&page=3>; rel=\"last\", <http://h/r?per_page=100&x=1&page=1>; rel=\"first\""
        );
        assert_eq!(Paging::of("").link(30, "http://h/r", ""), "");
    }

    #[test]
    fn pages_are_at_most_a_hundred_long() {
        let items: Vec<usize> = (0..250).collect();
        assert_eq!(Paging::of("per_page=1000&page=3").cut(&items), &items[200..]);
        assert_eq!(Paging::of("").cut(&items), &items[..30]);
        assert!(Paging::of("page=99").cut(&items).is_empty());
    }
}
