use std::time::Duration;

use serde_json::json;

use crate::helpers::{Ground, TestApp, event, on_both_grounds};

on_both_grounds!(
    a_stopped_server_has_kept_all_that_it_accepted,
    metrics_tell_what_came_in_and_never_a_path,
    the_document_describes_what_is_there,
);

async fn a_stopped_server_has_kept_all_that_it_accepted(ground: Ground) {
    let app = TestApp::start(ground).await;
    for _ in 0..20 {
        let events: Vec<_> = (0..100).map(|_| event("note", "s", json!({}))).collect();
        assert_eq!(app.send(&events).await["accepted"], 100);
    }
    let (ended, neighbours, folder) = app.stop().await;
    ended.unwrap();
    let app = TestApp::launch_on(neighbours, folder, &[]).await;
    app.wait_for("all events to be there", async || {
        let response = app.get("/api/sessions/s").await;
        response.status() == 200
            && response.json::<serde_json::Value>().await.unwrap()["events"] == json!(2000)
    })
    .await;
}

async fn metrics_tell_what_came_in_and_never_a_path(ground: Ground) {
    let app = TestApp::start(ground).await;
    app.send(&[event("note", "s", json!({})), json!({})]).await;
    app.wait_for_events("s", 1).await;
    let scrape = async || {
        app.client.get(format!("{}/metrics", app.metrics)).send().await.unwrap().text().await.unwrap()
    };
    let text = scrape().await;
    assert!(text.contains("remote_agent_events_accepted_total 1"), "{text}");
    assert!(text.contains("remote_agent_events_rejected_total{reason=\"invalid\"} 1"), "{text}");
    for number in 0..200 {
        app.get(&format!("/random/{number}")).await;
        app.get(&format!("/api/sessions/random{number}")).await;
        app.get(&format!("/api/random{number}")).await;
    }
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    let after = scrape().await;
    assert!(!after.contains("random"), "{after}");
    assert!(series(&after) < series(&text) + 60, "{after}");
    let on_the_app = app.get("/metrics").await;
    assert_eq!(on_the_app.status(), 404);
}

async fn the_document_describes_what_is_there(ground: Ground) {
    let app = TestApp::start(ground).await;
    let document = app.json("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "none");
        for method in operations.as_object().unwrap().keys() {
            if path == "/api/version/stream" || path.starts_with("/sign") {
                continue;
            }
            let method = method.to_uppercase().parse().unwrap();
            let status = app.request(method, &path).send().await.unwrap().status().as_u16();
            assert!(status != 405 && (status != 404 || path.contains("none")), "{path}: {status}");
        }
    }
    assert!(app.get("/docs").await.text().await.unwrap().contains("POST /api/events"));
    assert_eq!(app.get("/docs.css").await.status(), 200);
}

#[tokio::test]
async fn a_body_that_never_comes_is_ended() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start(Ground::Embedded).await;
    let address = app.address.strip_prefix("http://").unwrap().to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\n{{",
        crate::helpers::KEY
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(40), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(
        String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_with_the_variable_that_sets_another() {
    let app = TestApp::start(Ground::Embedded).await;
    let port = app.address.rsplit(':').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = crate::helpers::config(&app.neighbours, folder.path(), &[("PORT", port)]);
    let error = app::startup::Server::build(config, crate::helpers::STAMP).await.err().unwrap();
    assert!(format!("{error:#}").contains("PORT"), "{error:#}");
}

#[tokio::test]
async fn a_replay_that_is_misspelt_is_not_taken_for_all() {
    let app = TestApp::start(Ground::Embedded).await;
    for body in ["{\"id\":[\"1-1\"]}", "[]", "[null]", "7", "{\"ids\":[\"nonsense\"]}"] {
        let sent =
            app.request(reqwest::Method::POST, "/api/dead-letters/replay").body(body).send().await.unwrap();
        assert!(sent.status() == 400 || body.contains("nonsense"), "{body}: {}", sent.status());
    }
    let cursor = hex::encode("-8334601228800000000.x");
    for path in ["/api/sessions", "/api/activity"] {
        assert_eq!(app.get(&format!("{path}?cursor={cursor}")).await.status(), 400);
    }
}

/// Names the small disk to the child.
const SMALL_DISK: &str = "TEST_SMALL_DISK";

/// Runs the test below in a mount namespace of its own, with a disk of four megabytes.
#[test]
fn a_full_disk_is_told_and_room_is_enough_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "mount -t tmpfs -o size=4m tmpfs \"$1\" && exec \"$2\" --ignored --exact operating::on_a_small_disk";
    let child = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .env(SMALL_DISK, folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
}

#[tokio::test]
#[ignore = "a child of the test above"]
async fn on_a_small_disk() {
    let disk = std::path::PathBuf::from(std::env::var(SMALL_DISK).unwrap());
    let app = TestApp::start_with(Ground::Embedded, &[("DATA_DIR", disk.to_str().unwrap())]).await;
    let large = || json!({"events": [event("note", "s", json!({"text": "x".repeat(100_000)}))]});
    let filler = disk.join("filler");
    std::fs::write(&filler, vec![0; 1_500_000]).unwrap();
    let mut accepted = 0;
    let refused = loop {
        let response = app.post("/api/events", &large()).await;
        if response.status() != 202 {
            break response;
        }
        accepted += 1;
    };
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    std::fs::remove_file(filler).unwrap();
    app.wait_for("events to be accepted again", async || {
        app.post("/api/events", &large()).await.status() == 202
    })
    .await;
    let stored = app.json("/api/sessions/s").await["events"].as_u64().unwrap();
    assert_eq!(stored, accepted + 1);
}
