//! Manifests, image configurations, names of images, and the registry's challenge.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::registry::{ImageName, Platform, parse_challenge, parse_config_platform, parse_manifest};

fuzz_target!(|bytes: &[u8]| {
    let _ = parse_manifest(bytes);
    let _ = parse_config_platform(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = parse_challenge(text);
    if let Ok(platform) = text.parse::<Platform>() {
        assert!(platform.runs(&platform));
        assert_eq!(platform.to_string().parse(), Ok(platform));
    }
    if let Ok(image) = text.parse::<ImageName>() {
        assert_eq!(image.to_string().parse(), Ok(image));
    }
});
