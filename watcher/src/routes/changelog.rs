//! `GET /api/changelog`: everything between two versions.

mod commits;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context;
use chrono::{DateTime, Utc};
use contract::{ChangeEntry, Changelog};
use releases::release::running_version;
use releases::{Release, Track, Version, changelog};
use serde::Deserialize;

use self::commits::KnownCommits;
use super::entries::Entries;
use super::{AppState, Selected};
use crate::config::Target;
use crate::error::ApiError;
use crate::snapshot::Snapshot;
use crate::verdict;

const DEFAULT_LIMIT: u64 = 50;
const LARGEST_LIMIT: u64 = 100;
const LAST_PAGE: u64 = 100_000;
/// Notes on one page; what goes beyond is left to the release's own page.
const LARGEST_PAGE: usize = 512 << 10;

/// What the query asks for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// Everything newer than this version; the running one if absent or empty. On a branch track: the running
    /// commit or one of those that it lacks, at least seven digits of it.
    from: Option<String>,
    /// Everything up to this version; the latest one that can be installed here if absent or empty. On a branch
    /// track: the head, or a commit as above.
    to: Option<String>,
    /// The page, counted from 1.
    #[param(minimum = 1, maximum = 100_000)]
    page: Option<u64>,
    /// Entries on a page, at most 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
}

impl Range {
    fn from(&self) -> Option<&str> {
        self.from.as_deref().filter(|text| !text.is_empty())
    }

    fn to(&self) -> Option<&str> {
        self.to.as_deref().filter(|text| !text.is_empty())
    }
}

/// Everything between two versions, newest first.
#[utoipa::path(
    get,
    path = "/api/changelog",
    tag = "version",
    params(Range, super::TargetQuery),
    responses(
        (status = 200, description = "One page of it", body = Changelog),
        super::problems::ReadProblems,
        (status = 503, description = "Nothing is known yet", body = contract::Problem, content_type = "application/problem+json")
    )
)]
pub async fn changelog(
    state: web::Data<AppState>,
    selected: Selected,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let range = web::Query::<Range>::from_query(request.query_string())
        .map_err(|_| {
            ApiError::BadRequest("the query cannot be read; it takes from, to, page, limit, target".into())
        })?
        .into_inner();
    state.checker.nudge(selected.index);
    let watched = Arc::clone(&selected.watched);
    let answer = match watched.target.track {
        Track::Releases => {
            let now = state.checker.clock().wall();
            let known = watched.with_snapshot(|snapshot| KnownReleases::of(&watched.target, snapshot, now));
            let known = known.ok_or_else(nothing_known)?;
            let work = move |entries: &Entries| json(&of_releases(&watched.target, &known, &range, entries)?);
            state.entries.compute(work).await?
        }
        Track::Branch(_) => {
            let known = watched.with_snapshot(|snapshot| KnownCommits::of(&watched.target, snapshot));
            let known = known.ok_or_else(nothing_known)?;
            let work = move |_: &Entries| json(&known.between(&watched.target, &range)?);
            state.entries.compute(work).await?
        }
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(answer))
}

fn json(answer: &Changelog) -> Result<Vec<u8>, ApiError> {
    Ok(serde_json::to_vec(answer).context("write the changelog")?)
}

/// What a changelog is made from, taken out of the snapshot: its lock is not held while entries are made.
struct KnownReleases {
    releases: Arc<Vec<Release>>,
    complete: bool,
    /// The running version, as told.
    told: Option<String>,
    /// The highest version that can be installed here.
    latest: Option<Version>,
}

impl KnownReleases {
    fn of(target: &Target, snapshot: &Snapshot, now: DateTime<Utc>) -> Option<Self> {
        let known = snapshot.known.as_ref()?;
        let told = snapshot.running.as_ref().and_then(|running| running.version.clone());
        let latest = verdict::find(target, snapshot, now).latest.and_then(|text| Version::parse(&text).ok());
        Some(Self { releases: Arc::clone(&known.releases), complete: known.complete, told, latest })
    }
}

fn of_releases(
    target: &Target,
    known: &KnownReleases,
    range: &Range,
    kept: &Entries,
) -> Result<Changelog, ApiError> {
    let from = match range.from() {
        Some(text) => Some(version(text)?),
        None => running_version(known.told.as_deref(), &known.releases),
    };
    // What cannot be installed here yet is told to those who ask for it.
    let to = range.to().map(version).transpose()?.or_else(|| known.latest.clone());
    let found = match &to {
        Some(to) => {
            let line = target.line.as_ref();
            changelog::between(&known.releases, target.channel, line, from.as_ref(), Some(to))
        }
        None => Vec::new(),
    };
    let page = Page::cut(range, found.len())?;
    let marks = found.iter().map(|release| kept.marks(release));
    let (breaking, security) = marks.fold((false, false), |(breaking, security), mark| {
        (breaking | mark.breaking, security | mark.security)
    });
    let entries = entries(&found, &page, from.as_ref(), kept);
    Ok(Changelog {
        name: target.name.clone(),
        from: from.map(|version| version.to_string()),
        to: to.map(|version| version.to_string()),
        total: found.len() as u64,
        page: page.number,
        limit: page.limit,
        next_page: page.next,
        breaking,
        security,
        complete: known.complete,
        url: target.releases_page(),
        entries,
    })
}

/// The page's entries; each step is measured from the release before it.
fn entries(found: &[&Release], page: &Page, from: Option<&Version>, kept: &Entries) -> Vec<ChangeEntry> {
    let mut left = LARGEST_PAGE;
    let on_page = found.iter().enumerate().skip(page.start).take(page.count);
    on_page
        .map(|(index, release)| {
            let previous = found.get(index + 1).map(|older| &older.version).or(from);
            shortened(kept.entry(release, previous), &mut left)
        })
        .collect()
}

/// Drops the notes once the page is full; the link leads to them.
fn shortened(entry: ChangeEntry, left: &mut usize) -> ChangeEntry {
    let size = entry.notes.as_ref().map_or(0, String::len) + entry.notes_html.as_ref().map_or(0, String::len);
    if size <= *left {
        *left -= size;
        return entry;
    }
    ChangeEntry { notes: None, notes_html: None, truncated: true, ..entry }
}

fn version(text: &str) -> Result<Version, ApiError> {
    Version::parse(text)
        .map_err(|_| ApiError::BadRequest("from and to must be versions, such as 1.2.3".into()))
}

fn nothing_known() -> ApiError {
    ApiError::Unavailable("nothing is known of this repository yet; GET /api/version says why".into())
}

struct Page {
    number: u64,
    limit: u64,
    next: Option<u64>,
    start: usize,
    count: usize,
}

impl Page {
    fn cut(range: &Range, total: usize) -> Result<Self, ApiError> {
        let limit = range.limit.unwrap_or(DEFAULT_LIMIT);
        let number = range.page.unwrap_or(1);
        if !(1..=LARGEST_LIMIT).contains(&limit) || !(1..=LAST_PAGE).contains(&number) {
            let rule = format!("limit goes from 1 to {LARGEST_LIMIT}, page from 1 to {LAST_PAGE}");
            return Err(ApiError::BadRequest(rule));
        }
        let start = (number - 1) * limit;
        let more = start + limit < total as u64;
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let count = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self { number, limit, next: more.then_some(number + 1), start, count })
    }
}
