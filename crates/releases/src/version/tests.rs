use std::cmp::Ordering;
use std::collections::HashSet;

use contract::Severity;
use proptest::prelude::*;

use super::Version;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|_| panic!("{text} is a version"))
}

/// W-33.
#[test]
fn order_is_semver_precedence() {
    let less = [
        ("1.9.0", "1.10.0"),
        ("1.10.0-rc.1", "1.10.0"),
        ("v1.9.9", "1.10.0"),
        ("1.2.3", "v1.2.4"),
        ("0.9.9", "1.0.0"),
        ("1.99.99", "2.0.0"),
        ("9.0.0", "10.0.0"),
        ("1.0.9", "1.0.10"),
        ("1.0.0-alpha", "1.0.0-alpha.1"),
        ("1.0.0-alpha.1", "1.0.0-alpha.beta"),
        ("1.0.0-alpha.beta", "1.0.0-beta"),
        ("1.0.0-beta", "1.0.0-beta.2"),
        ("1.0.0-beta.2", "1.0.0-beta.11"),
        ("1.0.0-beta.11", "1.0.0-rc.1"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.0.0-1", "1.0.0-a"),
        ("1.0.0-9", "1.0.0-10"),
        ("1.0.0-rc10", "1.0.0-rc2"),
        ("1.0.0-A", "1.0.0-a"),
        ("1.0.0", "1.0.1-0"),
        ("1.0.0-18446744073709551615", "1.0.0-18446744073709551616"),
        ("1.2", "1.2.1"),
        ("1", "1.0.1"),
        ("1.2.3", "1.2.3.4"),
        ("1.2.3.9", "1.2.3.10"),
        ("1.2.3.4.5", "1.2.3.4.6"),
        ("1.2-rc.1", "1.2"),
        ("1.2.3rc1", "1.2.3"),
        ("1.2.3rc2", "1.2.3rc10"),
        ("1.2b1", "1.2"),
        ("1.2a1", "1.2b1"),
        ("1.2b9", "1.2rc1"),
        ("2023.12.31", "2024.01.05"),
        ("2024.1.9", "2024.01.10"),
        ("2024-01-05", "2024-02-01"),
        ("20240105", "20240201"),
        ("20231231", "2024-01-01"),
        ("20240105", "20240105.1"),
        ("2024-01-05", "2024-01-05-2"),
        ("24.04", "24.10"),
        ("release-1.2.3", "release-1.2.4"),
        ("1.10.0-rc.1+build.5", "1.10.0+build.1"),
        ("0.0.0-dev", "0.0.1"),
    ];
    for (low, high) in less {
        assert_eq!(version(low).cmp(&version(high)), Ordering::Less, "{low} < {high}");
        assert_eq!(version(high).cmp(&version(low)), Ordering::Greater, "{high} > {low}");
    }
}

#[test]
fn build_metadata_prefixes_and_missing_zeros_make_no_difference() {
    let same = [
        ("1.0.0+a", "1.0.0+b"),
        ("1.0.0", "1.0.0+b"),
        ("v1.2.3", "1.2.3"),
        ("V1.2.3", "1.2.3"),
        ("1.2", "1.2.0"),
        ("1", "1.0.0.0.0"),
        ("2024.01.05", "2024.1.5"),
        ("2024-01-05", "2024.1.5"),
        ("20240105", "2024.1.5"),
        ("1.0.0-rc.01", "1.0.0-rc.1"),
        ("release/v1.2", "1.2.0"),
        ("1.2.3RC1", "1.2.3rc1"),
        ("1.2.0.beta2", "1.2.0beta2"),
        ("0", "0.0.0"),
    ];
    for (one, other) in same {
        assert_eq!(version(one), version(other), "{one} = {other}");
        let both = HashSet::from([version(one), version(other)]);
        assert_eq!(both.len(), 1, "{one} and {other} hash alike");
    }
}

#[test]
fn what_is_no_version_is_refused() {
    let long = format!("1.0.0-{}", "a".repeat(128));
    let sha256 = "0123456789abcdef".repeat(4);
    let bad = [
        "",
        " ",
        "v",
        "nightly",
        "latest",
        "dev",
        "main",
        "stable",
        "abc1234",
        "v1234567",
        "1234567",
        "12345678",
        "99999999",
        "20241305",
        "0123456789abcdef0123456789abcdef01234567",
        "1e5abcd",
        "20240105123000",
        "1.2.3 ",
        " 1.2.3",
        "1.2.3\n",
        "1.2.3;id",
        "$(id)",
        "`id`",
        "1.2.3$(id)",
        "--flag",
        "-1.2.3",
        "../../1.2.3",
        "1..2",
        "1.2.",
        ".1.2",
        "1.2.3.4.5.6",
        "1.2.3-",
        "1.2.3+",
        "1.2.3-a..b",
        "1.2.3+a+b",
        "1.2.3/4",
        "1,2",
        "18446744073709551616.0.0",
        "1.2.3p1",
        "1.2.3post1",
        "app-v1.2.3",
        "pkg@1.2.3",
        "1.2.3~rc1",
        "١.٢.٣",
        "1.2.3\u{202e}",
        "1.2.3-ä",
        "vv1.2.3",
        "1234567-rc1",
        "1.x",
        "<b>1</b>",
        "1.2.3\u{0}",
        &long,
        &sha256,
    ];
    for text in bad {
        assert!(Version::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_numbers_that_were_written_are_counted() {
    let counts = [
        ("1", 1),
        ("v1.2", 2),
        ("1.2.0", 3),
        ("1.2.3.4", 4),
        ("1.2.3.4.5", 5),
        ("1.2-rc.1", 2),
        ("20240105", 3),
        ("2024-01-05", 3),
        ("2024.01", 2),
        ("2024-01", 2),
        ("1+3.4.5", 1),
    ];
    for (text, parts) in counts {
        assert_eq!(version(text).parts(), parts, "{text}");
    }
}

#[test]
fn it_prints_what_the_tag_said_without_its_prefix() {
    let printed = [
        ("v1.10.0-rc.1+build.5", "1.10.0-rc.1+build.5"),
        ("release-2024.01.05", "2024.01.05"),
        ("V1.2", "1.2"),
        ("Version-1.2.3rc1", "1.2.3rc1"),
        ("rel-1", "1"),
        ("release/v20240105", "20240105"),
        ("0.0.0-dev", "0.0.0-dev"),
    ];
    for (tag, text) in printed {
        assert_eq!(version(tag).to_string(), text);
        assert_eq!(serde_json::to_string(&version(tag)).unwrap(), format!("\"{text}\""));
    }
    assert_eq!(serde_json::from_str::<Version>("\"v1.2.3\"").unwrap(), version("1.2.3"));
    assert!(serde_json::from_str::<Version>("\"nightly\"").is_err());
}

#[test]
fn the_size_of_a_step_is_the_first_number_that_changes() {
    let steps = [
        ("1.2.3", "2.0.0", Some(Severity::Major)),
        ("1.2.3", "1.3.0", Some(Severity::Minor)),
        ("1.2.3", "1.2.4", Some(Severity::Patch)),
        ("1.2.3", "1.2.3.1", Some(Severity::Patch)),
        ("1.3.0-rc.1", "1.3.0", Some(Severity::Patch)),
        ("1.2.3", "2.0.0-rc.1", Some(Severity::Major)),
        ("1.2", "1.3", Some(Severity::Minor)),
        ("2023.12.31", "2024.01.01", Some(Severity::Major)),
        ("20240105", "20240301", Some(Severity::Minor)),
        ("1.2.3", "1.2.3", None),
        ("1.2.3", "1.2.2", None),
        ("1.2.3", "v1.2.3+b", None),
        ("2.0.0", "1.9.9", None),
    ];
    for (from, to, step) in steps {
        assert_eq!(version(from).step_to(&version(to)), step, "{from} to {to}");
    }
}

#[test]
fn a_range_sees_the_first_three_numbers() {
    assert_eq!(version("1.2.3.4-rc.1+b").to_semver(), semver::Version::new(1, 2, 3));
    assert_eq!(version("1").to_semver(), semver::Version::new(1, 0, 0));
}

const SEMVER: &str = r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,3})(-(0|[1-9][0-9]{0,2}|[a-zA-Z-][0-9a-zA-Z-]{0,3})(\.(0|[1-9][0-9]{0,22}|[a-zA-Z-][0-9a-zA-Z-]{0,3})){0,2})?(\+[0-9a-zA-Z-]{1,4}(\.[0-9a-zA-Z-]{1,4}){0,2})?";
const TOLERATED: &str = r"(([0-3]\.){0,4}[0-3]|2024[.-]0[1-3]|20(23|24)[.-]0[1-3][.-]0[1-3]|20240[1-3]0[1-3](\.[0-2])?)(-(rc|[a-c]|[0-2]|rc\.[0-2])|(a|b|rc|\.beta)[0-2]?)?(\+[a-c])?";

proptest! {
    #[test]
    fn valid_semver_orders_as_the_semver_crate_orders_it(one in SEMVER, other in SEMVER) {
        let theirs = |text: &str| semver::Version::parse(text).unwrap();
        prop_assert_eq!(version(&one).cmp(&version(&other)), theirs(&one).cmp_precedence(&theirs(&other)));
    }

    #[test]
    fn the_order_is_total(a in TOLERATED, b in TOLERATED, c in TOLERATED) {
        let (Ok(a), Ok(b), Ok(c)) = (Version::parse(&a), Version::parse(&b), Version::parse(&c)) else {
            return Ok(());
        };
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        let mut sorted = [&a, &b, &c];
        sorted.sort();
        prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
    }

    #[test]
    fn what_is_printed_reads_back_the_same(text in TOLERATED) {
        let Ok(once) = Version::parse(&text) else { return Ok(()) };
        let again = version(&once.to_string());
        prop_assert_eq!(&again, &once);
        prop_assert_eq!(again.to_string(), once.to_string());
        prop_assert_eq!(again.parts(), once.parts());
    }

    #[test]
    fn a_prefix_changes_nothing(text in TOLERATED) {
        let Ok(plain) = Version::parse(&text) else { return Ok(()) };
        for prefix in ["v", "V", "version-", "release-", "release/", "rel-", "release-v"] {
            let prefixed = version(&format!("{prefix}{text}"));
            prop_assert_eq!(&prefixed, &plain);
            prop_assert_eq!(prefixed.to_string(), plain.to_string());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,140}") {
        if let Ok(read) = Version::parse(&text) {
            prop_assert!(crate::repo::is_ref_name(&read.to_string()));
        }
    }
}
