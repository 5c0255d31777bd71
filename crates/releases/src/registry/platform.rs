//! Platforms: what runs here, and what of an index fits it.

use std::fmt;
use std::str::FromStr;

/// Operating system, architecture and, for some, its variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// `v8` and the like.
const MAX_VARIANT: usize = 16;

/// Not a platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a platform: write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/arm64/v8")]
pub struct NotAPlatform;

impl Platform {
    /// Containers here: Linux (also on other systems, where Docker brings its own), this architecture.
    #[must_use]
    pub fn host() -> Self {
        let variant = if std::env::consts::ARCH == "arm" { "v7" } else { "" };
        Self::of("linux", std::env::consts::ARCH, variant)
    }

    /// From the words of a manifest or of a user, with the usual synonyms made one.
    pub(super) fn of(os: &str, architecture: &str, variant: &str) -> Self {
        let architecture = match architecture {
            "x86_64" | "x86-64" => "amd64",
            "aarch64" => "arm64",
            "x86" | "i386" | "i686" => "386",
            "powerpc64" => "ppc64le",
            "armhf" => "arm",
            other => other,
        };
        // The only common variant of arm64 is written or left out at will; so is the first of amd64.
        let variant = match (architecture, variant) {
            (_, "") | ("arm64", "v8" | "8") | ("amd64", "v1" | "1") => None,
            (_, variant) if variant.bytes().all(|byte| byte.is_ascii_digit()) => Some(format!("v{variant}")),
            (_, variant) => Some(variant.to_owned()),
        };
        Self { os: os.to_owned(), architecture: architecture.to_owned(), variant }
    }

    /// Whether an image for `offered` runs on this platform.
    #[must_use]
    pub fn runs(&self, offered: &Self) -> bool {
        self.os == offered.os && self.architecture == offered.architecture && self.level() >= offered.level()
    }

    /// Not known: how attestations are listed in an index.
    pub(super) fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }

    /// Later levels of an architecture run what was built for earlier ones.
    fn level(&self) -> u32 {
        let written = self.variant.as_deref().and_then(|variant| variant.strip_prefix('v')?.parse().ok());
        let usual = match self.architecture.as_str() {
            "arm" => 7,
            "arm64" => 8,
            _ => 1,
        };
        written.unwrap_or(usual)
    }
}

impl FromStr for Platform {
    type Err = NotAPlatform;

    fn from_str(text: &str) -> Result<Self, NotAPlatform> {
        let text = text.trim().to_ascii_lowercase();
        let words: Vec<&str> = text.split('/').collect();
        let plain = |word: &&str| {
            (1..=32).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        let platform = match words.as_slice() {
            [os, architecture] if words.iter().all(plain) => Self::of(os, architecture, ""),
            [os, architecture, variant] if words.iter().all(plain) => Self::of(os, architecture, variant),
            _ => return Err(NotAPlatform),
        };
        // Measured as it is printed: a number gets its `v`.
        let fits = platform.variant.as_ref().is_none_or(|variant| variant.len() <= MAX_VARIANT);
        if fits { Ok(platform) } else { Err(NotAPlatform) }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(formatter, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_where() {
        for (wanted, offered, fits) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v1", true),
            ("linux/amd64", "linux/amd64/v3", false),
            ("linux/amd64/v3", "linux/amd64/v2", true),
            ("linux/amd64", "linux/arm64", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/aarch64", "linux/arm64", true),
            ("linux/arm/v7", "linux/arm/v6", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm64", "linux/arm/v7", false),
        ] {
            let (one, other): (Platform, Platform) = (wanted.parse().unwrap(), offered.parse().unwrap());
            assert_eq!(one.runs(&other), fits, "{wanted} runs {offered}");
        }
    }

    #[test]
    fn a_platform_is_two_or_three_plain_words() {
        assert_eq!("linux/arm64/v8".parse::<Platform>().unwrap().to_string(), "linux/arm64");
        assert_eq!("Linux/ARM/v7".parse::<Platform>().unwrap().to_string(), "linux/arm/v7");
        let overlong = "7cot/777cot/7777777187777718";
        for bad in ["", "linux", "linux/", "/amd64", "linux/amd64/v1/x", "linux/a b", "linux/../x", overlong]
        {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
        for told in ["linux/amd64/1", "linux/arm64/8", "linux/arm/7", "linux/arm/v007"] {
            let platform: Platform = told.parse().unwrap();
            assert_eq!(platform.to_string().parse(), Ok(platform), "{told}");
        }
        assert!(Platform::host().to_string().starts_with("linux/"));
    }
}
