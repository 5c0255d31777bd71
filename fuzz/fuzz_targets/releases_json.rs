//! Pages of releases and of tags.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::github::{Site, releases::parse_releases, tags::parse_tags};
use releases::repo::is_ref_name;

fuzz_target!(|bytes: &[u8]| {
    let (Ok(site), Ok(repo)) = ("https://github.com".parse().map(Site::new), "o/r".parse()) else { return };
    for page in [parse_releases(bytes, &site, &repo), parse_tags(bytes, &site, &repo)].into_iter().flatten() {
        assert!(page.releases.len() <= page.listed);
        for release in page.releases {
            assert!(is_ref_name(&release.tag));
            assert!(release.url.is_some_and(|url| url.starts_with("https://github.com/")));
        }
    }
});
