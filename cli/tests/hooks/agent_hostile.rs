//! Payloads and places that are not what they should be. The agent must see nothing of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::json;

use crate::agent_events::{call, payload, transcript};
use crate::home::{Home, PROGRAM};

#[test]
fn what_is_no_payload_ends_in_the_log_and_nowhere_else() {
    let home = Home::new();
    let nested = format!("{{\"hook_event_name\": {}", "[".repeat(200_000));
    for (payload, problem) in [
        (b"".to_vec(), "no JSON object"),
        (b"{\"hook_event_name\": \"SessionEnd\"".to_vec(), "no JSON object"),
        (b"\0\0\0\0".to_vec(), "no JSON object"),
        (b"\xff\xfe{}".to_vec(), "no JSON object"),
        (nested.into_bytes(), "no JSON object"),
        (b"{\"hook_event_name\": [\"SessionEnd\"]}".to_vec(), "does not name a hook"),
        (b"{\"hook_event_name\": \"SessionEnd\", \"session_id\": \"a/../../b\"}".to_vec(), "session id"),
        (b"{\"hook_event_name\": \"SessionEnd\", \"session_id\": 7}".to_vec(), "session id"),
        (vec![b' '; 65 << 20], "larger than"),
    ] {
        call(&home, &payload);
        let told = home.problem().unwrap();
        assert!(told.contains(problem), "{problem}: {told}");
        assert!(home.take().is_empty());
    }
}

#[test]
fn an_output_of_ten_mebibytes_is_read_over() {
    let home = Home::new();
    let payload = json!({
        "hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Read",
        "tool_response": {"file": {"content": "x\u{0}\u{1f600}".repeat(1_000_000)}},
        "tool_input": {"file_path": "/w/large"},
    });
    let payload = payload.to_string().into_bytes();
    assert!(payload.len() > 10 << 20, "{}", payload.len());
    call(&home, &payload);
    assert_eq!(home.take_one("session.tool_use")["data"]["file"], "/w/large");
}

#[test]
fn fields_of_wrong_types_cost_no_more_than_themselves() {
    let home = Home::new();
    let payload = json!({
        "hook_event_name": "PostToolUse", "session_id": "s", "cwd": {"a": 1}, "tool_name": ["Bash"],
        "tool_input": "rm -rf /", "tool_use_id": null, "duration_ms": -4, "is_interrupt": "yes", "model": 7,
    });
    call(&home, payload.to_string().as_bytes());
    let event = home.take_one("session.tool_use");
    assert_eq!(event["data"], json!({"agent": "claude-code", "ok": true}));
}

#[test]
fn a_prompt_with_nul_escapes_and_half_a_character_arrives() {
    let home = Home::new();
    let payload =
        br#"{"hook_event_name":"UserPromptSubmit","session_id":"s","prompt":"a\u0000\u001b[31m\ud83d"}"#;
    call(&home, payload);
    let prompt = home.take_one("session.prompt")["data"]["prompt"].as_str().unwrap().to_owned();
    assert!(prompt.starts_with("a\0\u{1b}[31m\u{fffd}"), "{prompt:?}");
}

#[test]
fn only_a_transcript_is_taken_for_one() {
    let home = Home::new();
    let path = transcript(&home, "x");
    let secret = home.path().join(".ssh/id_ed25519");
    fs::create_dir(secret.parent().unwrap()).unwrap();
    fs::write(&secret, "SECRET").unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a.jsonl"), "SECRET").unwrap();
    for (target, problem) in [
        (secret, "ends in .jsonl"),
        (outside.path().join("a.jsonl"), "below the home folder"),
        ("/dev/zero".into(), "ends in .jsonl"),
        (home.path().to_owned(), "ends in .jsonl"),
    ] {
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        call(&home, &payload(&home, "session-end"));
        // The end is told all the same, and nothing else.
        home.take_one("session.end");
        assert!(home.problem().unwrap().contains(problem), "{:?}", home.problem());
    }
}

#[test]
fn a_disk_that_is_full_or_read_only_and_no_home_at_all_are_not_the_agents_trouble() {
    let mut home = Home::new();
    let start = payload(&home, "session-start");
    let state = home.state();
    fs::create_dir_all(state.parent().unwrap()).unwrap();
    fs::write(&state, "a file where the folder should be").unwrap();
    call(&home, &start);
    fs::remove_file(&state).unwrap();
    for elsewhere in ["", "/dev/null", "/proc/nowhere", "relative"] {
        home.set("HOME", elsewhere);
        let output = home.call(home.path(), &start);
        assert!(
            output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn with_no_input_no_output_and_no_arguments_that_it_knows_it_ends_well() {
    let home = Home::new();
    let line = |text: &str| home.shell(home.path(), text);
    let program = format!("'{PROGRAM}' hook claude-code run");
    for closed in ["<&- >&- 2>&-", "</dev/null >&-", "<&- 2>&-"] {
        assert!(line(&format!("{program} {closed}")).status.success(), "{closed}");
    }
    // As it stands in the settings: an older program does not know what a newer one wrote there.
    let output = line(&format!("{program} --unheard-of </dev/null || true"));
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let output = line("/gone/remote-agent hook claude-code run </dev/null || true");
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
}

#[test]
fn an_agent_that_never_closes_its_side_waits_no_longer_than_for_any_other_hook() {
    let home = Home::new();
    let start = payload(&home, "session-start");
    let mut child = Command::new(PROGRAM)
        .args(["hook", "claude-code", "run"])
        .env_clear()
        .env("HOME", home.path())
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, &start).unwrap();
    assert!(child.wait().unwrap().success());
    drop(input);
    home.take_one("session.start");
}

#[test]
fn the_log_is_for_its_owner_alone() {
    let home = Home::new();
    call(&home, b"no payload");
    let mode = fs::metadata(home.state().join("hook.log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
