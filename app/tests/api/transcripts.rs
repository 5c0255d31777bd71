use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::helpers::{Ground, TestApp, event, on_both_grounds};

on_both_grounds!(
    a_transcript_comes_back_as_it_was_uploaded,
    another_upload_takes_its_place_and_a_deleted_one_is_gone,
    what_is_too_large_or_not_what_was_announced_is_not_kept,
);

const PATH: &str = "/api/sessions/s/transcript";

async fn put(app: &TestApp, body: impl Into<reqwest::Body>) -> reqwest::Response {
    app.request(Method::PUT, PATH)
        .header("content-type", "application/x-ndjson")
        .body(body)
        .send()
        .await
        .unwrap()
}

async fn a_transcript_comes_back_as_it_was_uploaded(ground: Ground) {
    let app = TestApp::start(ground).await;
    app.send(&[event("session.start", "s", json!({}))]).await;
    app.wait_for_events("s", 1).await;
    let text = "{\"line\":1}\n".repeat(300_000);
    let sent = put(&app, text.clone()).await;
    assert_eq!(sent.status(), 201);
    let told: Value = sent.json().await.unwrap();
    assert_eq!(told["sha256"], hex::encode(Sha256::digest(&text)));
    assert_eq!(told["bytes"], text.len());
    let read = app.get(PATH).await;
    assert_eq!(read.status(), 200);
    assert_eq!(read.headers()["content-type"], "application/x-ndjson");
    let etag = read.headers()["etag"].to_str().unwrap().to_owned();
    assert!(read.text().await.unwrap() == text);
    let again = app.request(Method::GET, PATH).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(app.json("/api/sessions/s").await["transcript"], told);
}

async fn another_upload_takes_its_place_and_a_deleted_one_is_gone(ground: Ground) {
    let app = TestApp::start(ground).await;
    assert_eq!(put(&app, "one").await.status(), 201);
    assert_eq!(put(&app, "one").await.status(), 200);
    assert_eq!(put(&app, "two").await.status(), 200);
    assert_eq!(app.get(PATH).await.text().await.unwrap(), "two");
    assert_eq!(app.request(Method::DELETE, PATH).send().await.unwrap().status(), 204);
    assert_eq!(app.get(PATH).await.status(), 404);
    assert_eq!(app.request(Method::DELETE, PATH).send().await.unwrap().status(), 404);
}

async fn what_is_too_large_or_not_what_was_announced_is_not_kept(ground: Ground) {
    let app = TestApp::start_with(ground, &[("TRANSCRIPT_MAX_BYTES", "1000")]).await;
    assert_eq!(put(&app, "x".repeat(1001)).await.status(), 413);
    let wrong = app.request(Method::PUT, PATH).header("x-content-sha256", "00".repeat(32)).body("one");
    assert_eq!(wrong.send().await.unwrap().status(), 422);
    let compressed = app.request(Method::PUT, PATH).header("content-encoding", "gzip").body("one");
    assert_eq!(compressed.send().await.unwrap().status(), 415);
    assert_eq!(app.get(PATH).await.status(), 404);
    let key = app.client.put(format!("{}{PATH}", app.address)).body("one").send().await.unwrap();
    assert_eq!(key.status(), 401);
}
