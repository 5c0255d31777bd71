//! What the hooks of Claude Code tell, from payloads as its documentation shows them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::home::Home;

const SESSION: &str = "00893aaf-19fa-41d2-8238-13269b9b3ca0";

/// A payload of the documentation, at home in this home.
pub(crate) fn payload(home: &Home, name: &str) -> Vec<u8> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claude-code").join(name);
    let text = fs::read_to_string(fixture.with_extension("json")).unwrap();
    text.replace("/home/ada", home.path().to_str().unwrap()).into_bytes()
}

/// Puts a transcript where the payloads say it is.
pub(crate) fn transcript(home: &Home, text: &str) -> PathBuf {
    let folder = home.path().join(".claude/projects/-home-ada-garden");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{SESSION}.jsonl"));
    fs::write(&path, text).unwrap();
    path
}

/// Calls the hook, which must say nothing.
pub(crate) fn call(home: &Home, payload: &[u8]) {
    let output = home.call(home.path(), payload);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

fn told(home: &Home, name: &str, kind: &str) -> Value {
    call(home, &payload(home, name));
    let event = home.take_one(kind);
    assert_eq!(event["sessionId"], SESSION);
    event
}

#[test]
fn a_session_tells_its_start_its_prompts_its_tools_and_its_end() {
    let home = Home::new();
    let garden = home.path().join("garden");
    fs::create_dir_all(garden.join("src")).unwrap();
    fs::create_dir(garden.join(".git")).unwrap();
    let cwd = garden.to_str().unwrap();

    let event = told(&home, "session-start", "session.start");
    assert_eq!(event["workspace"], "garden");
    let data = json!({"agent": "claude-code", "cwd": cwd, "model": "claude-sonnet-4-6", "source": "startup"});
    assert_eq!(event["data"], data);

    let event = told(&home, "user-prompt-submit", "session.prompt");
    assert_eq!(event["data"]["prompt"], "Write a function that waters 🌱 every plant\nand test it");
    assert_eq!(event["data"]["characters"], 54);

    let event = told(&home, "post-tool-use-bash", "session.tool_use");
    // Below the top of the work tree.
    assert_eq!(event["workspace"], "garden");
    assert_eq!(
        event["data"],
        json!({
            "agent": "claude-code", "cwd": garden.join("src").to_str(), "permissionMode": "acceptEdits",
            "tool": "Bash", "toolUseId": "toolu_01ABC123", "ok": true, "durationMs": 4187,
            "command": "cargo test", "description": "Run the tests",
        })
    );

    let event = told(&home, "post-tool-use-write", "session.tool_use");
    assert_eq!(event["data"]["file"], garden.join("src/water.rs").to_str().unwrap());
    assert!(!event.to_string().contains("fn water"));

    let event = told(&home, "post-tool-use-failure", "session.tool_use");
    assert_eq!((&event["data"]["ok"], &event["data"]["error"]), (&json!(false), &json!("Exit code 1")));

    let event = told(&home, "subagent-tool-use", "session.tool_use");
    assert_eq!(
        (&event["data"]["agentType"], &event["data"]["pattern"]),
        (&json!("Explore"), &json!("TODO.*water"))
    );

    call(&home, &payload(&home, "stop"));
    assert!(home.take().is_empty());

    let event = told(&home, "session-end", "session.end");
    assert_eq!(event["data"]["reason"], "prompt_input_exit");
    // A session without a word has no transcript, which is no problem.
    assert_eq!(home.problem(), None);
}

#[test]
fn the_transcript_follows_the_end_and_survives_the_agents_cleaning() {
    let home = Home::new();
    let path = transcript(&home, "{\"a\":1}\n");
    call(&home, &payload(&home, "session-end"));
    fs::remove_file(path).unwrap();
    let taken = home.take();
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert_eq!(taken[0]["type"], "session.end");
    assert_eq!(taken[1], "{\"a\":1}\n");
}

#[test]
fn in_private_only_that_something_happened_is_told() {
    let home = Home::new();
    transcript(&home, "{\"a\":1}\n");
    for (name, kind) in [("user-prompt-submit", "session.prompt"), ("post-tool-use-bash", "session.tool_use")]
    {
        home.call_with(home.path(), &["hook", "claude-code", "run", "--private"], &payload(&home, name));
        let event = home.take_one(kind).to_string();
        for text in ["Write a function", "cargo test", "Run the tests", home.path().to_str().unwrap()] {
            assert!(!event.contains(text), "{event}");
        }
    }
    home.call_with(home.path(), &["hook", "claude-code", "run", "--private"], &payload(&home, "session-end"));
    home.take_one("session.end");
}

#[test]
fn a_folder_without_a_repository_is_a_workspace_by_its_own_name() {
    let home = Home::new();
    let payload = |cwd: &str| {
        json!({"hook_event_name": "SessionStart", "session_id": "s", "cwd": cwd}).to_string().into_bytes()
    };
    for (cwd, workspace) in [
        ("/not/there/at all", json!("at all")),
        ("/", Value::Null),
        ("", Value::Null),
        ("/x/\u{1b}[31m", json!("[31m")),
        ("..", Value::Null),
    ] {
        call(&home, &payload(cwd));
        assert_eq!(home.take_one("session.start")["workspace"], workspace, "{cwd:?}");
    }
    call(&home, &payload(&format!("/x/{}", "ü".repeat(200))));
    assert_eq!(home.take_one("session.start")["workspace"], "ü".repeat(100));
}
