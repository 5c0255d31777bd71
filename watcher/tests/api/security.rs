//! What the published advisories say of the running version, and stops that must not be skipped.

use contract::{Severity, Status};
use fake_github::{Door, FakeGithub, Fault, NewAdvisory, NewRelease};

use crate::helpers::{REPO, github, spawn};

const GHSA: &str = "GHSA-2cfg-hjmp-qrvw";

fn hole() -> NewAdvisory {
    NewAdvisory::new(GHSA).range(">= 1.0.0, < 1.2.4").patched("1.2.4")
}

#[tokio::test]
async fn a_running_version_in_a_vulnerable_range_is_affected() {
    let fake = github(&["v1.2.3", "v1.2.4", "v1.3.0"]).await;
    fake.repo(REPO).advisory(hole().severity("critical").cve("CVE-2026-1234").summary("A <b>hole</b>"));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.security.affected, state.security.latest_affected), (Some(true), Some(false)));
    assert_eq!(state.security.severity.as_deref(), Some("critical"));
    assert_eq!(state.severity, Some(Severity::Security));
    let [notice] = &state.security.advisories[..] else { panic!("{:?}", state.security) };
    assert_eq!((notice.id.as_str(), notice.cve.as_deref()), (GHSA, Some("CVE-2026-1234")));
    assert_eq!((notice.severity.as_deref(), notice.fixed_in.as_deref()), (Some("critical"), Some("1.2.4")));
    assert_eq!(notice.summary, "A <b>hole</b>");
    let page = format!("{}/{REPO}/security/advisories/{GHSA}", fake.web_url());
    assert_eq!(notice.url, Some(page));
}

#[tokio::test]
async fn a_version_outside_the_range_is_not_affected() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).advisory(NewAdvisory::new(GHSA).range("< 1.2.0").patched("1.2.0"));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.security.affected, state.security.latest_affected), (Some(false), Some(false)));
    assert!(state.security.advisories.is_empty());
    assert_eq!(state.severity, Some(Severity::Minor));
}

#[tokio::test]
async fn a_new_advisory_is_seen_at_the_next_check_and_clears_with_the_fix() {
    let fake = github(&["v1.2.3", "v1.2.4"]).await;
    let app = spawn(&fake, &[]).await;
    let quiet = app.version().await;
    assert_eq!((quiet.security.affected, quiet.severity), (Some(false), Some(Severity::Patch)));
    fake.repo(REPO).advisory(hole());
    let loud = app.force().await;
    assert_eq!((loud.security.affected, loud.severity), (Some(true), Some(Severity::Security)));
    let patched = spawn(&fake, &[("CURRENT", "1.2.4")]).await.version().await;
    assert_eq!((patched.security.affected, patched.severity), (Some(false), None));
}

#[tokio::test]
async fn a_latest_that_is_vulnerable_too_is_said_to_be() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).advisory(NewAdvisory::new(GHSA).range("<= 1.3.0"));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.security.affected, state.security.latest_affected), (Some(true), Some(true)));
    assert_eq!(state.severity, Some(Severity::Minor), "an update that closes nothing is no security update");
    assert_eq!(state.security.advisories[0].fixed_in, None);
}

#[tokio::test]
async fn the_most_severe_advisory_comes_first_and_withdrawn_ones_never() {
    let fake = github(&["v1.2.3", "v1.2.4"]).await;
    let named = |id: &str, severity: &str| NewAdvisory::new(id).severity(severity).range("< 1.2.4");
    fake.repo(REPO)
        .advisory(named("GHSA-aaaa-aaaa-aaaa", "low"))
        .advisory(named("GHSA-cccc-cccc-cccc", "critical"))
        .advisory(named("GHSA-hhhh-hhhh-hhhh", "high"))
        .advisory(named("GHSA-wwww-wwww-wwww", "critical").withdrawn("2026-02-01T00:00:00Z"));
    let state = spawn(&fake, &[]).await.version().await;
    let ids: Vec<&str> = state.security.advisories.iter().map(|advisory| advisory.id.as_str()).collect();
    assert_eq!(ids, ["GHSA-cccc-cccc-cccc", "GHSA-hhhh-hhhh-hhhh", "GHSA-aaaa-aaaa-aaaa"]);
    assert_eq!(state.security.severity.as_deref(), Some("critical"));
}

#[tokio::test]
async fn a_range_that_cannot_be_read_makes_it_unknown_and_not_safe() {
    for range in ["all versions before the fix", "", "<= latest"] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        fake.repo(REPO).advisory(NewAdvisory::new(GHSA).range(range));
        let state = spawn(&fake, &[]).await.version().await;
        assert_eq!(state.security.affected, None, "{range:?}");
        assert_eq!(state.severity, Some(Severity::Minor), "{range:?}");
    }
}

#[tokio::test]
async fn advisories_that_cannot_be_read_are_unknown_and_the_answer_is_good() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault_on(Door::Api, "/repos/octo/app/security-advisories", Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    assert_eq!((state.security.affected, state.status), (None, Status::Ok));
    assert_eq!(state.update_available, Some(true));
    fake.heal();
    fake.repo(REPO).advisory(hole());
    assert_eq!(app.force().await.security.affected, Some(true));
    // Once known it is kept over a failure.
    fake.fault_on(Door::Api, "/repos/octo/app/security-advisories", Fault::Status(500));
    assert_eq!(app.force().await.security.affected, Some(true));
}

#[tokio::test]
async fn an_unknown_current_is_neither_affected_nor_safe() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).advisory(NewAdvisory::new(GHSA).range("< 1.2.0"));
    let state = spawn(&fake, &[("CURRENT", "dev")]).await.version().await;
    assert_eq!(state.security.affected, None);
}

/// 1.0.0 runs; 2.0.0 and 2.5.0 lie before 3.0.0, whose manifest is this.
async fn with_manifest(manifest: &str) -> FakeGithub {
    let fake = github(&["v1.0.0", "v2.0.0", "v2.5.0"]).await;
    fake.repo(REPO).release(NewRelease::new("v3.0.0").asset("upgrade.json", manifest));
    fake
}

#[tokio::test]
async fn a_required_stop_is_offered_first() {
    let fake =
        with_manifest(r#"{"stops":["v2.0.0"],"breaking":["x"],"env":["NEW_KEY"],"reversible":false}"#).await;
    let state = spawn(&fake, &[("CURRENT", "1.0.0")]).await.version().await;
    assert_eq!(state.latest.as_deref(), Some("3.0.0"));
    let hop = state.next_hop.unwrap();
    assert_eq!(hop.version, "2.0.0");
    assert_eq!(hop.release_url, Some(format!("{}/{REPO}/releases/tag/v2.0.0", fake.web_url())));
    assert!(!hop.reason.is_empty());
    let beyond = spawn(&fake, &[("CURRENT", "2.0.0")]).await.version().await;
    assert_eq!(beyond.next_hop, None);
}

#[tokio::test]
async fn a_least_version_to_come_from_is_offered_first() {
    let fake = with_manifest(r#"{"minFrom":"2.1.0"}"#).await;
    let state = spawn(&fake, &[("CURRENT", "1.0.0")]).await.version().await;
    // No release is called 2.1.0; 2.5.0 is one from which 3.0.0 can be installed.
    assert_eq!(state.next_hop.unwrap().version, "2.5.0");
    let near = spawn(&fake, &[("CURRENT", "2.1.0")]).await.version().await;
    assert_eq!(near.next_hop, None);
}

#[tokio::test]
async fn a_manifest_that_cannot_be_used_is_ignored() {
    for manifest in ["not JSON", "[]", r#"{"stops":"2.0.0 or so"}"#, r#"{"minFrom":17}"#, "{}", ""] {
        let fake = with_manifest(manifest).await;
        let state = spawn(&fake, &[("CURRENT", "1.0.0")]).await.version().await;
        assert_eq!(
            (state.latest.as_deref(), state.update_available),
            (Some("3.0.0"), Some(true)),
            "{manifest}"
        );
        assert_eq!((state.next_hop, state.status), (None, Status::Ok), "{manifest}");
    }
}

#[tokio::test]
async fn a_manifest_that_cannot_be_fetched_is_asked_for_again() {
    let fake = with_manifest(r#"{"stops":["2.0.0"]}"#).await;
    fake.fault_on(Door::Web, "/octo/app/releases/download/", Fault::Status(500));
    let app = spawn(&fake, &[("CURRENT", "1.0.0")]).await;
    let state = app.version().await;
    assert_eq!((state.next_hop, state.update_available), (None, Some(true)));
    fake.heal();
    assert_eq!(app.force().await.next_hop.unwrap().version, "2.0.0");
}

#[tokio::test]
async fn a_version_that_closes_one_of_several_holes_is_a_security_fix() {
    // The second advisory holds both versions, or nobody can tell.
    for other in ["<= 1.2.4", "every version so far"] {
        let fake = github(&["v1.2.3", "v1.2.4"]).await;
        fake.repo(REPO).advisory(hole()).advisory(NewAdvisory::new("GHSA-3333-3333-3333").range(other));
        let state = spawn(&fake, &[]).await.version().await;
        assert_eq!(
            (state.security.affected, state.severity),
            (Some(true), Some(Severity::Security)),
            "{other}"
        );
        assert_ne!(state.security.latest_affected, Some(false), "{other}");
    }
}
