//! Git's references, protocols 0, 1 and 2.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::github::git_refs::{Advertisement, parse_advertisement, parse_ls_refs};
use releases::repo::is_full_sha;

fuzz_target!(|bytes: &[u8]| {
    let advertised = match parse_advertisement(bytes) {
        Ok(Advertisement::References(references)) => references,
        _ => Vec::new(),
    };
    for reference in advertised.into_iter().chain(parse_ls_refs(bytes).unwrap_or_default()) {
        assert!(reference.name.starts_with("refs/") && is_full_sha(&reference.sha));
    }
});
