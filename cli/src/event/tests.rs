use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.into(),
        session_id: None,
        workspace: None,
        timestamp: Utc::now(),
        data: Value::Null,
    }
}

#[test]
fn an_event_gets_an_id_that_sorts_by_time_and_a_time_in_microseconds() {
    let ids: Vec<String> = (0..50).map(|_| event("a.b").check("laptop").unwrap().id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let checked = event("a.b").check("laptop").unwrap();
    assert_eq!(checked.timestamp.timestamp_subsec_nanos() % 1000, 0);
    assert_eq!(checked.device.as_deref(), Some("laptop"));
    assert!(checked.data.is_none());
}

#[test]
fn what_the_server_would_reject_is_refused_here_by_name_and_nothing_is_cut() {
    let told = |event: NewEvent| event.check("laptop").unwrap_err().to_string();
    for kind in ["", "a b", "ä", &"a".repeat(101)] {
        assert!(told(event(kind)).starts_with("type: "), "{kind}");
    }
    for id in ["a/b", "..", "ä", &"a".repeat(201)] {
        assert!(told(NewEvent { session_id: Some(id.into()), ..event("a") }).starts_with("session id: "));
    }
    let long = NewEvent { workspace: Some("w".repeat(201)), ..event("a") };
    assert!(told(long).contains("201"));
    let control = NewEvent { workspace: Some("w\u{1b}[2J".into()), ..event("a") };
    assert!(told(control).contains("control"));
    let deep = (0..=DEEPEST).fold(json!(1), |inner, _| json!([inner]));
    assert!(told(NewEvent { data: deep, ..event("a") }).contains("64"));
    let large = NewEvent { data: json!("x".repeat(LARGEST)), ..event("a") };
    assert!(told(large).contains("bytes"));
}

#[test]
fn empty_names_count_as_absent() {
    let named = NewEvent { session_id: Some(String::new()), workspace: Some(String::new()), ..event("a") };
    let checked = named.check("").unwrap();
    assert!(checked.session_id.is_none() && checked.workspace.is_none() && checked.device.is_none());
}

#[test]
fn typed_data_is_kept_to_the_letter_without_its_white_space() {
    let data = "{ \"z\": 123456789012345678901234567890,\n \"a b\": \"c \\\" d\\\\\" }";
    let typed = TypedEvent {
        id: Some("6F1C2A52-5D0E-4C8E-9A3E-2F6F0F1F7F10".into()),
        event: event("a"),
        data: Some(RawValue::from_string(data.into()).unwrap()),
    };
    let checked = typed.check("laptop").unwrap();
    assert_eq!(checked.id, "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10");
    let kept = checked.data.unwrap();
    assert_eq!(kept.get(), "{\"z\":123456789012345678901234567890,\"a b\":\"c \\\" d\\\\\"}");
}

#[test]
fn this_machine_has_a_name_that_fits() {
    let name = host_name();
    assert!(!name.is_empty());
    assert_eq!(event("a").check(&name).unwrap().device, Some(name));
}

proptest! {
    #[test]
    fn compacting_changes_no_value_and_leaves_one_line(text in "\\PC*", number: i64) {
        let value = json!({ "text": text, "list": [number, { "inner\n": text }] });
        let compacted = compact(&serde_json::to_string_pretty(&value).unwrap()).unwrap();
        prop_assert_eq!(&compacted, &serde_json::to_string(&value).unwrap());
        prop_assert!(!compacted.contains('\n'));
    }
}
