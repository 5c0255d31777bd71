//! How REST fails: limits, tokens, statuses.

use std::time::Duration;

use chrono::Utc;
use contract::ErrorCode;
use fake_github::{Door, Fault, NewRelease};
use releases::source::{ReleaseSource, SourceFailure};

use crate::helpers::{World, question, releases, world};

async fn fails(world: &World, fault: Fault) -> SourceFailure {
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    world.fake.fault(Door::Api, fault);
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    world.fake.heal();
    failure
}

fn seconds_until_retry(failure: &SourceFailure) -> i64 {
    (failure.retry_at.unwrap() - Utc::now()).num_seconds()
}

#[tokio::test]
async fn a_spent_limit_names_when_to_come_back() {
    let world = world().await;
    let reset_in = Duration::from_secs(2400);
    for fault in [Fault::PrimaryLimit { reset_in }, Fault::PrimaryLimit429 { reset_in }] {
        let failure = fails(&world, fault).await;
        assert_eq!((failure.code, failure.try_next_door), (ErrorCode::RateLimited, true));
        assert!((2390..=2401).contains(&seconds_until_retry(&failure)), "{failure:?}");
    }
    let outcomes = world.gate.outcomes();
    assert!(outcomes.iter().all(|outcome| outcome.limits.limited && outcome.limits.remaining == Some(0)));
}

#[tokio::test]
async fn a_secondary_limit_waits_as_told_or_a_minute() {
    let world = world().await;
    let told = fails(&world, Fault::SecondaryLimit { retry_after: Some(Duration::from_secs(90)) }).await;
    assert_eq!(told.code, ErrorCode::RateLimited);
    assert!((85..=91).contains(&seconds_until_retry(&told)), "{told:?}");
    let untold = fails(&world, Fault::SecondaryLimit { retry_after: None }).await;
    assert_eq!(untold.code, ErrorCode::RateLimited);
    assert!((50..=61).contains(&seconds_until_retry(&untold)), "{untold:?}");
}

#[tokio::test]
async fn a_wrong_clock_does_not_stretch_the_wait() {
    let world = world().await;
    world.fake.set_remaining(0).set_reset_in(Duration::from_secs(600));
    let failure = fails(&world, Fault::WrongDate(-7200)).await;
    assert_eq!(failure.code, ErrorCode::RateLimited);
    assert!(failure.retry_at.is_some());
}

#[tokio::test]
async fn other_refusals_and_outages_name_their_status() {
    let world = world().await;
    for status in [403, 410, 451, 500, 502, 503] {
        let failure = fails(&world, Fault::Status(status)).await;
        assert_eq!((failure.code, failure.try_next_door), (ErrorCode::HttpStatus, true), "{status}");
        assert!(failure.message.contains(&status.to_string()), "{failure}");
    }
}

#[tokio::test]
async fn a_login_page_and_cut_json_are_parse_failures() {
    let world = world().await;
    for fault in
        [Fault::Html, Fault::Truncate(40), Fault::EmptyBody, Fault::CutAfter(40), Fault::WrongContentLength]
    {
        let failure = fails(&world, fault.clone()).await;
        assert_eq!((failure.code, failure.try_next_door), (ErrorCode::Parse, true), "{fault:?}: {failure}");
    }
    let object = Fault::StatusBody(200, "application/json".into(), r#"{"message":"hi"}"#.into());
    assert_eq!(fails(&world, object).await.code, ErrorCode::Parse);
}

#[tokio::test]
async fn a_refused_token_is_told_and_left_out_for_a_while() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    let rest = world.rest_with(Some("ghp_canary"));
    for calls in [2, 3, 4] {
        let (answer, found, _) = releases(&rest, &question("octo/app")).await;
        assert!(answer.token_rejected);
        assert_eq!((found.len(), world.fake.count(Door::Api)), (1, calls));
    }
    let authorized: Vec<bool> = world.gate.outcomes().iter().map(|outcome| outcome.authorized).collect();
    assert_eq!(authorized, [true, false, false, false]);
}

#[tokio::test]
async fn an_accepted_token_is_sent_to_the_api_and_nowhere_else() {
    let world = world().await;
    world.fake.accept_token("ghp_good");
    world.fake.repo("octo/app").private().release(NewRelease::new("v1.0.0").asset("upgrade.json", "{}"));
    let rest = world.rest_with(Some("ghp_good"));
    let (answer, _, _) = releases(&rest, &question("octo/app")).await;
    assert!(!answer.token_rejected);
    let _ = rest.upgrade_manifest(&"octo/app".parse().unwrap(), "v1.0.0").await;
    assert!(world.fake.count(Door::Web) > 0);
    assert!(world.fake.calls_to(Door::Web).iter().all(|call| call.header("authorization").is_none()));
    assert_eq!(world.fake.calls_to(Door::Api)[0].header("authorization"), Some("Bearer ghp_good"));
}

#[tokio::test]
async fn a_token_that_is_no_header_value_is_told_without_being_shown() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    let (answer, found, _) = releases(&world.rest_with(Some("bad\ntoken")), &question("octo/app")).await;
    assert!(answer.token_rejected);
    assert_eq!((found.len(), world.fake.count(Door::Api)), (1, 1));
}

#[tokio::test]
async fn requests_say_who_asks_and_nothing_more() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    let _ = world.rest().ask(&question("octo/app")).await.unwrap();
    let call = &world.fake.calls()[0];
    assert_eq!(call.header("user-agent"), Some("sidewatch/1.2.3"));
    assert_eq!(call.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(call.header("x-github-api-version"), Some("2022-11-28"));
    for name in ["cookie", "referer", "authorization", "x-forwarded-for"] {
        assert_eq!(call.header(name), None, "{name}");
    }
}
