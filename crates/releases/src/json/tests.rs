use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Thing {
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    parts: Items<Thing>,
}

#[test]
fn values_of_another_kind_are_absent() {
    let read = |text: &str| object::<Thing>(text.as_bytes()).map(|thing| thing.name.text());
    assert_eq!(read(r#"{"name":"x","more":[{}]}"#), Ok(Some("x".into())));
    for text in ["{}", r#"{"name":null}"#, r#"{"name":{"a":[1]}}"#, r#"{"name":[-1,1.5]}"#, r#"{"name":-1}"#]
    {
        assert_eq!(read(text), Ok(None), "{text}");
    }
}

#[test]
fn a_list_that_is_none_is_empty() {
    let parts = |text: &str| object::<Thing>(text.as_bytes()).map(|thing| thing.parts.0.len());
    assert_eq!(parts(r#"{"parts":[{}, 7, null, {"name":"x"}]}"#), Ok(2));
    for text in [r#"{"parts":{"a":1}}"#, r#"{"parts":7}"#, r#"{"parts":"x"}"#, r#"{"parts":null}"#] {
        assert_eq!(parts(text), Ok(0), "{text}");
    }
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let listed = |text: &str| list::<Thing>(text.as_bytes()).map(|items| items.len());
    assert_eq!(listed("[null, 1, {}]"), Ok(3));
    assert_eq!(listed(r#"{"message":"x"}"#), Err(BadAnswer::NotAList));
    assert_eq!(listed("7"), Err(BadAnswer::NotAList));
    for text in ["", "<html>", "[{\"name\":\"x", "[} "] {
        assert_eq!(listed(text), Err(BadAnswer::NotJson), "{text}");
    }
    assert_eq!(object::<Thing>(b"[1]").map(|_| ()), Err(BadAnswer::NotAnObject));
}
