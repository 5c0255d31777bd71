use serde_json::{Value, json};
use uuid::Uuid;

use crate::helpers::{Ground, TestApp, event, on_both_grounds};

on_both_grounds!(
    an_accepted_event_is_read_back_whole,
    each_bad_event_is_named_and_the_good_ones_are_taken,
    the_same_event_again_is_a_duplicate_and_another_one_with_its_id_is_told,
    a_session_is_the_same_whatever_the_order_of_its_events,
    hostile_text_is_kept_and_poisons_nothing,
    what_is_no_batch_is_refused_with_the_reason,
);

async fn an_accepted_event_is_read_back_whole(ground: Ground) {
    let app = TestApp::start(ground).await;
    let sent = event("session.prompt", "one", json!({"text": "hello", "big": 12345678901234567890_u64}));
    assert_eq!(
        app.send(std::slice::from_ref(&sent)).await,
        json!({"accepted": 1, "duplicates": 0, "rejected": []})
    );
    let read = app.wait_for_events("one", 1).await;
    let read = &read["items"][0];
    for key in ["id", "type", "sessionId", "workspace", "device", "data"] {
        assert_eq!(read[key], sent[key], "{key}");
    }
    assert!(read["receivedAt"].is_string());
    let session = app.json("/api/sessions/one").await;
    assert_eq!((&session["events"], &session["prompts"]), (&json!(1), &json!(1)));
}

async fn each_bad_event_is_named_and_the_good_ones_are_taken(ground: Ground) {
    let app = TestApp::start(ground).await;
    let good = event("note", "s", json!(null));
    let mut no_type = event("note", "s", json!({}));
    no_type.as_object_mut().unwrap().remove("type");
    let receipt = app.send(&[good, json!(7), no_type.clone(), event("note", "a/b", json!({}))]).await;
    assert_eq!(receipt["accepted"], 1);
    let rejected = receipt["rejected"].as_array().unwrap();
    let told: Vec<(&Value, &str)> =
        rejected.iter().map(|one| (&one["index"], one["error"].as_str().unwrap())).collect();
    assert_eq!(told.len(), 3);
    assert_eq!((told[0].0, told[1].0, told[2].0), (&json!(1), &json!(2), &json!(3)));
    assert_eq!(rejected[1]["id"], no_type["id"]);
    assert!(told[1].1.contains("type") && told[2].1.contains("sessionId"), "{told:?}");
    app.wait_for_events("s", 1).await;
}

async fn the_same_event_again_is_a_duplicate_and_another_one_with_its_id_is_told(ground: Ground) {
    let app = TestApp::start(ground).await;
    let first = event("note", "s", json!({"n": 1}));
    let mut other = first.clone();
    other["data"] = json!({"n": 2});
    assert_eq!(app.send(&[first.clone(), first.clone()]).await["duplicates"], 1);
    assert_eq!(
        app.send(std::slice::from_ref(&first)).await,
        json!({"accepted": 0, "duplicates": 1, "rejected": []})
    );
    let receipt = app.send(&[other]).await;
    assert_eq!(receipt["accepted"], 0);
    assert_eq!(receipt["rejected"][0]["id"], first["id"]);
    let read = app.wait_for_events("s", 1).await;
    assert_eq!(read["items"].as_array().unwrap().len(), 1);
    assert_eq!(read["items"][0]["data"], json!({"n": 1}));
}

async fn a_session_is_the_same_whatever_the_order_of_its_events(ground: Ground) {
    let app = TestApp::start(ground).await;
    let at = |mut event: Value, time: &str| {
        event["timestamp"] = json!(time);
        event
    };
    let events = |session: &str| {
        vec![
            at(event("session.start", session, json!({"model": "m"})), "2026-01-01T10:00:00Z"),
            at(event("session.prompt", session, json!({})), "2026-01-01T10:01:00Z"),
            at(
                event(
                    "session.usage",
                    session,
                    json!({"inputTokens": 10, "outputTokens": 3, "costUsd": 0.25}),
                ),
                "2026-01-01T10:02:00Z",
            ),
            at(
                event("git.commit", session, json!({"sha": "abc", "subject": "Plant"})),
                "2026-01-01T10:03:00Z",
            ),
            at(event("session.end", session, json!({})), "2026-01-01T10:04:00Z"),
        ]
    };
    app.send(&events("forward")).await;
    for one in events("backward").into_iter().rev() {
        app.send(&[one]).await;
    }
    app.wait_for_events("forward", 5).await;
    app.wait_for_events("backward", 5).await;
    let mut forward = app.json("/api/sessions/forward").await;
    let mut backward = app.json("/api/sessions/backward").await;
    for session in [&mut forward, &mut backward] {
        session.as_object_mut().unwrap().remove("id");
    }
    assert_eq!(forward, backward);
    assert_eq!(forward["startedAt"], "2026-01-01T10:00:00Z");
    assert_eq!(forward["endedAt"], "2026-01-01T10:04:00Z");
    assert_eq!(forward["inputTokens"], 10);
    assert_eq!(forward["costUsd"], 0.25);
    assert_eq!(forward["commits"], 1);
}

async fn hostile_text_is_kept_and_poisons_nothing(ground: Ground) {
    let app = TestApp::start(ground).await;
    let id = Uuid::new_v4();
    let data =
        r#"{"nul":"\u0000","half":"\ud800","huge":1e999,"sql":"'; drop table events; --","like":"%_\\"}"#;
    let batch = format!(
        r#"{{"events":[{{"id":"{id}","type":"session.tool_use","timestamp":"0001-01-01T00:00:00Z","sessionId":"s","workspace":"'%_;--","data":{data}}}]}}"#
    );
    let response = app.request(reqwest::Method::POST, "/api/events").body(batch).send().await.unwrap();
    assert_eq!(response.status(), 202);
    app.send(&[event("note", "s", json!({}))]).await;
    app.wait_for("both to be stored", async || {
        let response = app.get("/api/sessions/s").await;
        response.status() == 200 && response.json::<Value>().await.unwrap()["events"] == json!(2)
    })
    .await;
    let text = app.get("/api/sessions/s/events").await.text().await.unwrap();
    // Kept as it was sent, but for half a surrogate pair, for which strict readers would refuse the page.
    assert!(text.contains(&data.replace("\\ud800", "\\ufffd")), "{text}");
    assert_eq!(app.json("/api/dead-letters").await["items"], json!([]));
    let of_workspace = app.json("/api/sessions?workspace=%27%25_%3B--").await;
    assert_eq!(
        of_workspace["items"].as_array().unwrap().len(),
        0,
        "the latest event names another workspace"
    );
}

async fn what_is_no_batch_is_refused_with_the_reason(ground: Ground) {
    let app = TestApp::start(ground).await;
    let many: Vec<Value> = (0..501).map(|_| event("note", "s", json!({}))).collect();
    let large = json!({"events": [event("note", "s", json!({"text": "x".repeat(2 << 20)}))]}).to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (body, status) in [
        ("{".to_owned(), 400),
        ("[]".to_owned(), 400),
        (r#"{"events":{}}"#.to_owned(), 400),
        (deep, 400),
        (json!({"events": many}).to_string(), 413),
        (large, 413),
    ] {
        let response = app.request(reqwest::Method::POST, "/api/events").body(body).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: Value = response.json().await.unwrap();
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{problem}");
    }
}
