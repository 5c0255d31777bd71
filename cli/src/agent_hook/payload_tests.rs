use proptest::prelude::*;
use serde_json::json;

use super::*;

fn told(payload: &Value) -> Told {
    read(&payload.to_string(), false).unwrap().unwrap()
}

#[test]
fn a_tool_that_failed_tells_the_first_line_of_why_and_never_its_output() {
    let payload = json!({
        "hook_event_name": "PostToolUseFailure", "session_id": "s", "cwd": "/w", "tool_name": "Bash",
        "tool_input": {"command": "make", "description": "Build"}, "duration_ms": 4187,
        "error": "Exit code 2\nSECRET OUTPUT", "is_interrupt": false,
    });
    let told = told(&payload);
    assert_eq!(told.kind, "session.tool_use");
    assert_eq!(
        Value::Object(told.data),
        json!({
            "agent": "claude-code", "cwd": "/w", "tool": "Bash", "ok": false, "durationMs": 4187,
            "error": "Exit code 2", "command": "make", "description": "Build",
        })
    );
}

#[test]
fn outputs_contents_and_replacements_are_never_told() {
    let payload = json!({
        "hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Edit", "tool_use_id": "toolu_1",
        "tool_input": {"file_path": "/w/a.rs", "old_string": "SECRET", "new_string": "SECRET", "content": "SECRET"},
        "tool_response": {"filePath": "/w/a.rs", "originalFile": "SECRET"},
    });
    let told = told(&payload);
    assert_eq!(told.data["file"], "/w/a.rs");
    assert!(!Value::Object(told.data).to_string().contains("SECRET"));
}

#[test]
fn an_address_is_told_without_its_query() {
    let payload = json!({
        "hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "WebFetch",
        "tool_input": {"url": "https://ada:SECRET@example.org/a?token=SECRET", "prompt": "SECRET"},
    });
    assert_eq!(told(&payload).data["url"], "https://example.org/a");
}

#[test]
fn a_long_prompt_is_cut_between_characters_and_says_so() {
    let prompt = "ü".repeat(LONGEST_PROMPT);
    let payload = json!({"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": prompt});
    let told = told(&payload);
    assert_eq!(told.data["characters"], LONGEST_PROMPT);
    assert_eq!(told.data["cut"], true);
    assert_eq!(told.data["prompt"].as_str().unwrap().len(), LONGEST_PROMPT);
}

#[test]
fn in_private_nothing_that_somebody_wrote_is_told() {
    for payload in [
        json!({"hook_event_name": "UserPromptSubmit", "session_id": "s", "cwd": "/SECRET", "prompt": "SECRET"}),
        json!({"hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": {"command": "SECRET"}}),
        json!({"hook_event_name": "PostToolUseFailure", "session_id": "s", "tool_name": "Bash", "error": "SECRET"}),
        json!({"hook_event_name": "SessionEnd", "session_id": "s", "transcript_path": "/SECRET", "reason": "other"}),
    ] {
        let told = read(&payload.to_string(), true).unwrap().unwrap();
        assert_eq!(told.transcript, None);
        assert!(!Value::Object(told.data).to_string().contains("SECRET"), "{payload}");
    }
}

#[test]
fn other_hooks_tell_nothing_and_what_is_no_payload_is_an_error() {
    for name in ["Stop", "PreToolUse", "Notification", "SomethingNew"] {
        let payload = json!({"hook_event_name": name, "session_id": "../../x"}).to_string();
        assert_eq!(read(&payload, false).unwrap(), None);
    }
    for (payload, reason) in [
        ("", "line 1 column 0"),
        ("{\n\"hook_event_name\": \"Stop\"", "line 2"),
        ("[]", "no JSON object"),
        (r#"{"hook_event_name": 7}"#, "does not name a hook"),
        (r#"{"hook_event_name": "SessionEnd", "session_id": "../../etc/passwd"}"#, "session id"),
        (r#"{"hook_event_name": "SessionEnd", "session_id": ".."}"#, "session id"),
        (r#"{"hook_event_name": "SessionEnd", "session_id": ["s"]}"#, "session id"),
    ] {
        let error = read(payload, false).unwrap_err().to_string();
        assert!(error.contains(reason), "{payload}: {error}");
    }
}

#[test]
fn every_part_of_the_summary_is_read() {
    assert!(SUMMARY.iter().map(|(name, _)| name).eq(INPUT.iter()));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,5}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn fields_of_any_type_make_an_event_or_an_error(
        hook in prop::sample::select(super::super::TOLD.to_vec()),
        values in prop::collection::vec(any_json(), WANTED.len()),
    ) {
        let mut payload: Map<String, Value> =
            WANTED.iter().map(|name| (*name).to_owned()).zip(values).collect();
        payload.insert("hook_event_name".into(), hook.into());
        payload.insert("session_id".into(), "s".into());
        let told = read(&Value::Object(payload).to_string(), false).unwrap().unwrap();
        prop_assert!(Value::Object(told.data).to_string().len() < 512 << 10);
    }
}
