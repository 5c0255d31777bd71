//! Can it be installed here? A newer version counts only with an image for this platform that anyone can pull.

use chrono::{TimeDelta, Utc};
use contract::{Comparison, ErrorCode, PendingReason, Severity, Status, VersionState};
use fake_github::{Door, FakeGithub, Fault, NewAdvisory, NewRelease};

use crate::helpers::{REPO, TestApp, github, spawn};

const IMAGE: (&str, &str) = ("IMAGE", "ghcr.io/octo/app");
const PLATFORM: (&str, &str) = ("PLATFORM", "linux/amd64");

async fn watching(fake: &FakeGithub) -> TestApp {
    spawn(fake, &[IMAGE, PLATFORM]).await
}

/// A newer version stands back for this reason and nothing is offered.
fn assert_pending(state: &VersionState, version: &str, reason: PendingReason) {
    let pending = state.pending.as_ref().unwrap_or_else(|| panic!("nothing pending: {state:#?}"));
    assert_eq!((pending.version.as_str(), pending.reason), (version, reason));
    assert!(!pending.detail.is_empty());
    assert_ne!(state.latest.as_deref(), Some(version));
    assert_ne!(state.update_available, Some(true));
}

#[tokio::test]
async fn a_version_whose_image_is_there_is_offered() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.3.0", &["linux/amd64", "linux/arm64/v8"]);
    let state = watching(&fake).await.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    assert_eq!((state.pending, state.error), (None, None));
}

#[tokio::test]
async fn a_missing_image_is_pending_until_it_appears() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    let app = watching(&fake).await;
    let state = app.version().await;
    assert_pending(&state, "1.3.0", PendingReason::ImageMissing);
    assert_eq!((state.latest.as_deref(), state.comparison), (Some("1.2.3"), Comparison::Identical));
    assert_eq!((state.status, &state.error), (Status::Ok, &None));
    let since = state.pending.unwrap().since;

    let again = app.force().await;
    assert_eq!(again.pending.unwrap().since, since, "the reason holds since it was first seen");
    image.index("v1.3.0", &["linux/amd64"]);
    let state = app.force().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    assert_eq!(state.pending, None);
}

#[tokio::test]
async fn an_image_without_this_platform_is_pending() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    for publish in [0, 1, 2, 3] {
        match publish {
            0 => image.index("v1.3.0", &["linux/arm64/v8"]),
            1 => image.docker_list("v1.3.0", &["linux/arm64", "windows/amd64"]),
            2 => image.single("v1.3.0", "linux/arm64"),
            _ => image.docker_single("v1.3.0", "linux/arm64"),
        };
        let state = watching(&fake).await.version().await;
        assert_pending(&state, "1.3.0", PendingReason::PlatformMissing);
        let detail = state.pending.unwrap().detail;
        assert!(detail.contains("linux/arm64") && detail.contains("linux/amd64"), "{publish}: {detail}");
    }
}

#[tokio::test]
async fn every_kind_of_manifest_is_read() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    for publish in [0, 1, 2, 3, 4] {
        image.public();
        match publish {
            0 => image.index("v1.3.0", &["linux/amd64"]),
            1 => image.docker_list("v1.3.0", &["linux/arm64", "linux/amd64"]),
            2 => image.single("v1.3.0", "linux/amd64"),
            3 => image.docker_single("v1.3.0", "linux/amd64"),
            _ => image.without_token().single("v1.3.0", "linux/amd64"),
        };
        let state = watching(&fake).await.version().await;
        assert_eq!(state.latest.as_deref(), Some("1.3.0"), "{publish}: {state:#?}");
    }
}

#[tokio::test]
async fn an_index_of_nothing_or_of_attestations_alone_has_no_platform() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    image.empty_index("v1.3.0");
    assert_pending(&watching(&fake).await.version().await, "1.3.0", PendingReason::PlatformMissing);
    let digest = format!("sha256:{}", "0".repeat(64));
    let attested = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 566,
                        "annotations": { "vnd.docker.reference.type": "attestation-manifest" },
                        "platform": { "architecture": "unknown", "os": "unknown" } }],
    });
    image.raw_index("v1.3.0", &attested.to_string());
    let state = watching(&fake).await.version().await;
    assert_pending(&state, "1.3.0", PendingReason::PlatformMissing);
    assert!(!state.pending.unwrap().detail.contains("unknown"));
}

#[tokio::test]
async fn variants_of_arm_run_what_was_built_for_earlier_ones() {
    for (here, offered, runs) in [
        ("linux/arm/v7", "linux/arm/v6", true),
        ("linux/arm/v6", "linux/arm/v7", false),
        ("linux/arm64", "linux/arm64/v8", true),
        ("linux/arm64/v8", "linux/arm64", true),
        ("linux/arm64", "linux/arm/v7", false),
    ] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        fake.image("octo/app").index("v1.3.0", &[offered]);
        let state = spawn(&fake, &[IMAGE, ("PLATFORM", here)]).await.version().await;
        let latest = if runs { "1.3.0" } else { "1.2.3" };
        assert_eq!(state.latest.as_deref(), Some(latest), "{here} runs {offered}");
    }
}

#[tokio::test]
async fn an_image_that_needs_a_login_is_pending_wherever_that_shows() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    image.index("v1.3.0", &["linux/amd64"]).private_at_token();
    let app = watching(&fake).await;
    assert_pending(&app.version().await, "1.3.0", PendingReason::RegistryPrivate);
    image.private_at_manifest();
    assert_pending(&app.force().await, "1.3.0", PendingReason::RegistryPrivate);
    image.public();
    assert_eq!(app.force().await.latest.as_deref(), Some("1.3.0"));
}

#[tokio::test]
async fn the_image_may_be_tagged_without_v() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("1.3.0", &["linux/amd64"]);
    assert_eq!(watching(&fake).await.version().await.latest.as_deref(), Some("1.3.0"));
}

#[tokio::test]
async fn the_highest_installable_version_is_offered_meanwhile() {
    let fake = github(&["v1.2.3", "v1.3.0", "v1.4.0"]).await;
    let image = fake.image("octo/app");
    image.index("v1.3.0", &["linux/amd64"]);
    let app = watching(&fake).await;
    let state = app.version().await;
    assert_pending_above(&state);
    assert_eq!(state.behind.releases, Some(1));
    image.index("v1.4.0", &["linux/amd64"]);
    let state = app.force().await;
    assert_eq!((state.latest.as_deref(), state.pending), (Some("1.4.0"), None));
}

fn assert_pending_above(state: &VersionState) {
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    let pending = state.pending.as_ref().unwrap();
    assert_eq!((pending.version.as_str(), pending.reason), ("1.4.0", PendingReason::ImageMissing));
}

#[tokio::test]
async fn a_registry_that_is_down_leaves_it_undecided() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.3.0", &["linux/amd64"]);
    fake.stop(Door::Registry).await;
    let app = watching(&fake).await;
    let state = app.version().await;
    assert_eq!((state.update_available, state.comparison), (None, Comparison::Unknown));
    assert_ne!(state.latest.as_deref(), Some("1.3.0"), "never announced");
    assert_eq!(state.status, Status::Ok);
    assert_eq!(state.error.unwrap().code, ErrorCode::Registry);
    fake.restart(Door::Registry).await;
    let state = app.force().await;
    assert_eq!((state.update_available, state.error), (Some(true), None));
}

#[tokio::test]
async fn a_registry_that_answers_nonsense_leaves_it_undecided() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.3.0", &["linux/amd64"]);
    for fault in [Fault::Status(500), Fault::Html, Fault::EmptyBody] {
        fake.heal().fault_on(Door::Registry, "/v2/octo/app/manifests/", fault.clone());
        let state = watching(&fake).await.version().await;
        assert_eq!(state.update_available, None, "{fault:?}");
        assert_ne!(state.latest.as_deref(), Some("1.3.0"), "{fault:?}");
        assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::Registry), "{fault:?}");
    }
}

#[tokio::test]
async fn without_a_newer_version_the_registry_is_not_asked() {
    let fake = github(&["v1.2.3"]).await;
    let state = watching(&fake).await.version().await;
    assert_eq!(state.update_available, Some(false));
    assert_eq!(fake.count(Door::Registry), 0);
}

/// Published so many days and an hour ago.
fn aged(tag: &str, days: i64) -> NewRelease {
    let published = Utc::now() - TimeDelta::days(days) - TimeDelta::hours(1);
    NewRelease::new(tag).published(&published.format("%FT%TZ").to_string())
}

#[tokio::test]
async fn each_version_cools_down_by_its_own_age() {
    let fake = FakeGithub::start().await;
    fake.repo(REPO).release(aged("v1.2.3", 90)).release(aged("v1.3.0", 8)).release(aged("v1.4.0", 4));
    let state = spawn(&fake, &[("MIN_AGE", "7days")]).await.version().await;
    // The younger one does not start the older one's clock anew.
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    let pending = state.pending.unwrap();
    assert_eq!((pending.version.as_str(), pending.reason), ("1.4.0", PendingReason::CoolingDown));
    let both = spawn(&fake, &[("MIN_AGE", "30days")]).await.version().await;
    assert_pending(&both, "1.4.0", PendingReason::CoolingDown);
    let none = spawn(&fake, &[("MIN_AGE", "3days")]).await.version().await;
    assert_eq!((none.latest.as_deref(), none.pending), (Some("1.4.0"), None));
}

#[tokio::test]
async fn a_version_ripens_without_a_further_check() {
    let fake = github(&["v1.2.3"]).await;
    let young = Utc::now() - TimeDelta::days(1) + TimeDelta::seconds(3);
    fake.repo(REPO)
        .release(NewRelease::new("v1.3.0").published(&young.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()));
    let app = spawn(&fake, &[("MIN_AGE", "1day")]).await;
    assert_pending(&app.version().await, "1.3.0", PendingReason::CoolingDown);
    let asked = fake.count_all();
    app.wait_until("the version is ripe", |state| state.update_available == Some(true)).await;
    assert_eq!(fake.count_all(), asked);
}

#[tokio::test]
async fn a_security_fix_does_not_wait() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    repo.release(aged("v1.2.3", 90)).release(aged("v1.2.4", 1));
    repo.advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("< 1.2.4").patched("1.2.4"));
    let state = spawn(&fake, &[("MIN_AGE", "7days")]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.2.4"), Some(true)));
    assert_eq!((state.severity, state.pending), (Some(Severity::Security), None));
}

#[tokio::test]
async fn an_installable_version_below_many_that_are_not_is_found() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    for minor in 4..12 {
        fake.repo(REPO).release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    let image = fake.image("octo/app");
    image.index("v1.3.0", &["linux/amd64"]);
    let app = watching(&fake).await;
    app.version().await;
    for _ in 0..4 {
        let before = fake.count(Door::Registry);
        app.force().await;
        assert!(fake.count(Door::Registry) - before <= 15, "a check asks for a few versions only");
    }
    let state = app.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    assert_eq!(state.pending.unwrap().version, "1.11.0");
    // One in the middle appears later, and is found as well.
    image.index("v1.5.0", &["linux/amd64"]);
    for _ in 0..4 {
        app.force().await;
    }
    assert_eq!(app.version().await.latest.as_deref(), Some("1.5.0"));
}

#[tokio::test]
async fn with_an_unknown_current_the_latest_is_still_one_that_can_be_installed() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.2.3", &["linux/amd64"]);
    let state = spawn(&fake, &[IMAGE, PLATFORM, ("CURRENT", "dev")]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.2.3"), None));
    assert_eq!(state.pending.unwrap().version, "1.3.0");
}
