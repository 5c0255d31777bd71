//! The manual says of the keys what `?` says.

use std::fs;

use cli::tui::key::KEYS;

#[test]
fn the_manual_has_exactly_the_keys_of_the_help() {
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md")).unwrap();
    let (_, section) = manual.split_once("## The TUI").expect("docs/cli.md has a section on the TUI");
    let (_, table) = section.split_once("| keys | |\n|---|---|\n").expect("the section has a table of keys");
    let rows = table
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: Vec<(&str, &str)> = rows.map(|(keys, what)| (keys, what.trim_end_matches(" |"))).collect();
    assert_eq!(told, KEYS);
}
