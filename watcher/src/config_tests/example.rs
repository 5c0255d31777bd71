//! The table for people, `.env.example`, held against the one for the program.

use std::collections::BTreeSet;

use super::good;
use crate::config::variables::{TABLE, VARIABLES};

/// One variable of `.env.example`: its line's value, and the comment above it.
struct Explained {
    key: String,
    value: String,
    comment: String,
}

fn explained() -> Vec<Explained> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example");
    let text = std::fs::read_to_string(path).expect("the example at the root of the repository");
    let mut found = Vec::new();
    let mut comment = String::new();
    for line in text.lines() {
        if let Some((key, value)) = line.strip_prefix("#SIDEWATCH_").and_then(|rest| rest.split_once('=')) {
            let comment = std::mem::take(&mut comment);
            found.push(Explained { key: key.into(), value: value.into(), comment });
        } else if let Some(words) = line.strip_prefix("# ") {
            comment.push_str(words);
            comment.push(' ');
        } else {
            comment.clear();
        }
    }
    found
}

#[test]
fn the_example_explains_every_variable_once_and_no_other() {
    let explained: Vec<String> = explained().into_iter().map(|variable| variable.key).collect();
    let unique: BTreeSet<&str> = explained.iter().map(String::as_str).collect();
    assert_eq!(unique.len(), explained.len(), "{explained:?}");
    let known: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.key).collect();
    assert_eq!(unique, known);
}

#[test]
fn the_example_shows_the_defaults_and_marks_the_secrets() {
    for Explained { key, value, comment } in explained() {
        let variable = TABLE.find(&key).unwrap();
        assert_eq!(comment.starts_with("Secret."), variable.secret, "{key}: {comment}");
        if variable.default.is_empty() {
            continue;
        }
        assert_eq!(value, variable.default, "{key}");
        assert!(comment.contains(&format!("Default: {}", variable.default)), "{key}: {comment}");
    }
}

#[test]
fn the_example_as_it_stands_sets_nothing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')));
}

#[test]
fn every_key_is_read_and_every_example_value_is_accepted() {
    // A secret's example is empty; paths and the file itself are not there.
    let skipped = ["CONFIG", "STATE_DIR", "NOTIFY_WEBHOOK_SECRET"];
    for Explained { key, value, .. } in explained() {
        if !skipped.contains(&key.as_str()) {
            good(&[(&key, &value)]);
        }
    }
}
