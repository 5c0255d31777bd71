//! Versions: reading them, and their order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use releases::{Line, Version};

fuzz_target!(|text: &str| {
    let (one, other) = text.split_once('\n').unwrap_or((text, "1.2.3"));
    let (Ok(one), Ok(other)) = (Version::parse(one), Version::parse(other)) else {
        let _ = one.parse::<Line>();
        return;
    };
    assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
    assert_eq!(one.cmp(&one), std::cmp::Ordering::Equal);
    assert_eq!(Version::parse(&one.to_string()).as_ref(), Ok(&one));
    assert_eq!(one.step_to(&other).is_some(), one < other);
});
