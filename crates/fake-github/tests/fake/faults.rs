//! Each fault, observed by a client.

use std::time::{Duration, Instant};

use fake_github::{Door, FakeGithub, Fault, NewRelease};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::helpers::{Got, app, builder, client, get, get_with, read};

async fn with(fault: Fault) -> (FakeGithub, String) {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app").release(NewRelease::new("v1.0.0").notes(&"words ".repeat(500)));
    let url = format!("{}/repos/octo/app/releases", fake.api_url());
    fake.fault(Door::Api, fault);
    (fake, url)
}

/// Whatever comes within a second; errors in head or body.
async fn soon(url: &str) -> Result<Got, String> {
    let request = client().get(url).timeout(Duration::from_secs(1));
    read(request).await.map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn statuses_have_githubs_words_and_healing_ends_them() {
    let (fake, url) = with(Fault::Status(500)).await;
    let got = get(&url).await;
    assert_eq!((got.status, got.json()["message"].as_str().unwrap()), (500, "Server Error"));
    fake.fault(Door::Api, Fault::Status(503));
    assert_eq!(get(&url).await.status, 503, "the newer order counts");
    fake.heal();
    assert_eq!(get(&url).await.status, 200);
    fake.fault_on(
        Door::Api,
        "/repos/octo/app/releases",
        Fault::StatusBody(418, "text/x".into(), "tea".into()),
    );
    assert_eq!((get(&url).await.status, get(&url).await.body.as_str()), (418, "tea"));
    assert_eq!(app(&fake, "").await.status, 200);
    fake.heal().fault(Door::Api, Fault::Unauthorized).fault(Door::Registry, Fault::Status(429));
    assert_eq!(get(&url).await.json()["message"], "Bad credentials");
    assert_eq!(
        get(&format!("{}/v2/", fake.registry_url())).await.json()["errors"][0]["code"],
        "TOOMANYREQUESTS"
    );
}

#[tokio::test]
async fn delays_hangs_and_silent_bodies_are_late() {
    let (fake, url) = with(Fault::Delay(Duration::from_millis(300))).await;
    let start = Instant::now();
    assert_eq!(get(&url).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    fake.heal().fault(Door::Api, Fault::Hang);
    assert!(soon(&url).await.unwrap_err().contains("TimedOut"));
    assert_eq!(fake.calls().last().unwrap().status, None);
    fake.heal().fault(Door::Api, Fault::HangBody);
    let mut answer = client().get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(tokio::time::timeout(Duration::from_millis(300), answer.chunk()).await.is_err());
    fake.heal().set_latency(Duration::from_millis(200));
    let start = Instant::now();
    get(&format!("{}/octo/app", fake.web_url())).await;
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn bytes_drip() {
    let (fake, url) = with(Fault::DripHead).await;
    assert!(soon(&url).await.unwrap_err().contains("TimedOut"));
    fake.heal().fault(Door::Api, Fault::Drip { bytes_per_second: 1000 });
    let mut answer = client().get(&url).send().await.unwrap();
    let start = Instant::now();
    let mut read = 0;
    while read < 500 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
    assert!(start.elapsed() >= Duration::from_millis(400), "{:?}", start.elapsed());
}

#[tokio::test]
async fn bodies_are_cut_wrong_or_empty() {
    for fault in [Fault::CutAfter(100), Fault::CutAfter(0), Fault::WrongContentLength] {
        let (_fake, url) = with(fault.clone()).await;
        let answer = client().get(&url).send().await.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(answer.status(), 200);
        assert!(answer.bytes().await.is_err(), "{fault:?}");
    }
    let (fake, url) = with(Fault::Truncate(100)).await;
    let cut = get(&url).await;
    assert_eq!((cut.body.len(), cut.status), (100, 200));
    assert!(serde_json::from_str::<serde_json::Value>(&cut.body).is_err());
    fake.heal().fault(Door::Api, Fault::EmptyBody);
    assert_eq!(get(&url).await.body, "");
}

#[tokio::test]
async fn huge_bodies_are_as_long_as_ordered() {
    for with_length in [true, false] {
        let (_fake, url) = with(Fault::Huge { bytes: 3_000_001, with_length }).await;
        let got = get(&url).await;
        assert_eq!(got.body.len(), 3_000_001);
        assert_eq!(got.header("content-length").is_empty(), !with_length);
        assert!(got.json().as_array().unwrap().len() > 1000);
    }
    let (_fake, url) = with(Fault::GzipBomb { decoded_bytes: 20 << 20 }).await;
    assert_eq!(get(&url).await.body.len(), 20 << 20);
    let plain = builder().no_gzip().build().unwrap();
    let packed = plain.get(&url).send().await.unwrap().bytes().await.unwrap();
    assert!(packed.len() < 100_000, "{}", packed.len());
}

#[tokio::test]
async fn connections_are_reset_at_once_or_after_the_request() {
    let (fake, url) = with(Fault::CloseAtOnce).await;
    assert!(soon(&url).await.is_err());
    assert_eq!(fake.count(Door::Api), 0);
    assert!(fake.accepted_connections(Door::Api) >= 1);
    fake.heal().fault_on(Door::Api, "/repos", Fault::CloseAtOnce);
    assert!(soon(&url).await.is_err());
    assert!(fake.calls().iter().all(|call| call.status.is_none()) && fake.count(Door::Api) >= 1);
    fake.heal().fault(Door::Api, Fault::Garbage);
    let mut stream =
        tokio::net::TcpStream::connect(fake.api_url().trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let mut noise = Vec::new();
    let _ = stream.read_to_end(&mut noise).await;
    assert!(noise.starts_with(b"\x00\xff"));
}

#[tokio::test]
async fn redirects_lead_astray() {
    let (fake, url) = with(Fault::RedirectTo("http://other.example/x".into())).await;
    let got = get(&url).await;
    assert_eq!((got.status, got.header("location")), (302, "http://other.example/x"));
    fake.heal().fault(Door::Api, Fault::RedirectLoop);
    let got = get(&format!("{url}?per_page=1&hop=4")).await;
    assert_eq!((got.status, got.header("location")), (302, "/repos/octo/app/releases?per_page=1&hop=5"));
    fake.heal().fault(Door::Api, Fault::Html);
    let got = get(&url).await;
    assert_eq!((got.status, got.header("content-type")), (200, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn etags_and_dates_can_lie() {
    let (fake, url) = with(Fault::AlwaysNotModified).await;
    assert_eq!(get(&url).await.status, 304);
    fake.heal();
    let etag = get(&url).await.header("etag").to_owned();
    fake.fault(Door::Api, Fault::WeakEtag);
    let weak = get_with(&url, &[("if-none-match", &etag)]).await;
    assert_eq!((weak.status, weak.header("etag").starts_with("W/")), (200, true));
    fake.heal().fault(Door::Api, Fault::ChangingEtag).fault(Door::Api, Fault::WrongDate(-86_400));
    fake.fault(Door::Api, Fault::HeaderExtra("sunset".into(), "Tue, 10 Mar 2028 00:00:00 GMT".into()));
    let (one, other) = (get(&url).await, get(&url).await);
    assert_ne!(one.header("etag"), other.header("etag"));
    assert_eq!(one.headers.get_all("date").iter().count(), 1);
    assert!(one.header("date").ends_with("GMT") && one.header("sunset").starts_with("Tue"));
}
