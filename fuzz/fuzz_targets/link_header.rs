//! The `Link` header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::github::link_header::{next, next_page};
use url::Url;

fuzz_target!(|header: &str| {
    let Ok(here) = Url::parse("https://api.github.com/repos/o/r/releases") else { return };
    let _ = next(header);
    if let Some(page) = next_page(&here, header) {
        assert_eq!(page.origin(), here.origin());
    }
});
