//! Reading JSON of others: a value of another kind than promised is absent, not an error.

#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// An answer that is not what the interface promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// Empty, HTML, or cut.
    #[error("the answer is not JSON (did a proxy or a login page answer?)")]
    NotJson,
    /// Another JSON value.
    #[error("the answer is not a JSON list")]
    NotAList,
    /// Another JSON value.
    #[error("the answer is not a JSON object")]
    NotAnObject,
    /// Not XML, or another kind of document.
    #[error("the answer is not an Atom feed")]
    NotAFeed,
    /// Not the git protocol.
    #[error("the answer is not a list of git references")]
    NotRefs,
    /// A field without which nothing can be told.
    #[error("the answer lacks a usable `{0}`")]
    Missing(&'static str),
}

/// A list of objects; elements that are no objects are `None`.
pub(crate) fn list<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<Vec<Maybe<T>>, BadAnswer> {
    serde_json::from_slice(body).map_err(|error| wrong_kind(&error, body, b'[', BadAnswer::NotAList))
}

/// One object.
pub(crate) fn object<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, BadAnswer> {
    serde_json::from_slice::<Maybe<T>>(body)
        .map_err(|error| wrong_kind(&error, body, b'{', BadAnswer::NotAnObject))?
        .0
        .ok_or(BadAnswer::NotAnObject)
}

fn wrong_kind(error: &serde_json::Error, body: &[u8], opening: u8, otherwise: BadAnswer) -> BadAnswer {
    let opens = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&opening);
    if error.is_data() && !opens { otherwise } else { BadAnswer::NotJson }
}

/// A scalar of whatever kind it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Loose {
    /// `null`, a list or an object.
    #[default]
    Nothing,
    /// A string.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A truth value.
    Truth(bool),
}

impl Loose {
    /// The string, if it is one.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, also written as a string.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The truth value, also written as a string.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The instant, if it is an RFC 3339 string.
    pub(crate) fn instant(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::parse_from_rfc3339(self.as_text()?).ok().map(|instant| instant.to_utc())
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Truth(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose::Number(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Loose, E> {
        Ok(Loose::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Loose, E> {
        Ok(Loose::Nothing)
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Loose, E> {
        Ok(Loose::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Loose, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Loose, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Nothing)
    }
}

/// An object, or nothing where there is no object.
#[derive(Clone, Debug)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MaybeVisitor(PhantomData))
    }
}

struct MaybeVisitor<T>(PhantomData<T>);

/// Scalars in place of what was promised.
macro_rules! scalars_are {
    ($value:expr) => {
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("any value")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = Maybe<T>;

    scalars_are!(Maybe(None));

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Maybe<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Maybe(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Maybe<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(|value| Maybe(Some(value)))
    }
}

/// A list of objects inside an object; anything else in its place is an empty list.
#[derive(Clone, Debug)]
pub(crate) struct Items<T>(pub(crate) Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor(PhantomData))
    }
}

struct ItemsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
    type Value = Items<T>;

    scalars_are!(Items(Vec::new()));

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Items<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element::<Maybe<T>>()? {
            found.extend(item.0);
        }
        Ok(Items(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Items<T>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Items(Vec::new()))
    }
}
