//! Places in the text of a JSON document, and edits that change nothing else.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// How a document is written.
#[derive(Debug)]
pub(super) struct Style {
    /// One step of indentation; none if all is on one line.
    indent: Option<String>,
    newline: &'static str,
}

impl Style {
    /// That of the first line that is indented.
    pub(super) fn of(text: &str) -> Self {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let step = |line: &str| {
            let rest = line.trim_start_matches([' ', '\t']);
            (rest.len() < line.len() && !rest.is_empty()).then(|| line[..line.len() - rest.len()].to_owned())
        };
        let indent = if text.trim_end().contains('\n') {
            Some(text.lines().find_map(step).unwrap_or_else(|| "  ".to_owned()))
        } else {
            None
        };
        Self { indent, newline }
    }

    fn line(&self, depth: usize) -> String {
        self.indent
            .as_ref()
            .map(|indent| format!("{}{}", self.newline, indent.repeat(depth)))
            .unwrap_or_default()
    }

    /// A value whose first line stands at a depth.
    fn write(&self, value: &Value, depth: usize) -> String {
        let (open, items, close): (_, Vec<String>, _) = match value {
            Value::Array(items) => ('[', items.iter().map(|item| self.write(item, depth + 1)).collect(), ']'),
            Value::Object(items) => {
                let member = |(name, item): (&String, &Value)| self.member(name, item, depth + 1);
                ('{', items.iter().map(member).collect(), '}')
            }
            plain => return plain.to_string(),
        };
        let line = self.line(depth + 1);
        let items = items.iter().map(|item| format!("{line}{item}")).collect::<Vec<_>>().join(",");
        format!("{open}{items}{}{close}", self.line(depth))
    }

    fn member(&self, name: &str, value: &Value, depth: usize) -> String {
        let space = if self.indent.is_some() { " " } else { "" };
        format!("{}:{space}{}", Value::from(name), self.write(value, depth))
    }
}

/// An object, a list or anything else at its place in a document.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    document: &'a str,
    raw: &'a str,
    names: Vec<String>,
    children: Vec<&'a str>,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(super) fn root(document: &'a str) -> Result<Self, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(document)?;
        Ok(Self::at(document, raw.get()))
    }

    fn at(document: &'a str, raw: &'a str) -> Self {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let (names, children) = deserializer.deserialize_any(Children).unwrap_or_default();
        Self { document, raw, names, children }
    }

    pub(super) fn is_object(&self) -> bool {
        self.raw.starts_with('{')
    }

    pub(super) fn is_array(&self) -> bool {
        self.raw.starts_with('[')
    }

    pub(super) fn len(&self) -> usize {
        self.children.len()
    }

    pub(super) fn child(&self, place: usize) -> Self {
        Self::at(self.document, self.children.get(place).copied().unwrap_or_default())
    }

    /// A member of an object. Of two with one name the last one counts, as it does for the agent.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        self.place(name).map(|place| self.child(place))
    }

    /// The text of a member.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.member(name)?.raw).ok()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().rposition(|known| known == name)
    }

    /// The document with one more child at the end; its depth counts from the top.
    pub(super) fn insert(&self, style: &Style, depth: usize, name: Option<&str>, value: &Value) -> String {
        let child = match name {
            Some(name) => style.member(name, value, depth),
            None => style.write(value, depth),
        };
        let child = format!("{}{child}", style.line(depth));
        match self.children.last() {
            Some(last) => {
                let end = self.range(last).end;
                self.replaced(end..end, &format!(",{child}"))
            }
            None => {
                let whole = self.range(self.raw);
                self.replaced(whole.start + 1..whole.end - 1, &format!("{child}{}", style.line(depth - 1)))
            }
        }
    }

    /// The document without a member.
    pub(super) fn without(&self, name: &str) -> String {
        self.place(name).map_or_else(|| self.document.to_owned(), |place| self.without_child(place))
    }

    /// The document without a child and one comma. What was inserted is taken out to the byte.
    pub(super) fn without_child(&self, place: usize) -> String {
        let whole = self.range(self.raw);
        let end = |place: usize| self.range(self.children[place]).end;
        let gone = if place > 0 {
            end(place - 1)..end(place)
        } else if self.children.len() > 1 {
            // Up to where the next one begins, behind the comma.
            let rest = &self.document[end(0)..];
            let comma = rest.find(',').map_or(0, |comma| comma + 1);
            let spaces = rest[comma..].len() - rest[comma..].trim_start().len();
            let inside = &self.document[whole.start + 1..];
            let start = whole.start + 1 + inside.len() - inside.trim_start().len();
            start..end(0) + comma + spaces
        } else {
            whole.start + 1..whole.end - 1
        };
        self.replaced(gone, "")
    }

    /// Where a part of the document stands in it.
    fn range(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.document.as_ptr() as usize;
        start..start + part.len()
    }

    fn replaced(&self, range: Range<usize>, with: &str) -> String {
        let (before, after) = (&self.document[..range.start], &self.document[range.end..]);
        format!("{before}{with}{after}")
    }
}

/// Reads the names and the texts of the children, of an object or a list.
struct Children;

impl<'de> Visitor<'de> for Children {
    type Value = (Vec<String>, Vec<&'de str>);

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Self::Value::default();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            found.0.push(name);
            found.1.push(value.get());
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = Self::Value::default();
        while let Some(value) = list.next_element::<&RawValue>()? {
            found.1.push(value.get());
        }
        Ok(found)
    }
}
