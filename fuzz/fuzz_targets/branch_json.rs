//! The head of a branch, and comparisons.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::github::{Site, commits::parse_comparison, commits::parse_head};
use releases::repo::is_full_sha;

fuzz_target!(|bytes: &[u8]| {
    let (Ok(site), Ok(repo)) = ("https://github.com".parse().map(Site::new), "o/r".parse()) else { return };
    if let Ok(head) = parse_head(bytes, &site, &repo) {
        assert!(is_full_sha(&head.commit.sha));
    }
    if let Ok(compared) = parse_comparison(bytes, &site, &repo) {
        assert!(compared.commits.len() <= 250);
    }
});
