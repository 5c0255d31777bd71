use proptest::prelude::*;

use super::range::Range;
use super::{Advisory, Assessment, Vulnerability, assess};
use crate::Version;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn advisory(id: &str, severity: &str, range: &str, patched: Option<&str>) -> Advisory {
    Advisory {
        id: id.into(),
        severity: Some(severity.into()),
        summary: "A summary".into(),
        vulnerabilities: vec![Vulnerability {
            package: None,
            range: range.into(),
            patched: patched.map(str::to_owned),
        }],
        ..Advisory::default()
    }
}

fn verdict(range: &str, patched: Option<&str>, running: &str) -> Assessment {
    assess(&[advisory("GHSA-1", "high", range, patched)], &version(running))
}

#[test]
fn a_range_holds_what_it_says() {
    let cases = [
        (">= 1.0.0, < 1.2.3", "1.0.0", "1.2.3"),
        ("= 1.0.1", "1.0.1", "1.0.2"),
        ("<= 1.0.8", "1.0.8", "1.0.9"),
        ("< 1.2.3", "1.2.2", "1.2.3"),
        ("> 1", "1.0.1", "1.0.0"),
        ("< 1.0.0 || >= 2.0.0, < 2.1.0", "2.0.5", "1.5.0"),
        (">=1.0.0 <1.2.3", "1.2.2", "1.2.3"),
        ("<1.2.3", "1.2.3-rc.1", "1.2.3"),
        ("1.0.1", "1.0.1+b", "1.0.2"),
        ("<= v1.0.8", "1.0.8", "1.0.9"),
        ("< 2024.01.05", "2023.12.31", "2024.1.5"),
        ("< 1.10", "1.9.9", "1.10.0"),
    ];
    for (text, inside, outside) in cases {
        let range = Range::parse(text).unwrap();
        assert!(range.contains(&version(inside)), "{text} holds {inside}");
        assert!(!range.contains(&version(outside)), "{text} does not hold {outside}");
    }
    for bad in ["", " ", "all versions", "<", "< 1.0 ||", "1.x", "1.0 - 2.0", "before 1.2", "< 1;id"] {
        assert!(Range::parse(bad).is_none(), "{bad}");
    }
}

/// D9.
#[test]
fn a_running_version_in_the_range_is_affected_and_a_patched_one_is_clear() {
    let found = verdict(">= 1.0.0, < 1.2.3", Some("1.2.3"), "1.1.0");
    assert_eq!(found.affected, Some(true));
    assert_eq!(found.severity.as_deref(), Some("high"));
    assert_eq!(found.notices[0].fixed_in.as_deref(), Some("1.2.3"));
    assert_eq!(verdict(">= 1.0.0, < 1.2.3", Some("1.2.3"), "1.2.3").affected, Some(false));
    assert_eq!(verdict(">= 1.0.0, < 1.2.3", Some("1.2.3"), "1.2.3-rc.1").affected, Some(true));
    assert_eq!(verdict(">= 1.0.0", Some("1.2.3"), "1.2.4").affected, Some(false), "the range forgot to end");
}

#[test]
fn a_fix_clears_its_own_line_only() {
    let patched = Some("1.1.9, 1.2.3");
    assert_eq!(verdict("< 1.2.3", patched, "1.1.10").affected, Some(false));
    assert_eq!(verdict("< 1.2.3", patched, "1.2.0").notices[0].fixed_in.as_deref(), Some("1.2.3"));
    assert_eq!(
        verdict("< 1.1.9 || >= 1.2.0, < 1.2.3", patched, "1.1.5").notices[0].fixed_in.as_deref(),
        Some("1.1.9")
    );
}

#[test]
fn without_a_named_fix_the_end_of_the_range_is_one() {
    assert_eq!(verdict(">= 1.0.0, < 1.2.3", None, "1.1.0").notices[0].fixed_in.as_deref(), Some("1.2.3"));
    assert_eq!(verdict("<= 1.2.3", None, "1.1.0").notices[0].fixed_in, None);
}

#[test]
fn an_unreadable_range_is_uncertain_unless_another_advisory_is_certain() {
    let unreadable = advisory("GHSA-2", "low", "all versions before summer", None);
    assert_eq!(assess(std::slice::from_ref(&unreadable), &version("1.0.0")), Assessment::default());
    let certain = advisory("GHSA-1", "high", "< 2", None);
    let found = assess(&[unreadable, certain], &version("1.0.0"));
    assert_eq!((found.affected, found.notices.len()), (Some(true), 1));
    assert_eq!(assess(&[], &version("1.0.0")).affected, Some(false));
}

#[test]
fn withdrawn_ones_never_count() {
    let withdrawn = Advisory { withdrawn: true, ..advisory("GHSA-1", "high", "< 2", None) };
    let garbled = Advisory { withdrawn: true, ..advisory("GHSA-2", "high", "?", None) };
    assert_eq!(assess(&[withdrawn, garbled], &version("1.0.0")).affected, Some(false));
}

#[test]
fn the_most_severe_comes_first() {
    let all = [
        ("GHSA-1", "low"),
        ("GHSA-2", "moderate"),
        ("GHSA-3", "CRITICAL"),
        ("GHSA-4", "odd"),
        ("GHSA-0", "high"),
    ]
    .map(|(id, severity)| advisory(id, severity, "< 2", None));
    let found = assess(&all, &version("1.0.0"));
    let severities: Vec<_> = found.notices.iter().map(|notice| notice.severity.as_deref()).collect();
    assert_eq!(severities, [Some("critical"), Some("high"), Some("medium"), Some("low"), None]);
    assert_eq!(found.severity.as_deref(), Some("critical"));
}

#[test]
fn the_fix_of_an_advisory_closes_all_its_holes() {
    let mut two = advisory("GHSA-1", "high", "< 1.2.3", Some("1.2.3"));
    two.vulnerabilities.push(Vulnerability {
        range: "< 1.3.0".into(),
        patched: Some("1.3.0".into()),
        package: None,
    });
    assert_eq!(
        assess(std::slice::from_ref(&two), &version("1.0.0")).notices[0].fixed_in.as_deref(),
        Some("1.3.0")
    );
    two.vulnerabilities.push(Vulnerability { range: "<= 9".into(), ..Vulnerability::default() });
    assert_eq!(assess(&[two], &version("1.0.0")).notices[0].fixed_in, None);
}

#[test]
fn a_summary_is_one_line_that_a_terminal_can_show() {
    let hostile = Advisory { summary: "a\u{1b}[2J\r\nb".into(), ..advisory("GHSA-1", "high", "< 2", None) };
    assert_eq!(assess(&[hostile], &version("1.0.0")).notices[0].summary, "a b");
}

#[test]
fn an_advisory_is_stored_and_read_back() {
    let stored = serde_json::to_string(&advisory("GHSA-1", "high", "< 2", Some("2"))).unwrap();
    assert_eq!(
        serde_json::from_str::<Advisory>(&stored).unwrap(),
        advisory("GHSA-1", "high", "< 2", Some("2"))
    );
}

proptest! {
    #[test]
    fn any_text_is_a_range_or_not(text in "[<>=|, 0-9.a-c]{0,40}", other in ".{0,40}") {
        let _ = Range::parse(&text);
        let _ = Range::parse(&other);
    }
}
