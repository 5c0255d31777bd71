//! `GET /feed.atom`: the releases seen, for a feed reader.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};
use contract::ChangeEntry;
use releases::notes::one_line;
use releases::release::eligible;
use releases::source::Commit;
use releases::{Release, Track, changelog};

use super::entries::Entries;
use super::{AppState, Selected};
use crate::config::Target;
use crate::error::ApiError;
use crate::installable::IN_FEED;
use crate::snapshot::Snapshot;

const LONGEST_TITLE: usize = 200;
/// Atom wants a date also of a feed without entries.
const UNDATED: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// What the feed is made from, taken out of the snapshot: its lock is not held while entries are made.
struct Seen {
    releases: Arc<Vec<Release>>,
    /// When each version was first seen here.
    first_seen: BTreeMap<String, DateTime<Utc>>,
    /// Of a branch, the newest first.
    commits: Vec<Commit>,
}

impl Seen {
    fn of(snapshot: &Snapshot) -> Self {
        let known = snapshot.known.as_ref();
        let head = known.and_then(|known| known.head.as_ref());
        Self {
            releases: known.map(|known| Arc::clone(&known.releases)).unwrap_or_default(),
            first_seen: snapshot.first_seen.clone(),
            commits: head.map_or_else(Vec::new, |head| head.commits.iter().take(IN_FEED).cloned().collect()),
        }
    }
}

/// The releases seen (on a branch track: the commits that the running one lacks), newest first.
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
    let seen = watched.with_snapshot(Seen::of);
    let work = move |entries: &Entries| Ok(build(&watched.target, &seen, entries).to_string());
    let feed = state.entries.compute(work).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(feed))
}

fn build(target: &Target, seen: &Seen, kept: &Entries) -> Feed {
    let (what, entries): (&str, Vec<Entry>) = match target.track {
        Track::Releases => {
            let releases = eligible(&seen.releases, target.channel, target.line.as_ref());
            let entry = |release| release_entry(target, seen, release, kept);
            ("releases", releases.into_iter().take(IN_FEED).filter_map(entry).collect())
        }
        Track::Branch(_) => {
            ("commits", seen.commits.iter().filter_map(|commit| commit_entry(target, commit)).collect())
        }
    };
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or_else(|| UNDATED.fixed_offset());
    let link = target.releases_page().map(|href| Link { href, rel: "alternate".into(), ..Link::default() });
    Feed {
        title: Text::plain(format!("{}: {what}", target.name)),
        id: format!("urn:sidewatch:{}", target.repo),
        updated,
        authors: vec![Person { name: target.repo.owner().to_owned(), ..Person::default() }],
        generator: Some(Generator { value: "Sidewatch".into(), ..Generator::default() }),
        links: link.into_iter().collect(),
        entries,
        ..Feed::default()
    }
}

/// `None` for one that nobody has dated and that the check under way has not noted yet: a date that changed later
/// would make it new a second time.
fn release_entry(target: &Target, seen: &Seen, release: &Release, kept: &Entries) -> Option<Entry> {
    let first_seen = || seen.first_seen.get(&release.version.to_string()).copied();
    let updated = release.published_at.or_else(first_seen)?;
    let change = kept.entry(release, None);
    let url = release.url.clone().or_else(|| target.release_page(&release.tag));
    let title = one_line(&change.title, LONGEST_TITLE);
    let named = title.contains(&change.version);
    let title = if named { title } else { format!("{}: {title}", change.version) };
    Some(entry(target, ChangeEntry { title, url, ..change }, updated))
}

/// `None` for one without a date.
fn commit_entry(target: &Target, commit: &Commit) -> Option<Entry> {
    let change = changelog::commit_entry(commit);
    let title = one_line(&change.title, LONGEST_TITLE);
    Some(entry(target, ChangeEntry { title, ..change }, commit.committed_at?))
}

fn entry(target: &Target, change: ChangeEntry, updated: DateTime<Utc>) -> Entry {
    let marks =
        [("breaking", change.breaking), ("security", change.security), ("prerelease", change.prerelease)];
    let category =
        |(term, set): (&str, bool)| set.then(|| Category { term: term.into(), ..Category::default() });
    let content = change.notes_html.map(|html| Content {
        value: Some(xml_safe(&html)),
        content_type: Some("html".into()),
        ..Content::default()
    });
    let link = change.url.map(|href| Link { href, rel: "alternate".into(), ..Link::default() });
    Entry {
        title: Text::plain(xml_safe(&change.title)),
        id: format!("urn:sidewatch:{}:{}", target.repo, change.version),
        updated: updated.fixed_offset(),
        published: change.published_at.map(|at| at.fixed_offset()),
        categories: marks.into_iter().filter_map(category).collect(),
        links: link.into_iter().collect(),
        content,
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
