//! Advisories: the JSON, and every range in it against a version.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::Version;
use releases::advisory::{Advisory, Vulnerability, assess};
use releases::github::{Site, advisories::parse_advisories};

fuzz_target!(|bytes: &[u8]| {
    let Ok(site) = "https://github.com".parse().map(Site::new) else { return };
    let Ok(version) = Version::parse("1.2.3") else { return };
    if let Ok(found) = parse_advisories(bytes, &site) {
        let _ = assess(&found, &version);
    }
    // The same bytes as a bare range: JSON is a long way round to it.
    if let Ok(range) = std::str::from_utf8(bytes) {
        let hole = Vulnerability {
            range: range.to_owned(),
            patched: Some(range.to_owned()),
            ..Vulnerability::default()
        };
        let _ = assess(&[Advisory { vulnerabilities: vec![hole], ..Advisory::default() }], &version);
    }
});
