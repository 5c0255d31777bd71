//! The server's edge: slow and rude clients, odd requests, its end.

use std::time::{Duration, Instant};

use fake_github::{Door, Fault};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Program, eventually};
use crate::helpers::{TOKEN, TestApp, github, settings, spawn};

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.trim_start_matches("http://")).await.expect("connect")
}

/// Sends these bytes and reads until the server closes; `None` if it does not within the time.
async fn exchange(app: &TestApp, bytes: &[u8], time: Duration) -> Option<String> {
    let mut stream = connect(app).await;
    // The server may refuse in the midst of it.
    drop(stream.write_all(bytes).await);
    let mut answer = Vec::new();
    drop(tokio::time::timeout(time, stream.read_to_end(&mut answer)).await.ok()?);
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// W-39: readers are served while others dawdle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_headers_are_cut_off_and_hold_nobody_up() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let half = b"GET /api/version HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let (slow, slowest) =
        tokio::join!(join_all((0..400).map(|_| exchange(&app, half, Duration::from_secs(12)))), async {
            let mut slowest = Duration::ZERO;
            for _ in 0..200 {
                let started = Instant::now();
                app.version().await;
                slowest = slowest.max(started.elapsed());
            }
            slowest
        });
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    for answer in slow {
        let answer = answer.expect("closed in time");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

/// W-39, S-28.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drip_fed_bodies_are_answered_408_and_hold_nobody_up() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let drip = async |token: &str| {
        let mut stream = connect(&app).await;
        let head = format!(
            "POST /api/skip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("send the head");
        let mut answer = vec![0; 64];
        for _ in 0..40 {
            drop(stream.write_all(b"{").await);
            if let Ok(read) = tokio::time::timeout(Duration::from_millis(250), stream.read(&mut answer)).await
            {
                let length = read.unwrap_or(0);
                return String::from_utf8_lossy(&answer[..length]).into_owned();
            }
        }
        panic!("a body was waited for longer than ten seconds")
    };
    let (slow, refused, quick) = tokio::join!(join_all((0..50).map(|_| drip(TOKEN))), drip("wrong"), async {
        let started = Instant::now();
        for _ in 0..100 {
            app.version().await;
        }
        started.elapsed()
    });
    assert!(quick < Duration::from_secs(2), "{quick:?}");
    assert!(slow.iter().all(|answer| answer.starts_with("HTTP/1.1 408")), "{:?}", slow.first());
    assert!(refused.starts_with("HTTP/1.1 401"), "not read at all: {refused}");
}

/// W-40.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_sigterm_who_waits_is_answered_and_the_end_is_clean() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut program = Program::start(&settings(&fake)).await;
    program.app.version().await;
    fake.fault(Door::Api, Fault::Hang).fault(Door::Web, Fault::Hang);
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(&program.app).await;
        stream.write_all(b"GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 1024];
        assert!(stream.read(&mut first).await.unwrap() > 0);
        streams.push(stream);
    }
    fake.reset_calls();
    let started = Instant::now();
    let (answers, ()) =
        tokio::join!(join_all((0..200).map(|_| program.app.get("/api/version?force=true"))), async {
            fake.wait_for_calls(Door::Api, 1).await;
            // Until all of them have been accepted.
            let waiting = r#"sidewatch_http_requests_total{method="GET",route="/api/version",status="200"}"#;
            eventually("the requests", async || program.app.metric(waiting).await.is_some()).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            program.signal("TERM");
        });
    for answer in &answers {
        assert_eq!((answer.status, answer.json()["latest"].as_str()), (200, Some("1.3.0")));
    }
    let status = program.ended().await;
    assert!(status.success(), "{status:?}: {:#?}", program.lines());
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    for mut stream in streams {
        let mut rest = Vec::new();
        drop(
            tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut rest))
                .await
                .expect("closed"),
        );
    }
}

/// W-40: before anything is known.
#[tokio::test]
async fn at_sigterm_the_first_readers_are_answered_too() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Hang);
    let mut program = Program::start(&settings(&fake)).await;
    let (state, ()) = tokio::join!(program.app.version(), async {
        fake.wait_for_calls(Door::Api, 1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        program.signal("TERM");
    });
    assert_eq!((state.latest, state.update_available), (None, None));
    assert!(program.ended().await.success());
}

/// S-29, S-43.
#[tokio::test]
async fn bombs_and_malformed_requests_are_refused() {
    let fake = github(&["v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    let filler = |line: &str, times: usize| {
        let mut request = b"GET /api/version HTTP/1.1\r\nHost: x\r\n".to_vec();
        request.extend(line.repeat(times).into_bytes());
        request.extend(b"\r\n");
        request
    };
    let requests: Vec<(&str, Vec<u8>)> = vec![
        ("a megabyte of headers", filler("X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 25_000)),
        ("a thousand headers", filler("X-A: a\r\n", 1000)),
        ("one long header", filler(&format!("X-A: {}\r\n", "a".repeat(1 << 20)), 1)),
        ("a long path", format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20)).into_bytes()),
        (
            "two lengths",
            b"POST /api/skip HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".to_vec(),
        ),
        (
            "length and chunks",
            b"POST /api/skip HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_vec(),
        ),
        ("a space before the colon", b"GET /livez HTTP/1.1\r\nHost : x\r\n\r\n".to_vec()),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("line breaks in the path", b"GET /a\rb\nc HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("an odd method", b"BREW/\0 /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
    ];
    for (what, request) in requests {
        let answer = exchange(&app, &request, Duration::from_secs(8)).await;
        let answer = answer.unwrap_or_else(|| panic!("{what}: the connection stays open"));
        let refused =
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(refused, "{what}: {}", &answer[..answer.len().min(300)]);
    }
    assert_eq!(app.get("/livez").await.status, 200);
}

/// S-28, S-43.
#[tokio::test]
async fn a_large_body_is_413_and_a_stranger_may_not_decide() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let large = format!(r#"{{"version":"1.3.0","x":"{}"}}"#, "x".repeat(1 << 20));
    for path in ["/api/skip", "/api/snooze"] {
        let answer = app.decide(reqwest::Method::POST, path, Some(&large)).await;
        assert_eq!(answer.status, 413, "{path}");
    }
    let good = r#"{"version":"1.3.0"}"#;
    for authorization in
        ["", "Bearer", "Bearer ", "Bearer x", "Basic dGVzdA==", &format!("Token {TOKEN}"), TOKEN]
    {
        let headers = [("authorization", authorization)];
        let answer = app.request(reqwest::Method::POST, "/api/skip", &headers, Some(good)).await;
        assert_eq!(answer.status, 401, "{authorization}");
    }
    let in_address = format!("/api/skip?token={TOKEN}&access_token={TOKEN}");
    assert_eq!(app.request(reqwest::Method::POST, &in_address, &[], Some(good)).await.status, 401);
    assert_eq!(app.version().await.skipped, None);
}
