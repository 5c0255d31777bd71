//! `GET /feed.atom`: the releases seen, for a feed reader.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};
use releases::Release;
use releases::notes::one_line;
use releases::release::eligible;

use super::entries::Entries;
use super::{AppState, Selected};
use crate::config::Target;
use crate::error::ApiError;

/// Entries in the feed.
const NEWEST: usize = 30;
/// Atom wants a date also where nobody tells one; the time of a check would make old entries new with each of them.
const UNDATED: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// When each version was first seen here.
type FirstSeen = BTreeMap<String, DateTime<Utc>>;

/// The releases seen, newest first.
#[utoipa::path(
    get,
    path = "/feed.atom",
    tag = "views",
    params(super::TargetQuery),
    responses(
        (status = 200, description = "An Atom feed", body = String, content_type = "application/atom+xml"),
        super::problems::ReadProblems,
    )
)]
pub async fn feed(state: web::Data<AppState>, selected: Selected) -> Result<HttpResponse, ApiError> {
    state.checker.nudge(selected.index);
    let watched = Arc::clone(&selected.watched);
    let (releases, seen) = watched.with_snapshot(|snapshot| {
        let releases = snapshot.known.as_ref().map(|known| Arc::clone(&known.releases));
        (releases.unwrap_or_default(), snapshot.first_seen.clone())
    });
    let work = move |entries: &Entries| Ok(build(&watched.target, &releases, &seen, entries).to_string());
    let feed = state.entries.compute(work).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(feed))
}

fn build(target: &Target, releases: &[Release], seen: &FirstSeen, kept: &Entries) -> Feed {
    let releases = eligible(releases, target.channel, target.line.as_ref());
    let entries: Vec<Entry> =
        releases.into_iter().take(NEWEST).map(|release| entry(target, seen, release, kept)).collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or_else(|| UNDATED.fixed_offset());
    let link = target.releases_page().map(|href| Link { href, rel: "alternate".into(), ..Link::default() });
    Feed {
        title: Text::plain(format!("{}: releases", target.name)),
        id: format!("urn:sidewatch:{}", target.repo),
        updated,
        authors: vec![Person { name: target.repo.owner().to_owned(), ..Person::default() }],
        generator: Some(Generator { value: "Sidewatch".into(), ..Generator::default() }),
        links: link.into_iter().collect(),
        entries,
        ..Feed::default()
    }
}

fn entry(target: &Target, seen: &FirstSeen, release: &Release, kept: &Entries) -> Entry {
    let version = release.version.to_string();
    let seen = seen.get(&version).copied();
    let published = release.published_at.or(seen).unwrap_or(UNDATED);
    let change = kept.entry(release, None);
    let marks =
        [("breaking", change.breaking), ("security", change.security), ("prerelease", change.prerelease)];
    let category =
        |(term, set): (&str, bool)| set.then(|| Category { term: term.into(), ..Category::default() });
    let href = release.url.clone().or_else(|| target.release_page(&release.tag));
    let content = change.notes_html.map(|html| Content {
        value: Some(html),
        content_type: Some("html".into()),
        ..Content::default()
    });
    let title = one_line(&change.title, 200);
    let title = if title.contains(&version) { title } else { format!("{version}: {title}") };
    Entry {
        title: Text::plain(xml_safe(&title)),
        id: format!("urn:sidewatch:{}:{version}", target.repo),
        updated: published.fixed_offset(),
        published: release.published_at.map(|at| at.fixed_offset()),
        categories: marks.into_iter().filter_map(category).collect(),
        links: href
            .map(|href| Link { href, rel: "alternate".into(), ..Link::default() })
            .into_iter()
            .collect(),
        content: content
            .map(|content| Content { value: content.value.map(|text| xml_safe(&text)), ..content }),
        ..Entry::default()
    }
}

/// XML 1.0 has no place for most control characters, escaped or not.
fn xml_safe(text: &str) -> String {
    text.chars()
        .filter(|sign| {
            matches!(sign, '\t' | '\n' | '\r') || (*sign >= ' ' && !matches!(sign, '\u{fffe}' | '\u{ffff}'))
        })
        .collect()
}
