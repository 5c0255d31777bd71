//! Who asks, how often, and whether anything changed.

use std::time::Duration;

use fake_github::{Door, FakeGithub, Fault, NewRelease};

use crate::helpers::{app, client, get, get_with, read};

#[tokio::test]
async fn every_answer_tells_how_the_limit_stands() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app");
    let first = app(&fake, "/releases").await;
    assert_eq!(first.header("x-ratelimit-limit"), "60");
    assert_eq!((first.header("x-ratelimit-remaining"), first.header("x-ratelimit-used")), ("59", "1"));
    assert_eq!(first.header("x-ratelimit-resource"), "core");
    assert!(first.header("x-ratelimit-reset").parse::<u64>().unwrap() > 1_700_000_000);
    for name in ["etag", "date", "x-github-media-type", "x-github-request-id"] {
        assert!(!first.header(name).is_empty(), "{name}");
    }
    fake.set_remaining(1);
    assert_eq!(app(&fake, "/releases").await.status, 200);
    let spent = app(&fake, "/releases").await;
    assert_eq!((spent.status, spent.header("x-ratelimit-remaining")), (403, "0"));
    assert!(spent.json()["message"].as_str().unwrap().starts_with("API rate limit exceeded for 127.0.0.1."));
    let free = get(&format!("{}/rate_limit", fake.api_url())).await;
    assert_eq!((free.status, free.json()["resources"]["core"]["remaining"].as_u64()), (200, Some(0)));
    assert!(free.json()["rate"].is_object());
    fake.set_reset_in(Duration::ZERO);
    assert_eq!(app(&fake, "/releases").await.header("x-ratelimit-used"), "1", "a new hour");
}

#[tokio::test]
async fn not_modified_is_free_only_with_a_token() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    fake.accept_token("ghp_x").limit_token(5000);
    let url = format!("{}/repos/octo/app/releases", fake.api_url());
    let etag = get(&url).await.header("etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let anonymous = get_with(&url, &[("if-none-match", &etag)]).await;
    assert_eq!(
        (anonymous.status, anonymous.header("x-ratelimit-used"), anonymous.body.as_str()),
        (304, "2", "")
    );
    for scheme in ["Bearer", "token"] {
        let authorization = format!("{scheme} ghp_x");
        let headers = [("if-none-match", etag.as_str()), ("authorization", authorization.as_str())];
        let got = get_with(&url, &headers).await;
        assert_eq!(
            (got.status, got.header("x-ratelimit-used"), got.header("x-ratelimit-limit")),
            (304, "0", "5000")
        );
    }
    assert_eq!((fake.used_anonymous(), fake.used_token("ghp_x")), (2, 0));
    fake.repo("octo/app").edit_notes("v1.0.0", "other words");
    assert_eq!(get_with(&url, &[("if-none-match", &etag)]).await.status, 200);
}

#[tokio::test]
async fn tokens_agents_and_versions_are_checked() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app");
    let url = format!("{}/repos/octo/app", fake.api_url());
    let wrong = get_with(&url, &[("authorization", "Bearer nonsense")]).await;
    assert_eq!((wrong.status, wrong.json()["message"].as_str().unwrap()), (401, "Bad credentials"));
    let silent = get_with(&url, &[("user-agent", "")]).await;
    assert_eq!(silent.status, 403);
    assert!(silent.body.contains("User-Agent header"));
    for version in ["2022-11-28", "2026-03-10"] {
        let got = get_with(&url, &[("x-github-api-version", version)]).await;
        assert_eq!((got.status, got.header("x-github-api-version-selected")), (200, version));
    }
    assert_eq!(get_with(&url, &[("x-github-api-version", "2020-01-01")]).await.status, 410);
    let newest =
        get_with(&format!("{}/rate_limit", fake.api_url()), &[("x-github-api-version", "2026-03-10")]).await;
    assert!(newest.json().get("rate").is_none());
}

#[tokio::test]
async fn documented_limits_can_be_ordered() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app");
    let forty_minutes = Duration::from_secs(2400);
    fake.fault_times(Door::Api, 1, Fault::PrimaryLimit { reset_in: forty_minutes })
        .fault_times(Door::Api, 1, Fault::PrimaryLimit429 { reset_in: forty_minutes })
        .fault_times(Door::Api, 1, Fault::SecondaryLimit { retry_after: Some(Duration::from_secs(30)) })
        .fault_times(Door::Api, 1, Fault::SecondaryLimit429 { retry_after: None });
    for status in [403, 429] {
        let got = app(&fake, "").await;
        assert_eq!((got.status, got.header("x-ratelimit-remaining")), (status, "0"));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert!(got.header("x-ratelimit-reset").parse::<u64>().unwrap().abs_diff(now + 2400) < 5);
    }
    let secondary = app(&fake, "").await;
    assert_eq!((secondary.status, secondary.header("retry-after")), (403, "30"));
    assert!(secondary.json()["message"].as_str().unwrap().contains("secondary rate limit"));
    assert_ne!(secondary.header("x-ratelimit-remaining"), "0");
    let unsaid = app(&fake, "").await;
    assert_eq!((unsaid.status, unsaid.header("retry-after")), (429, ""));
    assert_eq!(app(&fake, "").await.status, 200, "four faults, four answers");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app").release(NewRelease::new("v1.0.0").notes(&"words ".repeat(1000)));
    let url = format!("{}/repos/octo/app/releases", fake.api_url());
    let plain = crate::helpers::builder().no_gzip().build().unwrap();
    let packed = read(plain.head(&url).header("accept-encoding", "gzip, br")).await.unwrap();
    assert_eq!(packed.header("content-encoding"), "gzip");
    let whole = read(plain.get(&url)).await.unwrap();
    assert_eq!(whole.header("content-encoding"), "");
    assert_eq!(read(client().get(&url)).await.unwrap().body, whole.body);
}
