use proptest::prelude::*;

use super::*;

const COMMAND: &str = "/usr/bin/remote-agent hook claude-code run || true";

/// Settings as people have them.
const SETTINGS: [&str; 9] = [
    "{}\n",
    "{\n  \"model\": \"opus\"\n}",
    "{\"model\":\"opus\",\"n\":1.50e3}",
    "{\n\t\"permissions\": {\n\t\t\"allow\": [\"Bash(ls:*)\"]\n\t},\n\t\"zeta\": 12345678901234567890123\n}\n",
    "{\r\n    \"env\": {\"A\": \"ü\\u00e9\"}\r\n}\r\n",
    "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [\n          { \"type\": \"command\", \"command\": \"say done\" }\n        ]\n      }\n    ]\n  },\n  \"model\": \"opus\"\n}\n",
    "{\n  \"hooks\": {\n    \"PostToolUse\": [\n      {\n        \"matcher\": \"Edit|Write\",\n        \"hooks\": [{\"type\": \"command\", \"command\": \"fmt\", \"timeout\": 30}]\n      }\n    ],\n    \"SessionEnd\": [ { \"hooks\": [] } ]\n  }\n}",
    "{ \"hooks\": {\"SessionStart\": [{\"matcher\": \"startup\", \"hooks\": [{\"type\": \"http\", \"url\": \"http://x\"}]}]} }",
    "{\n  \"a\": 1,\n  \"a\": 2\n}\n",
];

#[test]
fn what_is_added_is_taken_out_to_the_byte() {
    for before in SETTINGS {
        let added = add(Some(before), COMMAND).unwrap();
        assert_eq!(commands(&added).unwrap(), vec![COMMAND; TOLD.len()], "{before}");
        let removed = remove(&added).unwrap();
        if before.trim() == "{}" {
            assert_eq!(removed.trim(), "{}");
        } else {
            assert_eq!(removed, before);
        }
    }
}

#[test]
fn adding_twice_is_adding_once_and_another_program_takes_the_place_of_the_first() {
    for before in SETTINGS {
        let once = add(Some(before), COMMAND).unwrap();
        assert_eq!(add(Some(&once), COMMAND).unwrap(), once);
        let moved = COMMAND.replace("/usr/bin", "/opt/bin");
        let second = add(Some(&once), &moved).unwrap();
        assert_eq!(commands(&second).unwrap(), vec![moved; TOLD.len()]);
    }
}

#[test]
fn new_settings_are_what_the_agent_documents() {
    let text = add(None, COMMAND).unwrap();
    let settings: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        settings["hooks"]["SessionEnd"],
        json!([{"hooks": [{"type": "command", "command": COMMAND, "timeout": 5}]}])
    );
    assert_eq!(settings["hooks"].as_object().unwrap().len(), TOLD.len());
    assert!(text.starts_with("{\n  \"hooks\": {\n    \"SessionStart\": [\n      {\n"), "{text}");
    assert!(text.ends_with("}\n"), "{text}");
    assert_eq!(add(Some(" \n"), COMMAND).unwrap(), text);
}

#[test]
fn entries_of_ours_that_somebody_moved_among_their_own_are_taken_out_alone() {
    let text = json!({"hooks": {"SessionStart": [{"matcher": "startup", "hooks": [
        {"type": "command", "command": "mine"},
        {"type": "command", "command": COMMAND},
        {"type": "command", "command": "mine too"},
    ]}]}});
    let removed: Value = serde_json::from_str(&remove(&text.to_string()).unwrap()).unwrap();
    let handlers = removed["hooks"]["SessionStart"][0]["hooks"].as_array().unwrap();
    assert_eq!(handlers.iter().map(|handler| &handler["command"]).collect::<Vec<_>>(), ["mine", "mine too"]);
}

#[test]
fn what_is_no_settings_is_refused_with_its_place() {
    for (text, reason) in [
        ("{\n  \"a\": 1,\n}", "line 3 column 1"),
        ("// mine\n{}", "line 1 column 1"),
        ("{\"a\": \"x", "line 1 column 8"),
        ("[]", "top level"),
        ("{\"hooks\": []}", "`hooks`"),
        ("{\"hooks\": {\"SessionEnd\": {}}}", "`hooks.SessionEnd`"),
        ("\u{feff}{}", "byte order mark"),
    ] {
        let error = add(Some(text), COMMAND).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn hooks_that_are_switched_off_are_noticed() {
    assert!(are_off("{\"disableAllHooks\": true}"));
    assert!(!are_off("{\"disableAllHooks\": false}"));
    assert!(!are_off("{}"));
}

fn any_settings() -> impl Strategy<Value = Value> {
    let handler = prop_oneof![
        Just(json!({"type": "command", "command": "x"})),
        Just(json!({"type": "http", "url": "u"})),
        Just(json!(7)),
    ];
    let group = prop_oneof![
        (prop::collection::vec(handler, 0..3)).prop_map(|hooks| json!({"matcher": "m", "hooks": hooks})),
        Just(json!({"hooks": 1})),
        Just(json!("x")),
    ];
    let name = prop::sample::select(vec!["SessionStart", "PostToolUse", "Stop", "ü\"\\"]);
    let events = prop::collection::btree_map(name, prop::collection::vec(group, 0..3), 0..4);
    (events, any::<bool>()).prop_map(|(events, more)| {
        let mut settings = json!({"hooks": events});
        if more {
            settings["zeta"] = json!({"deep": [[], {}, "]}"]});
        }
        settings
    })
}

proptest! {
    #[test]
    fn any_settings_keep_what_is_not_ours(settings in any_settings(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&settings).unwrap() } else { settings.to_string() };
        let added = add(Some(&text), COMMAND).unwrap();
        prop_assert_eq!(commands(&added).unwrap().len(), TOLD.len());
        let removed = remove(&added).unwrap();
        prop_assert!(commands(&removed).unwrap().is_empty());
        prop_assert_eq!(without_ours(parse(&removed).unwrap()), without_ours(settings));
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"(\{|\}|\[|\]|"hooks"|"SessionEnd"|:|,|"x"|1|\n| ){0,30}"#) {
        let _ = add(Some(&text), COMMAND);
        let _ = remove(&text);
    }
}
