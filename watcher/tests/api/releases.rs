//! The releases track: which release is the latest, and how the running version stands to it.

use chrono::{TimeDelta, Utc};
use contract::{Comparison, ErrorCode, Severity, Status, VersionState, Via};
use fake_github::{Door, FakeGithub, Fault, NewRelease};
use serde_json::json;

use crate::helpers::{REPO, github, spawn};

const SHA: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// The first answer with these releases, this running version and these settings.
async fn seen(tags: &[&str], current: &str, changes: &[(&str, &str)]) -> VersionState {
    let fake = github(tags).await;
    told(&fake, current, changes).await
}

async fn told(fake: &FakeGithub, current: &str, changes: &[(&str, &str)]) -> VersionState {
    let changes: Vec<_> = [("CURRENT", current)].into_iter().chain(changes.iter().copied()).collect();
    spawn(fake, &changes).await.version().await
}

#[tokio::test]
async fn drafts_are_dropped() {
    let fake = github(&["v1.2.3"]).await;
    // Whoever may write to a repository is shown its drafts too.
    fake.repo(REPO).release(NewRelease::new("v2.0.0").with_field("draft", json!(true)));
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!(state.latest.as_deref(), Some("1.2.3"));
    assert_eq!(state.update_available, Some(false));
}

#[tokio::test]
async fn the_channel_decides_about_pre_releases_marked_or_named() {
    let fake = github(&["v1.2.3", "v1.4.0-rc.1"]).await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0").prerelease());
    let stable = told(&fake, "1.2.3", &[]).await;
    assert_eq!((stable.latest.as_deref(), stable.channel.as_str()), (Some("1.2.3"), "stable"));
    let all = told(&fake, "1.2.3", &[("CHANNEL", "prerelease")]).await;
    assert_eq!((all.latest.as_deref(), all.channel.as_str()), (Some("1.4.0-rc.1"), "prerelease"));
    assert_eq!(all.behind.releases, Some(2));
}

#[tokio::test]
async fn an_installation_stays_on_its_line() {
    let tags = ["v1.2.3", "v1.9.0", "v2.0.0", "v0.9.0"];
    for (line, latest) in [("^1", "1.9.0"), ("~1.2", "1.2.3"), ("1.2", "1.2.3"), (">=1, <3", "2.0.0")] {
        let state = seen(&tags, "1.2.3", &[("LINE", line)]).await;
        assert_eq!(state.latest.as_deref(), Some(latest), "{line}");
    }
}

#[tokio::test]
async fn all_pages_are_read_by_link() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    // The highest version was published first, so it stands on the last page.
    repo.release(NewRelease::new("v9.0.0"));
    for minor in 1..250 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    let state = told(&fake, "1.100.0", &[]).await;
    assert_eq!(state.latest.as_deref(), Some("9.0.0"));
    assert_eq!(state.behind.releases, Some(150));
    let pages: Vec<String> = fake
        .calls_to(Door::Api)
        .into_iter()
        .filter(|call| call.path.ends_with("/releases"))
        .map(|call| call.query)
        .collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(pages.iter().all(|query| query.contains("per_page=100")), "{pages:?}");
}

#[tokio::test]
async fn versions_are_read_as_projects_write_them() {
    for (tags, current, latest, comparison) in [
        (&["v1.2.3", "v1.10.0"][..], "v1.2.3", "1.10.0", Comparison::Behind),
        (&["1.2.3", "v1.3.0"], "1.2.3", "1.3.0", Comparison::Behind),
        (&["release-1.2.3", "release-1.3.0"], "1.2.3", "1.3.0", Comparison::Behind),
        (&["1.9", "1.10"], "1.9", "1.10", Comparison::Behind),
        (&["1.9", "1.10"], "1.10.0", "1.10", Comparison::Identical),
        (&["2024.01.05", "2024.11.01"], "2024.01.05", "2024.11.01", Comparison::Behind),
        (&["v1.3.0+build.7"], "1.3.0+build.5", "1.3.0+build.7", Comparison::Identical),
        (&["v1.3.0+build.7"], "1.2.3+build.9", "1.3.0+build.7", Comparison::Behind),
        (&["v1.3.0", "nightly", "latest", "v2;rm -rf"], "1.3.0", "1.3.0", Comparison::Identical),
        (&["v1.2.3"], "1.3.0-rc.1", "1.2.3", Comparison::Ahead),
        (&["v1.3.0"], "1.3.0-rc.1", "1.3.0", Comparison::Behind),
    ] {
        let state = seen(tags, current, &[]).await;
        assert_eq!(state.latest.as_deref(), Some(latest), "{tags:?} {current}");
        assert_eq!(state.comparison, comparison, "{tags:?} {current}");
        assert!(!state.current.unwrap().starts_with('v'), "{tags:?} {current}");
    }
}

#[tokio::test]
async fn a_back_port_published_later_never_wins() {
    let fake = github(&["v1.2.3", "v1.5.0", "v1.4.2"]).await;
    fake.repo(REPO).mark_latest("v1.4.2");
    let state = told(&fake, "1.4.2", &[]).await;
    assert_eq!(state.latest.as_deref(), Some("1.5.0"));
    assert_eq!(state.update_available, Some(true));
}

#[tokio::test]
async fn tags_count_where_there_are_no_releases() {
    let fake = FakeGithub::start().await;
    fake.repo(REPO).tag("v1.2.3", SHA).tag("v1.3.0", SHA).tag("wip", SHA);
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    assert_eq!((state.via, state.status), (Some(Via::Rest), Status::Ok));
    assert_eq!((state.release_notes, state.published_at), (None, None));
    assert_eq!(state.release_url, Some(format!("{}/{REPO}/releases/tag/v1.3.0", fake.web_url())));
}

#[tokio::test]
async fn what_runs_ahead_or_at_the_latest_has_no_update() {
    let ahead = seen(&["v1.2.3"], "1.3.0", &[]).await;
    assert_eq!((ahead.comparison, ahead.update_available), (Comparison::Ahead, Some(false)));
    let identical = seen(&["v1.2.3"], "1.2.3", &[]).await;
    assert_eq!((identical.comparison, identical.update_available), (Comparison::Identical, Some(false)));
    for state in [ahead, identical] {
        assert_eq!(state.latest.as_deref(), Some("1.2.3"));
        assert_eq!(state.severity, None);
        assert_eq!((state.behind.releases, state.behind.days), (Some(0), Some(0)));
    }
}

#[tokio::test]
async fn an_unknown_current_is_said_and_never_compared() {
    // `v1.2` is a tag that moves: 1.2.0 was published under it, and 1.2.3 may be by now.
    let fake = github(&["v1.2.0", "v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).tag("v1.2", SHA);
    for current in ["dev", "", "   ", SHA, "89abcde", "v1.2", "1", "latest", "1.2.3-4-gabc1234", "unknown"] {
        let state = told(&fake, current, &[]).await;
        assert_eq!(state.comparison, Comparison::Unknown, "{current:?}");
        assert_eq!(state.update_available, None, "{current:?}");
        assert_eq!(state.latest.as_deref(), Some("1.3.0"), "{current:?}");
        assert_eq!((state.severity, state.behind.releases), (None, None), "{current:?}");
        assert_eq!(state.status, Status::Ok, "{current:?}");
    }
}

#[tokio::test]
async fn the_severity_is_the_first_number_that_changes() {
    for (latest, severity) in
        [("v2.0.0", Severity::Major), ("v1.3.0", Severity::Minor), ("v1.2.4", Severity::Patch)]
    {
        let state = seen(&["v1.2.3", latest], "1.2.3", &[]).await;
        assert_eq!(state.severity, Some(severity), "{latest}");
    }
}

#[tokio::test]
async fn the_distance_is_told_in_releases_and_days() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    for (tag, age) in [("v1.2.3", 40), ("v1.2.4", 20), ("v1.3.0-rc.1", 15), ("v1.3.0", 12), ("v1.3.1", 3)] {
        let published = Utc::now() - TimeDelta::days(age) - TimeDelta::hours(1);
        repo.release(NewRelease::new(tag).published(&published.format("%FT%TZ").to_string()));
    }
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!((state.behind.releases, state.behind.days, state.behind.commits), (Some(3), Some(20), None));
}

#[tokio::test]
async fn the_release_page_and_its_date_are_told() {
    let fake = FakeGithub::start().await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0").published("2026-01-29T09:00:00Z"));
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!(state.release_url, Some(format!("{}/{REPO}/releases/tag/v1.3.0", fake.web_url())));
    assert_eq!(state.published_at.unwrap().to_rfc3339(), "2026-01-29T09:00:00+00:00");
}

#[tokio::test]
async fn a_renamed_repository_answers_and_its_new_name_is_told() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).rename_to("new/name");
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!(state.moved_to.as_deref(), Some("new/name"));
    assert_eq!((state.latest.as_deref(), state.status), (Some("1.3.0"), Status::Ok));
}

#[tokio::test]
async fn a_withdrawn_release_is_taken_back_and_that_is_told() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    assert_eq!(app.version().await.update_available, Some(true));
    fake.repo(REPO).remove_release("v1.3.0");
    let state = app.force().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.2.3"), Some(false)));
    assert_eq!(state.withdrawn.unwrap().version, "1.3.0");
    fake.repo(REPO).release(NewRelease::new("v1.3.0"));
    let state = app.force().await;
    assert_eq!((state.update_available, state.withdrawn), (Some(true), None));
}

#[tokio::test]
async fn an_answer_whose_schema_drifted_is_still_read() {
    let fake = github(&["v1.2.3"]).await;
    let odd = NewRelease::new("v1.3.0")
        .with_field("id", json!("17"))
        .with_field("body", json!(null))
        .with_field("name", json!(7))
        .with_field("prerelease", json!("false"))
        .with_field("published_at", json!("yesterday"))
        .with_field("assets", json!({ "count": 0 }))
        .with_field("new_field", json!({ "x": [1] }))
        .without_field("html_url");
    fake.repo(REPO)
        .release(odd)
        .release(NewRelease::new("v8.0.0").malformed(json!(["no", "object"])))
        .release(NewRelease::new("v9.0.0").without_field("tag_name"));
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.3.0"), Some(Via::Rest)));
    assert_eq!(state.published_at, None);
    assert_eq!(state.release_url, Some(format!("{}/{REPO}/releases/tag/v1.3.0", fake.web_url())));
    assert_eq!(state.error, None);
}

#[tokio::test]
async fn an_answer_that_tells_no_tag_at_all_is_a_parse_error() {
    let fake = github(&["v1.3.0"]).await;
    let changed = r#"[{"title":"v1.3.0"}]"#.to_owned();
    fake.fault_on(
        Door::Api,
        "/repos/octo/app/releases",
        Fault::StatusBody(200, "application/json".into(), changed),
    );
    fake.stop(Door::Web).await;
    let state = told(&fake, "1.2.3", &[]).await;
    assert_eq!((state.status, state.update_available), (Status::Unknown, None));
    let error = state.error.unwrap();
    assert_eq!(error.code, ErrorCode::Parse);
    assert!(error.message.contains("tag_name"), "{}", error.message);
}

#[tokio::test]
async fn a_repository_that_is_not_there_or_has_nothing_is_told_as_that() {
    let fake = FakeGithub::start().await;
    let missing = told(&fake, "1.2.3", &[]).await;
    fake.repo(REPO);
    let empty = told(&fake, "1.2.3", &[]).await;
    for (state, code) in [(missing, ErrorCode::NotFound), (empty, ErrorCode::NoRelease)] {
        assert_eq!(state.error.unwrap().code, code);
        assert_eq!((state.status, state.update_available, state.latest), (Status::Unknown, None, None));
        assert_eq!(state.current.as_deref(), Some("1.2.3"));
    }
}

#[tokio::test]
async fn a_tag_with_a_slash_leads_to_its_page_through_every_door() {
    let fake = github(&["release/1.2.3", "release/1.3.0"]).await;
    let page = format!("{}/{REPO}/releases/tag/release%2F1.3.0", fake.web_url());
    for via in [Via::Rest, Via::Redirect, Via::Atom, Via::Git] {
        match via {
            Via::Redirect => fake.fault(Door::Api, Fault::Status(502)),
            Via::Atom => fake.fault_on(Door::Web, "/octo/app/releases/latest", Fault::Status(502)),
            Via::Git => fake.fault_on(Door::Web, "/octo/app/releases.atom", Fault::Status(502)),
            Via::Rest => &fake,
        };
        let state = told(&fake, "1.2.3", &[]).await;
        assert_eq!((state.via, state.latest.as_deref()), (Some(via), Some("1.3.0")));
        let url = state.release_url.unwrap();
        assert!(url == page || url == page.replace("%2F", "/"), "{via:?}: {url}");
    }
}

#[tokio::test]
async fn two_tags_of_one_version_are_one_release() {
    let state = seen(&["v1.2.3", "1.3.0", "v1.3.0"], "1.2.3", &[]).await;
    assert_eq!((state.latest.as_deref(), state.behind.releases), (Some("1.3.0"), Some(1)));
}

#[tokio::test]
async fn pre_releases_are_ordered_as_semver_says() {
    let tags = ["v1.3.0-rc.2", "v1.3.0-rc.10", "v1.3.0-beta.11", "v1.3.0-alpha"];
    let state = seen(&tags, "1.3.0-rc.2", &[("CHANNEL", "prerelease")]).await;
    assert_eq!((state.latest.as_deref(), state.comparison), (Some("1.3.0-rc.10"), Comparison::Behind));
}
