//! The parts that a check and an answer are made of, each by itself: `cargo bench -p bench`.
#![expect(clippy::unwrap_used, reason = "what is measured is made here and known to be good")]

use std::collections::HashMap;
use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use contract::Via;
use criterion::{BatchSize, Criterion};
use releases::github::Site;
use releases::github::releases::parse_releases;
use releases::{Release, Repo, Version, notes};
use watcher::clock::Clock;
use watcher::config::{Config, Sources, Target};
use watcher::decisions::Decisions;
use watcher::snapshot::{Known, Running, Snapshot};
use watcher::state_store::Saved;
use watcher::verdict::{self, Circumstances};
use watcher::watched::{Frame, Watched};

/// Releases of the repository: a full page.
const RELEASES: usize = 100;
const NOTES: &str = "## What's new\n\n- **Faster** checks by @octocat in #12\n- `--json` for `check`\n\n\
    | a | b |\n|---|---|\n| 1 | 2 |\n\n> Upgrade notes: see <https://example.com/docs>.\n";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    page(&mut criterion);
    versions(&mut criterion);
    notes_as_html(&mut criterion);
    judge(&mut criterion);
    publish(&mut criterion);
    criterion.final_summary();
}

fn tag(number: usize) -> String {
    format!("v1.{}.{}", number / 10, number % 10)
}

fn page(criterion: &mut Criterion) {
    let entry = |number| {
        serde_json::json!({
            "tag_name": tag(number), "name": format!("Release {number}"), "body": NOTES, "draft": false,
            "html_url": format!("https://github.com/octo/app/releases/tag/{}", tag(number)),
            "published_at": "2026-01-29T09:00:00Z", "prerelease": false, "assets": [{ "name": "app.tar.gz" }],
            "author": { "login": "octocat", "id": 1, "url": "https://api.github.com/users/octocat" }
        })
    };
    let body = serde_json::to_vec(&(0..RELEASES).map(entry).collect::<Vec<_>>()).unwrap();
    let (site, repo) =
        (Site::new("https://github.com".parse().unwrap()), "octo/app".parse::<Repo>().unwrap());
    criterion.bench_function("parse a page of 100 releases", |bencher| {
        bencher.iter(|| parse_releases(black_box(&body), &site, &repo).unwrap());
    });
}

fn versions(criterion: &mut Criterion) {
    // Neither sorted nor reversed: 37 and 100 have no common divisor.
    let tags: Vec<String> = (0..RELEASES).map(|number| tag(number * 37 % RELEASES)).collect();
    criterion.bench_function("parse and sort 100 versions", |bencher| {
        bencher.iter(|| {
            let mut versions: Vec<Version> =
                black_box(&tags).iter().map(|tag| Version::parse(tag).unwrap()).collect();
            versions.sort();
            versions
        });
    });
}

fn notes_as_html(criterion: &mut Criterion) {
    criterion.bench_function("notes as sanitised HTML", |bencher| {
        bencher.iter(|| notes::to_html(black_box(NOTES)));
    });
}

fn judge(criterion: &mut Criterion) {
    let (target, snapshot, decisions) = (target(), snapshot(), Decisions::default());
    let around =
        Circumstances { now: Utc::now(), ttl: TimeDelta::hours(4), next_check: None, disabled: false };
    criterion.bench_function("judge a target with 100 releases", |bencher| {
        bencher.iter(|| verdict::judge(&target, black_box(&snapshot), &decisions, around));
    });
}

/// A verdict, and the answer of `GET /api/version` made ready from it.
fn publish(criterion: &mut Criterion) {
    let frame = Frame {
        clock: Clock::start(),
        ttl: TimeDelta::hours(4),
        interval: TimeDelta::hours(1),
        disabled: false,
    };
    let watched = Watched::new(target(), Saved::new(snapshot(), Decisions::default()), frame);
    criterion.bench_function("make the ready answer anew", |bencher| {
        bencher.iter(|| watched.publish());
    });
    criterion.bench_function("serialise a state", |bencher| {
        bencher.iter_batched(|| watched.state(), |state| serde_json::to_vec(&state), BatchSize::SmallInput);
    });
}

fn target() -> Target {
    let environment = HashMap::from([("SIDEWATCH_REPO".to_owned(), "octo/app".to_owned())]);
    Config::read(&Sources { environment, ..Sources::default() }).unwrap().targets.remove(0)
}

fn snapshot() -> Snapshot {
    let now: DateTime<Utc> = Utc::now();
    let release = |number| {
        let tag = tag(number);
        let version = Version::parse(&tag).unwrap();
        Release { notes: Some(NOTES.to_owned()), published_at: Some(now), ..Release::from_tag(tag, version) }
    };
    let releases: Vec<Release> = (0..RELEASES).rev().map(release).collect();
    let known = Known {
        via: Via::Rest,
        etag: None,
        releases: releases.into(),
        complete: true,
        head: None,
        compared_with: None,
        moved_to: None,
        advisories: Some(Vec::new()),
        advisories_etag: None,
        manifest: None,
    };
    Snapshot {
        known: Some(known),
        last_success: Some(now),
        last_attempt: Some(now),
        running: Some(Running { version: Some("1.3.0".to_owned()), commit: None }),
        ..Snapshot::default()
    }
}
