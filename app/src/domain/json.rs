//! JSON that is kept as it was sent: numbers of any length, keys in their order.

/// Deepest nesting of objects and lists.
pub(super) const DEEPEST: usize = 64;

/// Takes the white space out of valid JSON; `None` if it is nested deeper than [`DEEPEST`].
///
/// Two clients, or one client twice, may write the same value with other spaces: it is the same event.
pub(super) fn compact(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for character in json.chars() {
        if in_string {
            out.push(character);
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match character {
            ' ' | '\n' | '\r' | '\t' => continue,
            '"' => in_string = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return None;
        }
        out.push(character);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strings_keep_their_spaces_and_quotes() {
        let json = "{ \"a b\" : [ 1 , \" \\\" \\\\\" ] }";
        assert_eq!(compact(json).as_deref(), Some("{\"a b\":[1,\" \\\" \\\\\"]}"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(compact(&nested(DEEPEST)).is_some());
        assert!(compact(&nested(DEEPEST + 1)).is_none());
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(key in ".*", number in any::<i64>(), text in ".*") {
            let value = serde_json::json!({ key: [number, text, null, { "inner": true }] });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let compacted = compact(&pretty).unwrap();
            prop_assert_eq!(compacted, serde_json::to_string(&value).unwrap());
        }
    }
}
