use proptest::prelude::*;

use super::{ManifestError, UpgradeManifest};
use crate::{Release, Version};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn releases(tags: &[&str]) -> Vec<Release> {
    tags.iter()
        .map(|tag| Release {
            url: Some(format!("https://x/{tag}")),
            ..Release::from_tag((*tag).into(), version(tag))
        })
        .collect()
}

fn next_hop(json: &str, current: &str, latest: &str) -> Option<(String, Option<String>)> {
    let all = releases(&["v3.0.0", "v2.5.0", "v2.1.0", "v2.0.0", "v1.0.0"]);
    let eligible: Vec<&Release> = all.iter().collect();
    let manifest = UpgradeManifest::parse(json.as_bytes()).unwrap();
    let hop = manifest.next_hop(&version(current), &version(latest), &eligible)?;
    Some((hop.version.to_string(), hop.url))
}

fn to(version: &str) -> Option<(String, Option<String>)> {
    Some((version.into(), Some(format!("https://x/v{version}"))))
}

/// D18.
#[test]
fn the_lowest_stop_between_comes_first() {
    let stops = r#"{"stops":["2.5.0","2.0.0"]}"#;
    assert_eq!(next_hop(stops, "1.0", "3.0"), to("2.0.0"));
    assert_eq!(next_hop(stops, "2.0", "3.0"), to("2.5.0"));
    assert_eq!(next_hop(stops, "2.5.0", "3.0"), None);
    assert_eq!(next_hop(stops, "1.0", "2.0"), None);
    assert_eq!(next_hop(stops, "3.0", "1.0"), None, "never backwards");
    assert_eq!(
        next_hop(r#"{"stops":["2.2"]}"#, "1.0", "3.0"),
        Some(("2.2".into(), None)),
        "also one not seen"
    );
}

#[test]
fn a_version_below_min_from_goes_to_the_lowest_release_that_fits() {
    assert_eq!(next_hop(r#"{"minFrom":"2.0.5"}"#, "1.0", "3.0"), to("2.1.0"));
    assert_eq!(next_hop(r#"{"minFrom":"2.0.5"}"#, "2.1", "3.0"), None);
    assert_eq!(next_hop(r#"{"minFrom":"2.9"}"#, "1.0", "3.0"), Some(("2.9".into(), None)));
    assert_eq!(next_hop(r#"{"minFrom":"2.0"}"#, "1.0", "2.0"), None, "cannot be met, so it is ignored");
    assert_eq!(next_hop(r#"{"minFrom":"2.1","stops":["2.0"]}"#, "1.0", "3.0"), to("2.0.0"));
    assert_eq!(next_hop("{}", "1.0", "3.0"), None);
}

#[test]
fn what_is_missing_or_more_is_fine() {
    let parse = |json: &str| UpgradeManifest::parse(json.as_bytes()).unwrap();
    assert_eq!(parse("{}"), UpgradeManifest::default());
    assert_eq!(
        parse(r#"{"minFrom":null,"stops":null,"breaking":null,"env":null,"reversible":null,"x":[1]}"#),
        parse("{}")
    );
    let full = parse(
        r#"{"minFrom":"v1.2","stops":["2.0","1.5","2.0.0"],"breaking":["config\nrenamed"],
            "env":["A_B",{"name":"C","why":"new"}],"reversible":false}"#,
    );
    assert_eq!(full.min_from, Some(version("1.2")));
    assert_eq!(full.stops, [version("1.5"), version("2.0")]);
    assert!(full.breaking);
    assert_eq!(full.breaking_changes, ["config renamed"]);
    assert_eq!(full.env, ["A_B", "C"]);
    assert_eq!(full.reversible, Some(false));
    assert!(parse(r#"{"breaking":true}"#).breaking && !parse(r#"{"breaking":[]}"#).breaking);
    let stored = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<UpgradeManifest>(&stored).unwrap(), full);
}

#[test]
fn an_error_names_the_field() {
    let many = format!(r#"{{"stops":[{}"1"]}}"#, r#""1","#.repeat(100));
    let cases = [
        (r#"{"minFrom":1}"#, "minFrom"),
        (r#"{"minFrom":"dev"}"#, "minFrom"),
        (r#"{"stops":"2.0"}"#, "stops"),
        (r#"{"stops":[2]}"#, "stops"),
        (r#"{"stops":["$(id)"]}"#, "stops"),
        (many.as_str(), "stops"),
        (r#"{"breaking":"yes"}"#, "breaking"),
        (r#"{"breaking":[1]}"#, "breaking"),
        (r#"{"env":{}}"#, "env"),
        (r#"{"env":["A=B"]}"#, "env"),
        (r#"{"env":[{"key":"A"}]}"#, "env"),
        (r#"{"reversible":"no"}"#, "reversible"),
    ];
    for (json, field) in cases {
        let error = UpgradeManifest::parse(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(field), "{json}: {error}");
    }
    for bad in ["", "[]", "null", "{", "\u{feff}{}"] {
        assert!(matches!(UpgradeManifest::parse(bad.as_bytes()), Err(ManifestError::NotAnObject)), "{bad}");
    }
    assert!(matches!(
        UpgradeManifest::parse(&vec![b' '; super::MAX_BYTES + 1]),
        Err(ManifestError::TooLarge)
    ));
    let nested = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert!(matches!(UpgradeManifest::parse(nested.as_bytes()), Err(ManifestError::NotAnObject)));
}

proptest! {
    #[test]
    fn any_bytes_are_a_manifest_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = UpgradeManifest::parse(&bytes);
    }

    #[test]
    fn a_hop_is_always_between(current in "[0-9]\\.[0-9]", latest in "[0-9]\\.[0-9]", stop in "[0-9]\\.[0-9]") {
        let json = format!(r#"{{"minFrom":"{stop}","stops":["{stop}"]}}"#);
        if let Some((hop, _)) = next_hop(&json, &current, &latest) {
            prop_assert!(version(&current) < version(&hop) && version(&hop) < version(&latest));
        }
    }
}
