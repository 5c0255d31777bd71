use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::helpers::{Ground, TestApp, event, on_both_grounds};

on_both_grounds!(
    pages_hold_every_session_once_while_new_ones_come,
    lists_are_narrowed_by_workspace_type_and_time,
    git_activity_is_told_by_workspace,
    workspaces_are_those_of_events_and_of_folders,
);

fn at(mut event: Value, time: &str) -> Value {
    event["timestamp"] = json!(time);
    event
}

fn in_workspace(mut event: Value, workspace: &str) -> Value {
    event["workspace"] = json!(workspace);
    event
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn pages_hold_every_session_once_while_new_ones_come(ground: Ground) {
    let app = TestApp::start(ground).await;
    let sessions: Vec<String> = (0..25).map(|number| format!("s{number}")).collect();
    let events: Vec<Value> = sessions
        .iter()
        .enumerate()
        // Two sessions share each second, so that times alone do not order them.
        .map(|(number, id)| {
            at(event("session.start", id, json!({})), &format!("2026-01-01T10:00:{:02}Z", number / 2))
        })
        .collect();
    app.send(&events).await;
    app.wait_for_events("s24", 1).await;
    app.wait_for_events("s0", 1).await;
    let mut seen = Vec::new();
    let mut path = "/api/sessions?limit=4".to_owned();
    loop {
        let page = app.json(&path).await;
        seen.extend(ids(&page));
        app.send(&[event("session.start", &format!("new{}", seen.len()), json!({}))]).await;
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/sessions?limit=4&cursor={cursor}"),
            None => break,
        }
    }
    let unique: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "none twice");
    let old: BTreeSet<String> = seen.into_iter().filter(|id| id.starts_with('s')).collect();
    assert_eq!(old, sessions.into_iter().collect());
}

async fn lists_are_narrowed_by_workspace_type_and_time(ground: Ground) {
    let app = TestApp::start(ground).await;
    app.send(&[
        at(in_workspace(event("session.start", "a", json!({})), "one"), "2026-01-01T10:00:00Z"),
        at(in_workspace(event("session.prompt", "a", json!({})), "one"), "2026-01-01T11:00:00Z"),
        at(in_workspace(event("session.start", "b", json!({})), "two"), "2026-01-02T10:00:00Z"),
    ])
    .await;
    app.wait_for_events("a", 2).await;
    app.wait_for_events("b", 1).await;
    for (query, expected) in [
        ("", vec!["b", "a"]),
        ("?workspace=one", vec!["a"]),
        ("?workspace=%25", vec![]),
        ("?type=session.prompt", vec!["a"]),
        ("?from=2026-01-02T00:00:00Z", vec!["b"]),
        ("?to=2026-01-02T10:00:00Z", vec!["a"]),
        ("?from=2026-01-01T10:00:00Z&to=2026-01-03T00:00:00%2B01:00", vec!["b", "a"]),
    ] {
        assert_eq!(ids(&app.json(&format!("/api/sessions{query}")).await), expected, "{query}");
    }
    let prompts = app.json("/api/sessions/a/events?type=session.prompt").await;
    assert_eq!(prompts["items"].as_array().unwrap().len(), 1);
    let early = app.json("/api/sessions/a/events?to=2026-01-01T10:30:00Z").await;
    assert_eq!(early["items"][0]["type"], "session.start");
    let pages = app.json("/api/sessions/a/events?limit=1").await;
    let cursor = pages["nextCursor"].as_str().unwrap();
    let second = app.json(&format!("/api/sessions/a/events?limit=1&cursor={cursor}")).await;
    assert_eq!(second["items"][0]["type"], "session.prompt");
    assert_eq!(second["nextCursor"], Value::Null);
}

async fn git_activity_is_told_by_workspace(ground: Ground) {
    let app = TestApp::start(ground).await;
    let commit = json!({"repository": "garden", "branch": "main", "sha": "0123abcd", "subject": "Plant", "additions": 3, "deletions": 1});
    app.send(&[
        at(in_workspace(event("git.commit", "a", commit), "one"), "2026-01-01T10:00:00Z"),
        at(in_workspace(event("git.push", "a", json!({"branch": "main"})), "one"), "2026-01-01T10:01:00Z"),
        at(
            in_workspace(event("git.checkout", "a", json!({"branch": "topic"})), "two"),
            "2026-01-01T10:02:00Z",
        ),
        in_workspace(event("session.prompt", "a", json!({})), "one"),
    ])
    .await;
    app.wait_for_events("a", 4).await;
    let of_one = app.json("/api/activity?workspace=one").await;
    let items = of_one["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|item| item["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["git.push", "git.commit"]
    );
    assert_eq!(items[1]["subject"], "Plant");
    assert_eq!((&items[1]["additions"], &items[1]["deletions"]), (&json!(3), &json!(1)));
    assert_eq!(items[0]["sha"], Value::Null);
    assert_eq!(app.json("/api/activity?type=git.checkout").await["items"][0]["branch"], "topic");
}

async fn workspaces_are_those_of_events_and_of_folders(ground: Ground) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("only-a-folder")).unwrap();
    std::fs::create_dir(folder.path().join("both")).unwrap();
    let settings = [("WORKSPACES_DIR", folder.path().to_str().unwrap())];
    let app = TestApp::start_with(ground, &settings).await;
    app.send(&[
        in_workspace(event("note", "a", json!({})), "both"),
        in_workspace(event("note", "a", json!({})), "only in events"),
    ])
    .await;
    app.wait_for_events("a", 2).await;
    let page = app.json("/api/workspaces").await;
    let told: Vec<(&str, &Value, bool)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), &item["events"], item["folder"].is_object()))
        .collect();
    let (one, none) = (json!(1), json!(0));
    assert_eq!(told, [("both", &one, true), ("only in events", &one, false), ("only-a-folder", &none, true)]);
    let first = app.json("/api/workspaces?limit=2").await;
    let second =
        app.json(&format!("/api/workspaces?limit=2&cursor={}", first["nextCursor"].as_str().unwrap())).await;
    assert_eq!(second["items"][0]["name"], "only-a-folder");
}
