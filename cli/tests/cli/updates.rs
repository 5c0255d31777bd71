//! The line about an update: on a terminal, from the cache, once.

use std::process::Stdio;

use serde_json::json;

use crate::helpers::{User, program};
use crate::server::{Answer, canned};
use crate::status::state;

fn user_that_knows(patch: &serde_json::Value) -> User {
    let user = User::of(&canned(|_| Answer::of(202, r#"{"accepted":1,"duplicates":0,"rejected":[]}"#)));
    let address = user.environment["REMOTE_AGENT_URL"].clone();
    let state: serde_json::Value = serde_json::from_str(&state(patch)).unwrap();
    let known = json!({ "address": address, "at": chrono::Utc::now(), "state": state });
    std::fs::create_dir_all(user.cache()).unwrap();
    std::fs::write(user.cache().join("update.json"), known.to_string()).unwrap();
    user
}

fn behind() -> serde_json::Value {
    json!({ "latest": "1.3.0", "updateAvailable": true, "comparison": "behind" })
}

/// What `emit` says on a terminal.
fn on_a_terminal(user: &User) -> String {
    let output = user
        .command("script")
        .args(["--quiet", "--return", "--command", &format!("'{}' emit a.b", program()), "/dev/null"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("script (apt install bsdutils): {error}"));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_person_is_told_of_an_update_once_a_day() {
    let user = user_that_knows(&behind());
    let told = on_a_terminal(&user);
    assert!(told.contains("sent: a.b") && told.contains("1.3.0 of the server is available"), "{told}");
    assert!(!on_a_terminal(&user).contains("1.3.0"));
}

#[test]
fn a_program_is_told_nothing() {
    let ended = user_that_knows(&behind()).run(&["emit", "a.b"]);
    assert!(ended.stderr.is_empty() && !ended.stdout.contains("1.3.0"), "{}", ended.stderr);
}

#[test]
fn who_switched_it_off_is_told_nothing() {
    let user = user_that_knows(&behind()).with("REMOTE_AGENT_DISABLE_UPDATE_CHECK", "true");
    assert!(!on_a_terminal(&user).contains("1.3.0"));
}
