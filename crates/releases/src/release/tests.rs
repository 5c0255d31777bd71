use super::{Channel, Line, Release, eligible, running_version};
use crate::Version;

fn release(tag: &str) -> Release {
    Release::from_tag(tag.into(), Version::parse(tag).unwrap())
}

fn releases(tags: &[&str]) -> Vec<Release> {
    tags.iter().map(|tag| release(tag)).collect()
}

fn tags(found: &[&Release]) -> Vec<String> {
    found.iter().map(|release| release.tag.clone()).collect()
}

/// D6.
#[test]
fn a_back_port_published_later_is_not_the_newest() {
    let all = releases(&["v1.4.2", "v1.5.0", "v1.4.1", "v1.10.0-rc.1", "v1.9.0"]);
    assert_eq!(tags(&eligible(&all, Channel::Stable, None)), ["v1.9.0", "v1.5.0", "v1.4.2", "v1.4.1"]);
    assert_eq!(tags(&eligible(&all, Channel::Prerelease, None))[0], "v1.10.0-rc.1");
}

#[test]
fn stable_leaves_out_what_only_its_publisher_calls_a_prerelease() {
    let mut all = releases(&["1.0.0", "1.1.0"]);
    all[1].prerelease = true;
    assert_eq!(tags(&eligible(&all, Channel::Stable, None)), ["1.0.0"]);
    assert_eq!(tags(&eligible(&all, Channel::Prerelease, None)), ["1.1.0", "1.0.0"]);
}

#[test]
fn of_two_with_the_same_version_the_better_known_is_kept() {
    let mut all = releases(&["1.2", "1.2.0", "v1.2.0"]);
    assert_eq!(tags(&eligible(&all, Channel::Stable, None)), ["1.2.0"]);
    all[2].notes = Some("notes".into());
    assert_eq!(tags(&eligible(&all, Channel::Stable, None)), ["v1.2.0"]);
}

#[test]
fn a_line_holds_what_its_range_says() {
    let cases = [
        ("^1", "1.9.9", "2.0.0"),
        ("~1.2", "1.2.9", "1.3.0"),
        (">=1, <3", "2.9.0", "3.0.0"),
        ("1", "1.5.0", "2.0.0"),
        ("1.x", "1.5.0", "2.0.0"),
        ("1.2", "1.2.9", "1.3.0"),
        ("1.2.x", "1.2.9", "1.3.0"),
        ("1.2.3", "1.2.3", "1.2.4"),
        ("^1", "1.9.9-rc.1", "2.0.0-rc.1"),
        ("<2", "1.9.0", "2.0.0-rc.1"),
        ("2024.*", "2024.01.05", "2025.01.01"),
        ("^1", "1.2.3.4", "2.0.0.1"),
        ("*", "1.0.0-rc.1", ""),
        ("^0.3", "0.3.9", "0.4.0"),
    ];
    for (text, inside, outside) in cases {
        let line: Line = text.parse().unwrap();
        assert_eq!(line.to_string(), text);
        assert!(line.matches(&Version::parse(inside).unwrap()), "{text} holds {inside}");
        if let Ok(outside) = Version::parse(outside) {
            assert!(!line.matches(&outside), "{text} does not hold {outside}");
        }
    }
    let all = releases(&["1.0.0", "1.5.0", "2.0.0"]);
    assert_eq!(tags(&eligible(&all, Channel::Stable, Some(&"^1".parse().unwrap()))), ["1.5.0", "1.0.0"]);
}

#[test]
fn what_is_no_line_or_channel_is_refused_with_help() {
    for bad in ["", " ", "lts", "v1", "^", ">=", "1;id", "1 || 2"] {
        let error = bad.parse::<Line>().unwrap_err().to_string();
        assert!(error.contains("^1"), "{bad}");
    }
    assert!("beta".parse::<Channel>().unwrap_err().to_string().contains("`prerelease`"));
    for channel in [Channel::Stable, Channel::Prerelease] {
        assert_eq!(channel.to_string().parse::<Channel>().unwrap(), channel);
        assert_eq!(serde_json::to_string(&channel).unwrap(), format!("\"{channel}\""));
    }
}

/// W-32.
#[test]
fn a_current_that_names_no_single_version_is_unknown() {
    let all = releases(&["v1.2.3", "v1.3.0"]);
    for unknown in
        ["", " ", "dev", "latest", "abc1234", "v1.2", "1", "1.2.3-4-gabc1234", "1.2.3-dirty", "1;id"]
    {
        assert_eq!(running_version(Some(unknown), &all), None, "{unknown}");
    }
    assert_eq!(running_version(None, &all), None);
    assert_eq!(running_version(Some(" v1.2.3\n"), &all).unwrap().to_string(), "1.2.3");
    assert_eq!(running_version(Some("1.2.3"), &[]).unwrap().to_string(), "1.2.3");
    assert_eq!(running_version(Some("0.0.0"), &all).unwrap().to_string(), "0.0.0");
}

#[test]
fn a_short_current_counts_where_the_repository_names_releases_that_way() {
    assert!(running_version(Some("24.04"), &releases(&["24.04", "24.10"])).is_some());
    assert!(running_version(Some("7"), &releases(&["v7", "v8"])).is_some());
    assert!(running_version(Some("20240105"), &[]).is_some());
    // `v1` and `v1.2` are aliases here, each of a longer tag.
    let actions = releases(&["v1", "v1.0.0", "v1.2", "v1.2.0", "v1.2.3"]);
    assert_eq!(running_version(Some("v1"), &actions), None);
    assert_eq!(running_version(Some("v1.2"), &actions), None);
}

#[test]
fn a_release_is_stored_small_and_read_back_the_same() {
    let bare = release("v1.2.3");
    assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"tag":"v1.2.3","version":"1.2.3"}"#);
    let full = Release {
        title: "A".into(),
        notes: Some("B".into()),
        url: Some("https://example.org".into()),
        published_at: chrono::DateTime::from_timestamp(1_700_000_000, 0),
        immutable: Some(true),
        has_manifest: true,
        prerelease: true,
        notes_truncated: true,
        notes_html: Some("<p>B</p>".into()),
        ..bare.clone()
    };
    for release in [bare, full] {
        let stored = serde_json::to_string(&release).unwrap();
        assert_eq!(serde_json::from_str::<Release>(&stored).unwrap(), release);
    }
}
