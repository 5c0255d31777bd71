//! Atom feeds of releases and of commits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::github::{Site, atom::parse_commits_feed, atom::parse_releases_feed};
use releases::repo::{is_full_sha, is_ref_name};

fuzz_target!(|bytes: &[u8]| {
    let (Ok(site), Ok(repo)) = ("https://github.com".parse().map(Site::new), "o/r".parse()) else { return };
    for release in parse_releases_feed(bytes, &site, &repo).unwrap_or_default() {
        assert!(is_ref_name(&release.tag));
        assert!(release.url.is_some_and(|url| url.starts_with("https://github.com/")));
    }
    for commit in parse_commits_feed(bytes, &site, &repo).unwrap_or_default() {
        assert!(is_full_sha(&commit.sha));
    }
});
