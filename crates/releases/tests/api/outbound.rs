//! The way out: each class of failure on real sockets, caps, deadlines, the gate.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::Utc;
use contract::ErrorCode;
use fake_github::{Door, FakeGithub, Fault, NewRelease};
use releases::outbound::{Lane, OutboundConfig, Proxies, Refusal};
use releases::source::SourceFailure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::helpers::{World, world, world_with};

const PATH: &str = "/repos/octo/app/releases";

async fn fails(world: &World, url: &str) -> SourceFailure {
    let failure = world.get(url).await.unwrap_err();
    assert!(failure.try_next_door && !failure.message.chars().any(char::is_control), "{failure:?}");
    let last = world.gate.outcomes().pop().unwrap();
    assert_eq!(last.failure, Some(failure.code));
    failure
}

async fn fails_with(fault: Fault) -> SourceFailure {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0").notes(&"x".repeat(20_000)));
    world.fake.fault(Door::Api, fault);
    fails(&world, world.api(PATH).as_str()).await
}

/// A listener that says this to whoever connects, and then nothing.
async fn says(text: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(text.as_bytes()).await;
                if text.is_empty() {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_dns() {
    let world = world().await;
    let failure = fails(&world, "http://no-such-host.invalid/x").await;
    assert_eq!(failure.code, ErrorCode::Dns, "{failure}");
    assert!(failure.message.contains("no-such-host.invalid"), "{failure}");
}

#[tokio::test]
async fn a_refused_or_reset_connection_is_connect() {
    let world = world().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let failure = fails(&world, &format!("http://{free}/x")).await;
    assert_eq!(failure.code, ErrorCode::Connect, "{failure}");
    assert_eq!(fails_with(Fault::CloseAtOnce).await.code, ErrorCode::Connect);
}

#[tokio::test]
async fn an_untrusted_certificate_and_a_plain_port_are_tls() {
    let untrusting = world_with(FakeGithub::builder().tls(), |config| config.extra_ca_pem = None).await;
    let failure = fails(&untrusting, untrusting.api(PATH).as_str()).await;
    assert_eq!(failure.code, ErrorCode::Tls, "{failure}");
    let plain = world().await;
    let url = plain.fake.api_url().replace("http://", "https://");
    let failure = fails(&plain, &url).await;
    assert_eq!(failure.code, ErrorCode::Tls, "{failure}");
}

#[tokio::test]
async fn an_extra_authority_is_trusted() {
    let world = world_with(FakeGithub::builder().tls(), |_| {}).await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    assert_eq!(world.get(world.api(PATH).as_str()).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_unusable_authority_or_agent_is_told_at_once() {
    let gate = || std::sync::Arc::new(crate::helpers::OpenGate::default());
    for pem in ["", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut config = OutboundConfig::new("x/1");
        config.extra_ca_pem = Some(pem.into());
        assert!(releases::outbound::Outbound::new(config, gate()).is_err(), "{pem}");
    }
    assert!(releases::outbound::Outbound::new(OutboundConfig::new("a\nb"), gate()).is_err());
}

#[tokio::test]
async fn silence_at_any_stage_is_a_timeout_within_the_deadline() {
    let world = world_with(FakeGithub::builder(), |config| {
        config.limits.connect = Duration::from_millis(500);
        config.limits.head = Duration::from_millis(800);
    })
    .await;
    let begun = Instant::now();
    let handshake = fails(&world, &format!("https://{}/x", says("").await)).await;
    assert_eq!(handshake.code, ErrorCode::Timeout, "{handshake}");
    let head = fails(&world, &format!("http://{}/x", says("").await)).await;
    assert_eq!(head.code, ErrorCode::Timeout, "{head}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_head_that_hangs_or_drips_is_a_timeout() {
    for fault in [Fault::Hang, Fault::DripHead] {
        assert_eq!(fails_with(fault.clone()).await.code, ErrorCode::Timeout, "{fault:?}");
    }
}

#[tokio::test]
async fn a_body_that_drips_or_hangs_is_slow() {
    for fault in [Fault::Drip { bytes_per_second: 200 }, Fault::HangBody] {
        let begun = Instant::now();
        assert_eq!(fails_with(fault.clone()).await.code, ErrorCode::Slow, "{fault:?}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault:?}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_body_just_above_the_minimum_rate_ends_at_the_total_deadline() {
    let failure = fails_with(Fault::Drip { bytes_per_second: 3_000 }).await;
    assert_eq!(failure.code, ErrorCode::Timeout, "{failure}");
}

#[tokio::test]
async fn a_body_over_the_cap_is_not_read_to_its_end() {
    let gigabytes = 2 * 1024 * 1024 * 1024;
    for fault in [
        Fault::Huge { bytes: gigabytes, with_length: true },
        Fault::Huge { bytes: gigabytes, with_length: false },
        Fault::GzipBomb { decoded_bytes: 256 * 1024 * 1024 },
    ] {
        let begun = Instant::now();
        assert_eq!(fails_with(fault.clone()).await.code, ErrorCode::TooLarge, "{fault:?}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault:?}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn what_is_no_http_or_cut_short_is_parse() {
    let world = world().await;
    let garbage = fails(&world, &format!("http://{}/x", says("garbage\r\n\r\n").await)).await;
    assert_eq!(garbage.code, ErrorCode::Parse, "{garbage}");
    let chunked = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nshort";
    let cut = fails(&world, &format!("http://{}/x", says(chunked).await)).await;
    assert_eq!(cut.code, ErrorCode::Parse, "{cut}");
    let gzip = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-encoding: gzip\r\n\r\nhello";
    let undecodable = fails(&world, &format!("http://{}/x", says(gzip).await)).await;
    assert_eq!(undecodable.code, ErrorCode::Parse, "{undecodable}");
}

#[tokio::test]
async fn a_refusing_or_broken_proxy_is_proxy() {
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "garbage",
    ] {
        let proxy = says(answer).await;
        let world = world_with(FakeGithub::builder(), |config| {
            config.proxies = Proxies::Fixed(format!("http://user:canary@{proxy}").parse().unwrap());
        })
        .await;
        let failure = fails(&world, "https://github.example/x").await;
        assert_eq!(failure.code, ErrorCode::Proxy, "{answer}: {failure}");
        assert!(!failure.message.contains("canary"), "{failure}");
    }
}

#[tokio::test]
async fn a_proxy_login_over_plain_http_is_proxy_too() {
    let proxy = says("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    let world = world_with(FakeGithub::builder(), |config| {
        config.proxies = Proxies::Fixed(format!("http://{proxy}").parse().unwrap());
    })
    .await;
    assert_eq!(fails(&world, "http://github.example/x").await.code, ErrorCode::Proxy);
}

#[tokio::test]
async fn a_shut_gate_sends_nothing_and_says_until_when() {
    let world = world().await;
    let retry_at = Utc::now() + chrono::Duration::minutes(40);
    let refusal = Refusal { code: ErrorCode::Budget, message: "the hourly budget is spent".into(), retry_at };
    *world.gate.refusal.lock().unwrap() = Some(refusal);
    let failure = world.get(world.api(PATH).as_str()).await.unwrap_err();
    assert_eq!(
        (failure.code, failure.retry_at, failure.try_next_door),
        (ErrorCode::Budget, Some(retry_at), true)
    );
    assert_eq!(world.fake.count_all(), 0);
}

#[tokio::test]
async fn the_gate_learns_what_the_headers_say() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    world.fake.limit_anonymous(60);
    world.get(world.api(PATH).as_str()).await.unwrap();
    let outcome = world.gate.outcomes().pop().unwrap();
    assert_eq!((outcome.status, outcome.failure, outcome.authorized), (Some(200), None, false));
    assert_eq!((outcome.limits.limit, outcome.limits.remaining), (Some(60), Some(59)));
    assert!(outcome.limits.reset.is_some() && !outcome.limits.limited);
    assert_eq!(world.gate.lanes(), [Lane::Rest]);
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_allowed() {
    let world = world_with(FakeGithub::builder(), |config| config.limits.concurrency = 4).await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    world.fake.set_latency(Duration::from_millis(50));
    let url = world.api(PATH);
    let calls = (0..40).map(|_| world.get(url.as_str()));
    for reply in futures_util::future::join_all(calls).await {
        assert_eq!(reply.unwrap().status, 200);
    }
    assert!(world.fake.peak_connections(Door::Api) <= 4, "{}", world.fake.peak_connections(Door::Api));
}
