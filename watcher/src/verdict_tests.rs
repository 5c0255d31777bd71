//! What must hold of every verdict.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use contract::{Comparison, PendingReason, Status, Via};
use proptest::prelude::*;
use releases::{Release, Version};

use super::{Circumstances, Verdict, find, judge};
use crate::config::{Config, Sources, Target};
use crate::decisions::Decisions;
use crate::snapshot::{Failure, Held, Known, Running, Snapshot};

fn now() -> DateTime<Utc> {
    "2026-01-30T14:30:00Z".parse().unwrap()
}

fn around() -> Circumstances {
    Circumstances { now: now(), ttl: TimeDelta::hours(4), next_check: None, disabled: false }
}

fn target(settings: &[(&str, &str)]) -> Target {
    let mut environment = HashMap::from([("SIDEWATCH_REPO".to_owned(), "octo/app".to_owned())]);
    for (key, value) in settings {
        environment.insert(format!("SIDEWATCH_{key}"), (*value).to_owned());
    }
    Config::read(&Sources { environment, ..Sources::default() }).unwrap().targets.remove(0)
}

fn release(tag: &str, days_old: i64) -> Release {
    let published_at = Some(now() - TimeDelta::days(days_old));
    Release { published_at, ..Release::from_tag(tag.to_owned(), Version::parse(tag).unwrap()) }
}

fn snapshot(current: &str, tags: &[&str]) -> Snapshot {
    let releases = tags.iter().rev().zip(1..).map(|(tag, days)| release(tag, days)).collect::<Vec<_>>();
    let known = Known {
        via: Via::Rest,
        etag: None,
        releases: releases.into(),
        complete: true,
        head: None,
        compared_with: None,
        moved_to: None,
        advisories: None,
        advisories_etag: None,
        manifest: None,
    };
    Snapshot {
        known: Some(known),
        last_success: Some(now()),
        last_attempt: Some(now()),
        running: Some(Running { version: Some(current.to_owned()), commit: None }),
        ..Snapshot::default()
    }
}

fn verdict(target: &Target, snapshot: &Snapshot) -> Verdict {
    judge(target, snapshot, &Decisions::default(), around())
}

#[test]
fn nothing_known_is_null_and_never_no() {
    let state = verdict(&target(&[]), &Snapshot::default()).state;
    assert_eq!(state.status, Status::Unknown);
    assert_eq!(state.update_available, None);
    assert_eq!(state.latest, None);
    assert_eq!(state.comparison, Comparison::Unknown);
}

#[test]
fn nothing_eligible_is_said_with_its_reason_and_clears_by_itself() {
    for (settings, tags, reason) in [
        (&[][..], &["v1.3.0-rc.1"][..], "only pre-releases; SIDEWATCH_CHANNEL=prerelease would follow them"),
        (&[("LINE", "^9")], &["v1.2.3", "v2.1.0"], "nothing matches SIDEWATCH_LINE=^9; the highest is 2.1.0"),
        (
            &[("LINE", "^2")],
            &["v1.2.3", "v2.1.0-rc.1"],
            "SIDEWATCH_LINE=^2 has only pre-releases; SIDEWATCH_CHANNEL=prerelease would",
        ),
    ] {
        let target = target(settings);
        let state = verdict(&target, &snapshot("1.2.3", tags)).state;
        let error = state.error.expect("a reason");
        assert_eq!(error.code, contract::ErrorCode::NoRelease);
        assert!(error.message.contains(reason), "{}", error.message);
        assert_eq!((state.status, state.latest, state.update_available), (Status::Ok, None, None));
    }
    assert!(verdict(&target(&[]), &snapshot("1.2.3", &["v1.2.3", "v2.0.0-rc.1"])).state.error.is_none());
}

#[test]
fn a_failed_check_makes_a_good_answer_stale_and_keeps_it() {
    let mut snapshot = snapshot("1.2.3", &["v1.2.3", "v1.3.0"]);
    let cause = releases::source::SourceFailure::new(contract::ErrorCode::Dns, "no such host");
    snapshot.failure = Some(Failure::following(None, &cause, now()));
    let state = verdict(&target(&[]), &snapshot).state;
    assert_eq!(state.status, Status::Stale);
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    assert_eq!(state.update_available, Some(true));
}

#[test]
fn an_answer_goes_stale_by_time_alone_and_says_when() {
    let snapshot = snapshot("1.2.3", &["v1.2.3"]);
    let verdict = verdict(&target(&[]), &snapshot);
    let edge = verdict.changes_at.unwrap();
    assert_eq!(edge, now() + TimeDelta::hours(4));
    let later = Circumstances { now: edge, ..around() };
    assert_eq!(judge(&target(&[]), &snapshot, &Decisions::default(), later).state.status, Status::Stale);
}

#[test]
fn the_next_best_installable_version_is_offered_while_the_best_is_held() {
    let target = target(&[("IMAGE", "ghcr.io/octo/app")]);
    let mut snapshot = snapshot("1.2.3", &["v1.2.3", "v1.3.0", "v1.4.0"]);
    let held =
        Held { reason: PendingReason::ImageMissing, since: now(), detail: "not there".into(), asked: None };
    snapshot.held.insert("1.4.0".into(), held);
    snapshot.installable.insert("1.3.0".into(), now());
    let state = verdict(&target, &snapshot).state;
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    assert_eq!(state.update_available, Some(true));
    assert_eq!(state.pending.unwrap().version, "1.4.0");
}

#[test]
fn a_newer_version_of_which_nobody_could_tell_is_neither_offered_nor_denied() {
    let target = target(&[("IMAGE", "ghcr.io/octo/app")]);
    let state = verdict(&target, &snapshot("1.2.3", &["v1.2.3", "v1.3.0"])).state;
    assert_eq!(state.latest.as_deref(), Some("1.2.3"));
    assert_eq!(state.update_available, None);
}

#[test]
fn a_cooling_version_ripens_by_itself() {
    let target = target(&[("MIN_AGE", "7days")]);
    let snapshot = snapshot("1.2.3", &["v1.2.3", "v1.3.0"]);
    let verdict = verdict(&target, &snapshot);
    assert_eq!(verdict.state.pending.unwrap().reason, PendingReason::CoolingDown);
    assert_eq!(verdict.state.update_available, Some(false));
    let ripe = Circumstances { now: now() + TimeDelta::days(6), ..around() };
    let state = judge(&target, &snapshot, &Decisions::default(), ripe).state;
    assert_eq!(state.update_available, Some(true));
}

fn any_tag() -> impl Strategy<Value = String> {
    (0u8..4, 0u8..12, 0u8..12, prop::option::of(0u8..3), any::<bool>()).prop_map(
        |(major, minor, patch, rc, v)| {
            let rc = rc.map(|number| format!("-rc.{number}")).unwrap_or_default();
            format!("{}{major}.{minor}.{patch}{rc}", if v { "v" } else { "" })
        },
    )
}

proptest! {
    /// Nothing older than what runs is ever offered, and what is not a version is never compared.
    #[test]
    fn only_a_higher_version_is_an_update(
        tags in prop::collection::vec(any_tag(), 0..12),
        current in prop_oneof![any_tag(), Just("dev".to_owned()), Just("0123abc".to_owned())],
        channel in prop_oneof![Just("stable"), Just("prerelease")],
    ) {
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let state = verdict(&target(&[("CHANNEL", channel)]), &snapshot(&current, &tags)).state;
        let running = Version::parse(&current).ok();
        let latest = state.latest.as_deref().map(|latest| Version::parse(latest).unwrap());
        match (running, latest) {
            (Some(running), Some(latest)) => prop_assert_eq!(state.update_available, Some(latest > running)),
            _ => prop_assert_eq!(state.update_available, None),
        }
        prop_assert_eq!(state.update_available == Some(true), state.comparison == Comparison::Behind);
        prop_assert_eq!(state.update_available == Some(true), state.severity.is_some());
    }
}

#[test]
fn a_current_that_names_no_single_version_is_printed_without_its_v_too() {
    for (told, printed) in [("v1.2", "1.2"), (" v1.2.3-4-gabc1234", "1.2.3-4-gabc1234"), ("vim", "vim")] {
        let finding = find(&target(&[]), &snapshot(told, &["v1.2.2", "v1.2.3"]), now());
        assert_eq!((finding.current.as_deref(), finding.comparison), (Some(printed), Comparison::Unknown));
    }
}
