//! JSON that is kept as it was sent: numbers of any length, keys in their order.

/// Deepest nesting of objects and lists.
pub(super) const DEEPEST: usize = 64;

/// Whether this is an object. Lists must not pass for one: serde takes them for its fields in their order.
pub(crate) fn is_object(json: &str) -> bool {
    json.trim_start_matches([' ', '\n', '\r', '\t']).starts_with('{')
}

/// Takes the white space out of valid JSON; `None` if it is nested deeper than [`DEEPEST`].
///
/// Two clients, or one client twice, may write the same value with other spaces: it is the same event. Half a
/// surrogate pair, which a client leaves when it cuts a text in the middle of an emoji, becomes U+FFFD: strict readers
/// refuse a whole page for it.
pub(super) fn compact(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    let (mut depth, mut rest) = (0_usize, json);
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            rest = copy_string(rest, &mut out);
            continue;
        }
        match first {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return None;
        }
        if !matches!(first, ' ' | '\n' | '\r' | '\t') {
            out.push(first);
        }
        rest = &rest[first.len_utf8()..];
    }
    Some(out)
}

/// Copies the string that `json` begins with; gives what follows it.
fn copy_string<'a>(json: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut rest = &json[1..];
    while let Some(place) = rest.find(['"', '\\']) {
        let (plain, special) = rest.split_at(place);
        out.push_str(plain);
        if let Some(after) = special.strip_prefix('"') {
            out.push('"');
            return after;
        }
        // A pair is two escapes, a half is one that stands alone.
        let length = match unit(special) {
            Some(0xD800..=0xDBFF) if matches!(unit(&special[6..]), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                rest = &special[6..];
                continue;
            }
            Some(_) => 6,
            None => special.char_indices().nth(2).map_or(special.len(), |(end, _)| end),
        };
        out.push_str(&special[..length]);
        rest = &special[length..];
    }
    out.push_str(rest);
    ""
}

/// The number of the `\uXXXX` that `text` begins with.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
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
    fn half_a_surrogate_pair_is_replaced_and_a_whole_one_kept() {
        let json = r#"{"a":"\ud83d\ude00 \ud83d","b\udc00":"\ud83d\u0041\n","c":"\\ud83d"}"#;
        let expected = r#"{"a":"\ud83d\ude00 \ufffd","b\ufffd":"\ufffd\u0041\n","c":"\\ud83d"}"#;
        assert_eq!(compact(json).as_deref(), Some(expected));
        assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
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
