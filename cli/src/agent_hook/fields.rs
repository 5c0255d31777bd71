//! Some members of a JSON object, read without trusting the rest: wrong types are absent, what is not wanted is skipped
//! without being built, and text that was cut in the middle of a character stays readable.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members that were wanted and are there. Of two with one name the last one counts.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    wanted: &'static [&'static str],
    found: Vec<Option<&'a RawValue>>,
}

impl<'a> Fields<'a> {
    /// Reads an object.
    pub(super) fn read(json: &'a str, wanted: &'static [&'static str]) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let found = Wanted(wanted).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(Self { wanted, found })
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        let place = self.wanted.iter().position(|wanted| *wanted == name)?;
        Some(self.found.get(place)?.as_ref()?.get())
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let Text(text) = serde_json::from_str(self.raw(name)?).ok()?;
        Some(text)
    }

    /// A count.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// An object inside this one.
    pub(super) fn object(&self, name: &str, wanted: &'static [&'static str]) -> Option<Fields<'a>> {
        Fields::read(self.raw(name)?, wanted).ok()
    }
}

struct Wanted(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Vec<Option<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![None; self.0.len()];
        while let Some(Text(name)) = map.next_key()? {
            match self.0.iter().position(|wanted| *wanted == name) {
                Some(place) => found[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// A text in which half of a surrogate pair is no error.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl Visitor<'_> for AnyText {
            type Value = Text;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(AnyText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_types_are_absent_and_the_last_of_two_counts() {
        let json = r#"{"a": [1], "b": "x", "b": "y", "c": {"d": true, "e": 7}, "z": {"deep": [[[]]]}}"#;
        let fields = Fields::read(json, &["a", "b", "c", "f"]).unwrap();
        assert_eq!(fields.text("a"), None);
        assert_eq!(fields.text("b").as_deref(), Some("y"));
        assert_eq!(fields.text("f"), None);
        let inner = fields.object("c", &["d", "e"]).unwrap();
        assert_eq!((inner.flag("d"), inner.number("e")), (Some(true), Some(7)));
        assert!(fields.object("b", &["d"]).is_none());
    }

    #[test]
    fn half_of_a_surrogate_pair_and_nul_are_text() {
        let fields = Fields::read(r#"{"\ud83d": 1, "a": "x\ud83dy\u0000"}"#, &["a"]).unwrap();
        let text = fields.text("a").unwrap();
        assert!(text.starts_with('x') && text.ends_with("y\0"), "{text:?}");
    }

    #[test]
    fn what_is_no_object_is_an_error_and_deep_nesting_is_not() {
        for json in ["", "[]", "null", "\"x\"", "{", r#"{"a":}"#, "{} {}"] {
            assert!(Fields::read(json, &["a"]).is_err(), "{json}");
        }
        let deep = format!("{{\"z\": {}{}, \"a\": \"x\"}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Fields::read(&deep, &["a"]).unwrap().text("a").as_deref(), Some("x"));
    }
}
