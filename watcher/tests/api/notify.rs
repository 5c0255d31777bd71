//! Notifications: once per change, signed, and not again after a restart.

use fake_github::{NewAdvisory, NewRelease};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::helpers::{REPO, github, spawn};
use crate::stub::{Received, Stub};

const SECRET: &str = "a secret that only both ends know";

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn latest_of(request: &Received) -> Value {
    request.json()["state"]["latest"].clone()
}

/// Gives a notification that should not be sent the time to arrive: one that should be sent comes after it.
async fn nothing_more(
    stub: &Stub,
    app: &crate::helpers::TestApp,
    fake: &fake_github::FakeGithub,
    so_far: usize,
) {
    fake.repo(REPO).release(NewRelease::new("v9.0.0"));
    app.force().await;
    let received = stub.wait_for(so_far + 1).await;
    assert_eq!(received.len(), so_far + 1);
    assert_eq!(latest_of(&received[so_far]), "9.0.0");
}

#[tokio::test]
async fn the_webhook_is_told_once_per_change() {
    let fake = github(&["v1.2.3"]).await;
    let stub = Stub::start("").await;
    let app = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &format!("{}/hook?key=k", stub.url))]).await;
    app.version().await;
    app.force().await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0"));
    app.force().await;
    let received = stub.wait_for(1).await;
    assert!(received[0].head.starts_with("POST /hook?key=k "), "{}", received[0].head);
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    assert_eq!(received[0].header("x-sidewatch-event"), Some("update_available"));
    let body = received[0].json();
    assert_eq!((&body["event"], &body["state"]["latest"]), (&"update_available".into(), &"1.3.0".into()));
    assert_eq!(body["state"]["current"], "1.2.3");
    app.force().await;
    app.force().await;
    nothing_more(&stub, &app, &fake, 1).await;
}

#[tokio::test]
async fn the_webhook_is_signed_and_only_with_a_secret() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("").await;
    let _signed = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &stub.url), ("NOTIFY_WEBHOOK_SECRET", SECRET)]).await;
    let received = stub.wait_for(1).await;
    let expected = signature(&received[0].body);
    assert_eq!(received[0].header("x-sidewatch-signature"), Some(expected.as_str()));
    assert_eq!(received[0].header("x-hub-signature-256"), Some(expected.as_str()));
    let other = Stub::start("").await;
    let _unsigned = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &other.url)]).await;
    assert_eq!(other.wait_for(1).await[0].header("x-sidewatch-signature"), None);
}

#[tokio::test]
async fn apprise_is_told_in_its_own_words() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("").await;
    let _app = spawn(&fake, &[("NOTIFY_APPRISE_URL", &format!("{}/notify/sidewatch", stub.url))]).await;
    let received = stub.wait_for(1).await;
    assert!(received[0].head.starts_with("POST /notify/sidewatch "));
    let body = received[0].json();
    assert_eq!((&body["type"], &body["format"]), (&"info".into(), &"text".into()));
    assert_eq!(body["title"], "app: update 1.3.0 available");
    let text = body["body"].as_str().unwrap();
    assert!(text.contains("1.2.3") && text.contains("/releases/tag/v1.3.0"), "{text}");
}

#[tokio::test]
async fn nothing_is_told_where_nothing_is_newer_or_known() {
    let fake = github(&["v1.2.3"]).await;
    let stub = Stub::start("").await;
    let hook = ("NOTIFY_WEBHOOK_URL", stub.url.as_str());
    let unknown = spawn(&fake, &[hook, ("CURRENT", "dev")]).await;
    unknown.version().await;
    let ahead = spawn(&fake, &[hook, ("CURRENT", "2.0.0")]).await;
    ahead.version().await;
    let identical = spawn(&fake, &[hook]).await;
    identical.version().await;
    nothing_more(&stub, &identical, &fake, 0).await;
}

#[tokio::test]
async fn a_restart_repeats_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("").await;
    let changes =
        [("NOTIFY_WEBHOOK_URL", stub.url.as_str()), ("STATE_DIR", directory.path().to_str().unwrap())];
    let app = spawn(&fake, &changes).await;
    stub.wait_for(1).await;
    app.stop().await.unwrap();
    let app = spawn(&fake, &changes).await;
    app.force().await;
    nothing_more(&stub, &app, &fake, 1).await;
}

#[tokio::test]
async fn a_new_advisory_is_told_again() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("").await;
    let app = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &stub.url)]).await;
    stub.wait_for(1).await;
    let hole = |id: &str| NewAdvisory::new(id).range("< 1.3.0").patched("1.3.0");
    fake.repo(REPO).advisory(hole("GHSA-2cfg-hjmp-qrvw"));
    app.force().await;
    let received = stub.wait_for(2).await;
    assert_eq!(received[1].header("x-sidewatch-event"), Some("security"));
    assert_eq!(received[1].json()["state"]["security"]["advisories"][0]["id"], "GHSA-2cfg-hjmp-qrvw");
    fake.repo(REPO).advisory(hole("GHSA-3333-3333-3333"));
    app.force().await;
    let ids: Vec<Value> = stub.wait_for(3).await.iter().map(|request| request.json()["id"].clone()).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn a_version_that_cannot_be_installed_is_not_told_until_it_can() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let image = fake.image("octo/app");
    let stub = Stub::start("").await;
    let changes = [
        ("NOTIFY_WEBHOOK_URL", stub.url.as_str()),
        ("IMAGE", "ghcr.io/octo/app"),
        ("PLATFORM", "linux/amd64"),
    ];
    let app = spawn(&fake, &changes).await;
    app.version().await;
    image.index("v1.3.0", &["linux/amd64"]);
    app.force().await;
    let received = stub.wait_for(1).await;
    assert_eq!((received.len(), latest_of(&received[0])), (1, "1.3.0".into()));
}

#[tokio::test]
async fn a_receiver_that_is_briefly_down_is_told_later() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("").await;
    stub.answer(503, "later");
    let _app = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &stub.url)]).await;
    stub.wait_for(1).await;
    stub.answer(200, "");
    let received = stub.wait_for(2).await;
    assert_eq!(received[0].json()["id"], received[1].json()["id"]);
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_is_told_later_and_one_that_refuses_is_not() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    for (status, again) in [(429, true), (408, true), (404, false)] {
        let stub = Stub::start("").await;
        stub.answer(status, "");
        let app = spawn(&fake, &[("NOTIFY_WEBHOOK_URL", &stub.url)]).await;
        stub.wait_for(1).await;
        if again {
            stub.answer(200, "");
            stub.wait_for(2).await;
        } else {
            nothing_more(&stub, &app, &fake, 1).await;
        }
    }
}
