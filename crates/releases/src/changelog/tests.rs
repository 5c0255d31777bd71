use contract::{ChangeKind, EntryKind, Severity};
use proptest::prelude::*;

use super::{Marks, between, commit_entry, entry, groups, marks};
use crate::source::Commit;
use crate::{Channel, Release, Version};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn releases(tags: &[&str]) -> Vec<Release> {
    tags.iter().map(|tag| Release::from_tag((*tag).into(), version(tag))).collect()
}

fn with_notes(notes: &str) -> Release {
    Release { notes: Some(notes.into()), ..Release::from_tag("v1.2.0".into(), version("1.2.0")) }
}

fn kinds(notes: &str) -> Vec<(ChangeKind, Vec<String>)> {
    groups(notes).into_iter().map(|group| (group.kind, group.items)).collect()
}

fn kind_of(item: &str) -> ChangeKind {
    kinds(&format!("- {item}"))[0].0
}

/// D7.
#[test]
fn everything_above_one_version_up_to_another_newest_first() {
    let all = releases(&["v1.0.0", "v1.2.0", "v1.1.0", "v2.0.0-rc.1", "v1.3.0", "2.0.0"]);
    let tags = |from: Option<&str>, to: Option<&str>, channel| -> Vec<String> {
        let (from, to) = (from.map(version), to.map(version));
        let found = between(&all, channel, None, from.as_ref(), to.as_ref());
        found.into_iter().map(|release| release.tag.clone()).collect()
    };
    assert_eq!(tags(Some("1.0"), Some("1.2"), Channel::Stable), ["v1.2.0", "v1.1.0"]);
    assert_eq!(tags(Some("1.2.0"), None, Channel::Prerelease), ["2.0.0", "v2.0.0-rc.1", "v1.3.0"]);
    assert_eq!(tags(None, Some("1.1"), Channel::Stable), ["v1.1.0", "v1.0.0"]);
    assert!(tags(Some("3"), None, Channel::Stable).is_empty());
    assert!(tags(Some("1.2"), Some("1.0"), Channel::Stable).is_empty());
}

#[test]
fn calendar_and_two_part_schemes_work() {
    let all = releases(&["2024.01.05", "2024.10.01", "2024.2.1", "24.04"]);
    let found = between(&all, Channel::Stable, None, Some(&version("2024.01.05")), None);
    assert_eq!(
        found.iter().map(|release| release.tag.as_str()).collect::<Vec<_>>(),
        ["2024.10.01", "2024.2.1"]
    );
    assert_eq!(entry(found[0], Some(&found[1].version)).severity, Some(Severity::Minor));
}

#[test]
fn an_entry_tells_what_the_release_tells() {
    let mut release = with_notes("## Breaking changes\n- a\n\n## Fixed\n- b <script>x</script>");
    release.title = "One\nline".into();
    let found = entry(&release, Some(&version("1.1.9")));
    assert_eq!(
        (found.kind, found.version.as_str(), found.title.as_str()),
        (EntryKind::Release, "1.2.0", "One line")
    );
    assert_eq!(found.severity, Some(Severity::Minor));
    assert!(found.breaking && !found.security && !found.truncated);
    assert!(found.notes_html.unwrap().contains("<h2>Fixed</h2>"));
    assert_eq!(found.groups.len(), 2);
    release.title.clear();
    assert_eq!(entry(&release, None).title, "v1.2.0");
    assert_eq!(entry(&release, None).severity, None);
    assert!(entry(&with_notes(&"a ".repeat(40_000)), None).truncated);
}

#[test]
fn notes_that_came_as_html_are_grouped_too() {
    let mut release = with_notes("");
    release.notes = None;
    release.notes_html = Some("<h3>Security</h3><ul><li><p>a &amp; b</p></li></ul><h3>Fixed</h3><ul><li>c<ul><li>d</li></ul></li></ul><script>x</script>".into());
    let found = entry(&release, None);
    assert!(found.security);
    let items: Vec<_> = found.groups.iter().map(|group| (group.kind, group.items.join("|"))).collect();
    assert_eq!(items, [(ChangeKind::Security, "a & b".into()), (ChangeKind::Fixed, "c|d".into())]);
    assert!(!found.notes_html.unwrap().contains("script"));
}

#[test]
fn items_are_grouped_by_their_heading() {
    let notes = "# v1.2.0\n\nHello.\n\n## ⚠ BREAKING CHANGES\n* **a** `b`\n\n### API\n* c [d](https://x.example)\n\n\
        ## Features\n1. e\n   - f\n\n## Bug Fixes\n- g\n\n## Improved\n- h\n\n## New Contributors\n- @i\n\n\
        **Security fixes:**\n\n- j\n\n## Whatever\n\n- k\n\n```\n- not an item\n```\n<details>\n- nor this\n</details>\n";
    let expected = [
        (ChangeKind::Breaking, vec!["a b", "c d"]),
        (ChangeKind::Security, vec!["j"]),
        (ChangeKind::Added, vec!["e", "f"]),
        (ChangeKind::Changed, vec!["h"]),
        (ChangeKind::Fixed, vec!["g"]),
        (ChangeKind::Other, vec!["@i", "k"]),
    ];
    let found = kinds(notes);
    let found: Vec<_> = found
        .iter()
        .map(|(kind, items)| (*kind, items.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn items_are_grouped_by_their_prefix_and_their_verb() {
    let cases = [
        ("feat: a", ChangeKind::Added),
        ("feat(api): a", ChangeKind::Added),
        ("fix: a", ChangeKind::Fixed),
        ("fix!: a", ChangeKind::Breaking),
        ("feat(x)!: a", ChangeKind::Breaking),
        ("perf: a", ChangeKind::Changed),
        ("chore(deps): bump a from 1 to 2", ChangeKind::Other),
        ("docs: security policy", ChangeKind::Other),
        ("BREAKING: a", ChangeKind::Breaking),
        ("**Breaking change:** a", ChangeKind::Breaking),
        ("[security] a", ChangeKind::Security),
        ("Security: a", ChangeKind::Security),
        ("fix(security): a", ChangeKind::Security),
        ("Bump a (CVE-2024-12345)", ChangeKind::Security),
        ("GHSA-abcd-efgh-2345", ChangeKind::Security),
        ("Fixed a crash", ChangeKind::Fixed),
        ("Add a button", ChangeKind::Added),
        ("Removed a button", ChangeKind::Changed),
        ("Note: a", ChangeKind::Other),
        ("See https://x.example", ChangeKind::Other),
        ("A thing", ChangeKind::Other),
    ];
    for (item, kind) in cases {
        assert_eq!(kind_of(item), kind, "{item}");
    }
    assert_eq!(kinds("## What's Changed\n* Fix a by @b in https://x.example/1")[0].0, ChangeKind::Fixed);
    assert_eq!(kinds("## Changed\n* Add b to a")[0].0, ChangeKind::Changed);
}

#[test]
fn security_is_marked_only_where_it_is_said() {
    let yes = [
        ("", "## Security\n- a"),
        ("", "### Security fixes\n\nA hole was closed."),
        ("", "**Security**\n- a"),
        ("", "- Fixes CVE-2024-1234"),
        ("", "This fixes GHSA-abcd-efgh-2345."),
        ("", "- security: a"),
        ("", "- [Security] a"),
        ("", "## Bug and security fixes\n- a"),
        ("", "## 🔒 Security\n- a"),
        ("v1.2.3: security release", ""),
        ("[security] 1.2.3", ""),
        ("1.2.3 (CVE-2024-1234)", ""),
        ("", "## CVE-2024-1234\nText"),
        ("", "| a | CVE-2024-1234 |\n|---|---|"),
    ];
    for (title, notes) in yes {
        assert!(marks(title, Some(notes)).security, "{title:?} {notes:?}");
    }
    let no = [
        ("", "No security impact."),
        ("", "- security-related docs"),
        ("", "## Security\n\n## Fixed\n- a"),
        ("", "## Security\nNone."),
        ("", "## Security\n- No security fixes in this release"),
        ("", "## Security docs\n- a"),
        ("", "- docs(security): a"),
        ("", "- Not affected by CVE-2024-1234"),
        ("No security fixes", ""),
        ("New security settings page", ""),
        ("", "- Improve the security of the build"),
        ("", "## Securing it\n- a"),
        ("", "`## Security`"),
        ("", "```\n## Security\n- a\n```"),
        ("", "- CVE-20-1"),
        ("", "<!-- CVE-2024-1234 -->"),
        ("", ""),
        ("1.2.3", "a"),
    ];
    for (title, notes) in no {
        assert!(!marks(title, Some(notes)).security, "{title:?} {notes:?}");
    }
    assert_eq!(marks("1.2.3", None), Marks::default());
}

#[test]
fn breaking_is_marked_only_where_it_is_said() {
    let yes = [
        ("", "## Breaking changes\n- a"),
        ("", "## ⚠️ Upgrade notes\nDo this."),
        ("", "- feat!: a"),
        ("", "BREAKING CHANGE: a"),
        ("", "**BREAKING CHANGES**\n\n- a"),
        ("", "- Renamed a (breaking)"),
        ("feat!: a", ""),
        ("1.2: breaking changes", ""),
        ("", "**Breaking:** a"),
        ("", "### Backwards incompatible changes\n- a"),
        ("", "Breaking changes:\n- a"),
    ];
    for (title, notes) in yes {
        assert!(marks(title, Some(notes)).breaking, "{title:?} {notes:?}");
    }
    let no = [
        ("", "## Breaking changes\nNone"),
        ("", "## Breaking changes\n- n/a"),
        ("", "## No breaking changes\n- a"),
        ("", "## Non-breaking changes\n- a"),
        ("", "Breaking changes: none"),
        ("", "- Fix tests breaking on CI"),
        ("No breaking changes", ""),
        ("", "- feat: a"),
        ("", "## Fixed\n- a"),
    ];
    for (title, notes) in no {
        assert!(!marks(title, Some(notes)).breaking, "{title:?} {notes:?}");
    }
}

#[test]
fn items_are_capped_in_number_and_length() {
    let notes = format!("- {}\n", "a".repeat(1_000)).repeat(60);
    assert!(kinds(&notes)[0].1.iter().all(|item| item.chars().count() == 300));
    assert_eq!(kinds(&"- a\n".repeat(1_000))[0].1.len(), 200);
    assert_eq!(kinds("- a\u{1b}[2J\u{202e}b")[0].1, ["ab"]);
}

#[test]
fn a_commit_is_an_entry() {
    let commit = |subject: &str, breaking| Commit {
        sha: "a".repeat(40),
        subject: subject.into(),
        breaking,
        committed_at: None,
        url: None,
    };
    let found = commit_entry(&commit("fix: a CVE-2024-1234", true));
    assert_eq!((found.kind, found.severity), (EntryKind::Commit, Some(Severity::Commits)));
    assert!(found.breaking && found.security);
    assert_eq!(found.version, "a".repeat(40));
    assert!(commit_entry(&commit("feat!: b", false)).breaking);
    assert_eq!(commit_entry(&commit("feat: b", false)).groups[0].kind, ChangeKind::Added);
}

proptest! {
    #[test]
    fn any_notes_can_be_read(notes in "(# |## |- |  - |\\*\\*|Security|Breaking|CVE-2024-|1234|GHSA-|:|!|\n|.){0,60}") {
        let found = marks(&notes, Some(&notes));
        let items: Vec<_> = groups(&notes).into_iter().flat_map(|group| group.items).collect();
        prop_assert!(items.len() <= 200 && items.iter().all(|item| !item.contains('\n') && item.chars().count() <= 300));
        let _ = found;
    }
}
