//! Release notes as an attacker would write them: each one tries to run a script, or to make the browser fetch
//! something, and says by its number which one it was.
//!
//! `{js}` stands for a call that the pages of the tests count, `{url}` for an address that leads to the server which
//! counts visits. `{host}` is that address without its scheme.

mod breakouts;
mod fetchers;
mod handlers;
mod links;
mod scripts;

use crate::forbidden::TRACKER;

/// The corpus that the sanitiser's own tests use.
const OLDER: &str = include_str!("../../../crates/releases/src/notes/hostile.txt");

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number, which is also in its canaries.
    pub id: usize,
    /// What it tries.
    pub family: &'static str,
    /// Markdown or HTML; the same text serves as both.
    pub text: String,
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Note> {
    let older = OLDER.lines().filter(|line| !line.starts_with("# ")).map(unescape);
    let families: [(&'static str, Vec<String>); 6] = [
        ("script elements", scripts::all()),
        ("event handlers", handlers::all()),
        ("links", links::all()),
        ("fetchers", fetchers::all()),
        ("breakouts", breakouts::all()),
        ("the sanitiser's own", older.collect()),
    ];
    let named =
        families.into_iter().flat_map(|(family, texts)| texts.into_iter().map(move |text| (family, text)));
    named.enumerate().map(|(id, (family, text))| Note { id, family, text: fill(&text, id) }).collect()
}

fn fill(text: &str, id: usize) -> String {
    text.replace("{js}", &format!("__hit({id})"))
        .replace("{url}", &format!("http://{TRACKER}/{id}"))
        .replace("{host}", &format!("{TRACKER}/{id}"))
        .replace("evil.example", TRACKER)
}

fn unescape(line: &str) -> String {
    line.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
}

/// Each template with each value in the place of `{x}`.
fn each(templates: &[&str], values: &[&str]) -> Vec<String> {
    templates.iter().flat_map(|template| values.iter().map(|value| template.replace("{x}", value))).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_more_than_five_hundred_and_no_two_are_alike() {
        let notes = all();
        assert!(notes.len() >= 500, "{}", notes.len());
        let without_number: HashSet<_> =
            notes.iter().map(|note| note.text.replace(&note.id.to_string(), "#")).collect();
        assert!(without_number.len() + 5 >= notes.len(), "{} of {}", without_number.len(), notes.len());
    }

    #[test]
    fn nearly_every_one_carries_a_canary() {
        let mute = |note: &&Note| {
            !note.text.contains("__hit") && !note.text.contains(TRACKER) && !note.text.contains("alert(1)")
        };
        let mute: Vec<_> = all().iter().filter(mute).map(|note| note.text.clone()).collect();
        assert!(mute.len() < 40, "{mute:#?}");
    }
}
