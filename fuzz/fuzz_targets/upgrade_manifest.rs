//! The release asset `upgrade.json`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::Version;
use releases::manifest::UpgradeManifest;

fuzz_target!(|bytes: &[u8]| {
    let (Ok(current), Ok(latest)) = (Version::parse("1.0.0"), Version::parse("9.0.0")) else { return };
    if let Ok(manifest) = UpgradeManifest::parse(bytes)
        && let Some(hop) = manifest.next_hop(&current, &latest, &[])
    {
        assert!(current < hop.version);
    }
});
