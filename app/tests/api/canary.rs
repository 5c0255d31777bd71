use serde_json::{Value, json};

use crate::helpers::{Ended, Ground, Neighbours, TestApp, environment, event, on_both_grounds, run};

on_both_grounds!(a_self_test_beside_a_server_passes_and_leaves_nothing_behind);

/// Each step that was told, and whether it went well.
fn steps(ended: &Ended) -> Vec<(String, bool)> {
    let told = ended.json();
    let step = |step: &Value| (step["name"].as_str().unwrap().to_owned(), step["ok"].as_bool().unwrap());
    told["steps"].as_array().unwrap().iter().map(step).collect()
}

fn all_well() -> Vec<(String, bool)> {
    ["schema", "events", "blobs"].map(|name| (name.to_owned(), true)).to_vec()
}

async fn a_self_test_beside_a_server_passes_and_leaves_nothing_behind(ground: Ground) {
    let app = TestApp::start(ground).await;
    app.send(&[event("session.start", "s", json!({}))]).await;
    app.wait_for_events("s", 1).await;
    // As uploads under way leave them.
    let data = app.folder.path().join("data");
    let mut under_way = vec![data.join("spool/upload")];
    if ground == Ground::Embedded {
        under_way.push(data.join("blobs/blob#1"));
    }
    for file in &under_way {
        std::fs::write(file, b"half").unwrap();
    }
    for _ in 0..2 {
        let ended = run(&["selftest", "--json"], &environment(&app.neighbours, app.folder.path(), &[])).await;
        assert_eq!((ended.code, steps(&ended)), (0, all_well()), "{}", ended.stderr);
        assert_eq!(ended.json()["ok"], true);
    }
    assert!(under_way.iter().all(|file| file.exists()));
    assert_eq!(app.json("/api/sessions").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.json("/api/dead-letters").await["items"], json!([]));
    let files = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(files.filter(|name| name.to_string_lossy().starts_with("selftest")).count(), 0);
    if let Some(postgres) = &app.neighbours.postgres {
        let events = postgres.query(&postgres.url(), "select count(*) from events").unwrap();
        assert_eq!(events, "1");
    }
    // What it did is no reason for the server to take its database for an older one.
    let (ended, neighbours, folder) = app.stop().await;
    ended.unwrap();
    let app = TestApp::launch_on(neighbours, folder, &[]).await;
    app.wait_for_events("s", 1).await;
    assert_eq!(app.json("/api/sessions/s").await["events"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_self_test_alone_passes_once_the_schema_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let environment = environment(&Neighbours::default(), folder.path(), &[]);
    let ended = run(&["selftest", "--json"], &environment).await;
    assert_eq!((ended.code, steps(&ended)[0].clone()), (1, ("schema".to_owned(), false)));
    assert!(ended.stdout.contains("remote-agent-server migrate"), "{}", ended.stdout);
    assert_eq!(run(&["migrate"], &environment).await.code, 0);
    let ended = run(&["selftest", "--json"], &environment).await;
    assert_eq!((ended.code, steps(&ended)), (0, all_well()), "{}", ended.stderr);
    let ended = run(&["selftest"], &environment).await;
    assert_eq!((ended.code, ended.stdout.lines().count()), (0, 3), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_self_test_without_s3_fails_and_names_the_blobs() {
    let mut app = TestApp::start(Ground::Full).await;
    let environment = environment(&app.neighbours, app.folder.path(), &[]);
    app.neighbours.s3.as_mut().unwrap().stop();
    let ended = run(&["selftest", "--json"], &environment).await;
    let expected = [("schema", true), ("events", true), ("blobs", false)];
    assert_eq!((ended.code, steps(&ended)), (1, expected.map(|(name, ok)| (name.to_owned(), ok)).to_vec()));
    let told = ended.json();
    assert_eq!(told["ok"], false);
    assert!(told["steps"][2]["detail"].as_str().unwrap().contains("blob"), "{told}");
    let ended = run(&["selftest"], &environment).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.lines().any(|line| line.starts_with("blobs     FAILED")), "{}", ended.stdout);
}
