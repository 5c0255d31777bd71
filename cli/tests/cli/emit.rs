//! `emit`, and what `spool` tells of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::helpers::{KEY, User, wait_for};
use crate::proxy::{Fault, Moment, Proxy};
use crate::server::{Answer, Asked, RealServer, canned, nowhere};

pub(crate) fn receipt(asked: &Asked) -> Answer {
    let count = asked.body.matches("\"id\":").count();
    Answer::of(202, json!({ "accepted": count, "duplicates": 0, "rejected": [] }).to_string())
}

#[test]
fn an_event_is_sent_at_once_and_stored_as_it_was_typed() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let data = r#"{"z": 12345678901234567890123, "a": [1, 2]}"#;
    let told = user
        .run(&["emit", "build.done", "--data", data, "--session", "s1", "--workspace", "garden", "--json"])
        .expect(0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["result"].as_str(), told["waiting"].as_u64()), (Some("sent"), Some(0)));
    let stored = server.events("s1");
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["id"], told["id"]);
    assert_eq!((&stored[0]["type"], &stored[0]["workspace"]), (&json!("build.done"), &json!("garden")));
    assert!(stored[0]["device"].as_str().is_some_and(|device| !device.is_empty()));
    assert!(user.run(&["emit", "build.done"]).expect(0).starts_with("sent: build.done "));
}

#[test]
fn data_may_come_from_standard_input() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let ended = user
        .run_with_input(&["emit", "a.b", "--session", "s", "--data", "-"], b"{\n  \"line\": \"x y\"\n}\n");
    ended.expect(0);
    assert_eq!(server.events("s")[0]["data"], json!({ "line": "x y" }));
}

#[test]
fn what_is_typed_wrong_is_told_with_its_place_and_kept_nowhere() {
    let user = User::of(&nowhere());
    let cases: [(&[&str], &str); 6] = [
        (&["emit", "a.b", "--data", "{\n\"a\": 1,}"], "line 2, column 8"),
        (&["emit", "a b"], "type: must be"),
        (&["emit", "a.b", "--id", "7"], "id: must be a UUID"),
        (&["emit", "a.b", "--session", "a/b"], "session id: must be"),
        (&["emit", "a.b", "--timestamp", "yesterday"], "--timestamp"),
        (&["emit", "a.b", "--workspace", "a\u{7}b"], "control characters"),
    ];
    for (arguments, told) in cases {
        let ended = user.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.stderr.contains(told) && ended.stdout.is_empty(), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(user.waiting()["events"], 0);
}

#[test]
fn while_the_server_is_away_events_are_kept_and_later_sent_in_their_order() {
    let server = RealServer::start();
    let proxy = Proxy::before(&server.address);
    proxy.watch(|_| Fault::BeforeRequest);
    let user = User::of(&proxy.address);
    for number in 0..3 {
        let number = number.to_string();
        let told = user.run(&["emit", "a.b", "--session", "s", "--data", &number]).expect(0);
        assert!(told.starts_with("kept: a.b ") && told.contains("no server answers"), "{told}");
    }
    let status = user.run(&["spool", "status"]).expect(0);
    let wait = format!("3 events wait for {}", proxy.address);
    assert!(status.starts_with(&wait) && status.contains("last attempt"), "{status}");
    let ended = user.run(&["spool", "send"]);
    assert!(ended.code == Some(1) && ended.stderr.contains("3 still wait"), "{}", ended.stderr);

    proxy.behave();
    assert_eq!(user.run(&["spool", "send"]).expect(0), "sent 3 events\n");
    let data: Vec<_> = server.events("s").iter().map(|event| event["data"].clone()).collect();
    assert_eq!(data, [0, 1, 2]);
    let waiting = user.waiting();
    assert_eq!((&waiting["events"], &waiting["attempt"]), (&json!(0), &json!(null)));
}

#[test]
fn without_a_key_or_with_a_wrong_one_everything_is_kept() {
    let server = RealServer::start();
    let mut user = User::without_key(&server.address);
    assert!(user.run(&["emit", "a.b", "--session", "s"]).expect(0).contains("REMOTE_AGENT_API_KEY"));
    user.environment.insert("REMOTE_AGENT_API_KEY".into(), "another-key-of-no-value-0123".into());
    assert!(user.run(&["emit", "a.b", "--session", "s"]).expect(0).contains("refuses the API key"));
    assert_eq!(user.waiting()["events"], 2);
    user.environment.insert("REMOTE_AGENT_API_KEY".into(), KEY.into());
    user.run(&["spool", "send"]).expect(0);
    assert_eq!(server.events("s").len(), 2);
}

#[test]
fn an_answer_that_is_lost_stores_the_event_once() {
    let server = RealServer::start();
    let proxy = Proxy::before(&server.address);
    proxy.watch(|moment| if moment == Moment::Answer { Fault::BeforeAnswer } else { Fault::None });
    let user = User::of(&proxy.address);
    assert!(user.run(&["emit", "a.b", "--session", "s"]).expect(0).starts_with("kept"));
    wait_for("the server to have it", || server.events("s").len() == 1);
    proxy.behave();
    assert_eq!(user.run(&["spool", "send"]).expect(0), "sent 1 event\n");
    assert_eq!(server.events("s").len(), 1);
}

#[test]
fn what_the_server_rejects_is_told_set_aside_and_blocks_nothing() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let id = "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10";
    user.run(&["emit", "a.b", "--id", id, "--data", "1", "--session", "s"]).expect(0);
    // The same id with something else in it.
    let ended = user.run(&["emit", "a.b", "--id", id, "--data", "2", "--session", "s"]);
    assert!(ended.stderr.contains("rejects a.b") && ended.stderr.contains(id), "{}", ended.stderr);
    assert_eq!(ended.code, Some(1));
    user.run(&["emit", "a.b", "--data", "3", "--session", "s"]).expect(0);
    assert_eq!(server.events("s").len(), 2);
    let aside = user.set_aside();
    assert_eq!((aside.len(), &aside[0]["id"], &aside[0]["entry"]["data"]), (1, &json!(id), &json!(2)));
    assert!(aside[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    assert_eq!(user.waiting()["rejected"], 1);
    assert!(user.run(&["spool", "status"]).expect(0).contains("rejected.jsonl"));
}

#[test]
fn a_server_that_is_none_of_ours_gets_nothing_thrown_away() {
    let strange: [(u16, &str); 7] = [
        (200, "<html>hello</html>"),
        (202, "{}"),
        (202, r#"{"accepted":0,"duplicates":0,"rejected":[]}"#),
        (202, r#"{"accepted":0,"duplicates":0,"rejected":[{"index":7,"id":null,"error":"no"}]}"#),
        (400, "<html>bad request</html>"),
        (404, "<html>not here</html>"),
        (302, ""),
    ];
    for (status, body) in strange {
        let user = User::of(&canned(move |_| Answer::of(status, body)));
        let told = user.run(&["emit", "a.b"]).expect(0);
        assert!(told.starts_with("kept"), "{status} {body}: {told}");
        assert_eq!(user.waiting()["events"], 1, "{status} {body}");
        assert!(user.set_aside().is_empty(), "{status} {body}");
    }
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_for_as_long() {
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let address = canned(move |_| {
        *count.lock().unwrap() += 1;
        Answer { headers: "retry-after: 600\r\n", ..Answer::of(503, "{}") }
    });
    let user = User::of(&address);
    for _ in 0..3 {
        assert!(user.run(&["emit", "a.b"]).expect(0).starts_with("kept"));
    }
    assert_eq!(*asked.lock().unwrap(), 1);
    let attempt = &user.waiting()["attempt"];
    assert_eq!(attempt["asked"], true);
}

#[test]
fn nobody_waits_longer_than_three_seconds_for_a_slow_server() {
    let address = canned(|asked| Answer { after: Duration::from_secs(20), ..receipt(asked) });
    let user = User::of(&address);
    let started = std::time::Instant::now();
    assert!(user.run(&["emit", "a.b"]).expect(0).starts_with("kept"));
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[test]
fn a_server_that_asks_to_wait_for_ever_or_until_a_date_breaks_nothing() {
    for asked in ["retry-after: 18446744073709551615\r\n", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n"] {
        let user = User::of(&canned(move |_| Answer { headers: asked, ..Answer::of(429, "{}") }));
        user.keeping().run(&["emit", "a.b"]).expect(0);
        let ended = user.run(&["spool", "send", "--background"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{asked}");
        assert_eq!(user.waiting()["attempt"]["asked"], true);
    }
}
