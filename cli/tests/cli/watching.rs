//! `status --watch`.

use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::helpers::{User, wait_for};
use crate::server::{Answer, canned};
use crate::status::{behind, health, state};

#[test]
fn watching_tells_again_when_something_changes_and_ends_when_interrupted() {
    let patch = Arc::new(Mutex::new(json!({})));
    let said = Arc::clone(&patch);
    let user = User::of(&canned(move |asked| {
        let body = if asked.line.contains("/api/health") {
            health("ok", &json!({}))
        } else {
            state(&said.lock().unwrap())
        };
        Answer::of(200, body)
    }));
    let mut watching = user.start(&["status", "--watch"]);
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut until =
        |word: &str| lines.by_ref().map(Result::unwrap).find(|line| line.contains(word)).is_some();
    assert!(until("up to date"));
    *patch.lock().unwrap() = behind();
    assert!(until("1.3.0 is available"));
    let interrupt = std::process::Command::new("kill").args(["-INT", &watching.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn watching_into_a_file_says_nothing_while_only_times_change() {
    let (looks, patch) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(json!({}))));
    let (count, said) = (Arc::clone(&looks), Arc::clone(&patch));
    let user = User::of(&canned(move |asked| {
        if asked.line.contains("/api/health") {
            *count.lock().unwrap() += 1;
            let body: String =
                health("ok", &json!({})).replace("7200", &format!("{}", 7200 + *count.lock().unwrap()));
            return Answer::of(200, body);
        }
        let now = chrono::Utc::now();
        let mut state = said.lock().unwrap().clone();
        state["lastChecked"] = json!(now);
        state["error"] = json!({ "code": "registry", "message": "no answer", "since": now, "retryAt": now });
        Answer::of(200, crate::status::state(&state))
    }));
    let mut watching = user.start(&["status", "--watch"]);
    wait_for("three looks", || *looks.lock().unwrap() >= 3);
    *patch.lock().unwrap() = behind();
    let mut servers = 0;
    for line in BufReader::new(watching.stdout.take().unwrap()).lines().map(Result::unwrap) {
        servers += usize::from(line.starts_with("Server"));
        if line.contains("1.3.0 is available") {
            break;
        }
    }
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert_eq!(servers, 2, "once at first, once for the change");
}

#[test]
fn watching_ends_when_nobody_reads_any_more() {
    let changing = Arc::new(Mutex::new(0));
    let user = User::of(&canned(move |asked| {
        let mut number = changing.lock().unwrap();
        *number += 1;
        let version = format!("1.2.{number}");
        Answer::of(
            200,
            if asked.line.contains("/api/health") {
                health("ok", &json!({}))
            } else {
                state(&json!({ "latest": version }))
            },
        )
    }));
    let mut watching = user.start(&["status", "--watch", "--json"]);
    drop(watching.stdout.take());
    let ended = std::cell::RefCell::new(watching);
    wait_for("the program to end", || ended.borrow_mut().try_wait().unwrap().is_some());
}
