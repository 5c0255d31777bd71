//! The build stamp: which version, commit and day a program was built from.
//!
//! [`emit`] runs in a program's build script, [`crate::build_stamp!`] reads what it left. Build arguments
//! (`VERSION`, `GIT_SHA`, `BUILD_DATE`) come first, then git, then `dev` and `unknown`; nothing here fails a
//! build.

use std::process::Command;

/// Which version, commit and day a program was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildStamp {
    /// The release's version without a leading `v`; `dev` where there is none.
    pub version: &'static str,
    /// The full commit SHA; `unknown` without git.
    pub commit: &'static str,
    /// The day of the build, `YYYY-MM-DD`.
    pub date: &'static str,
}

impl BuildStamp {
    /// The release's version, if this was built from a release.
    #[must_use]
    pub fn release(&self) -> Option<&'static str> {
        (self.version != "dev").then_some(self.version)
    }

    /// The line that `--version` prints, without the program's name.
    #[must_use]
    pub fn line(&self) -> String {
        let commit = self.commit.get(..7).unwrap_or(self.commit);
        match self.release() {
            Some(version) => format!("{version} {commit} ({})", self.date),
            None => format!("{commit} ({})", self.date),
        }
    }
}

/// The stamp of the program whose build script called [`emit`].
#[macro_export]
macro_rules! build_stamp {
    () => {
        $crate::BuildStamp {
            version: env!("STAMP_VERSION"),
            commit: env!("STAMP_COMMIT"),
            date: env!("STAMP_DATE"),
        }
    };
}

/// Prints the stamp for cargo; to be called from a build script.
#[expect(clippy::print_stdout, reason = "how a build script talks to cargo")]
pub fn emit() {
    for name in ["VERSION", "GIT_SHA", "BUILD_DATE", "SOURCE_DATE_EPOCH"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    for path in ["HEAD", "packed-refs"].iter().filter_map(|name| git(&["rev-parse", "--git-path", name])) {
        if std::path::Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    if let Some(path) =
        git(&["symbolic-ref", "HEAD"]).and_then(|head| git(&["rev-parse", "--git-path", &head]))
        && std::path::Path::new(&path).exists()
    {
        println!("cargo:rerun-if-changed={path}");
    }
    let version = argument("VERSION")
        .or_else(|| git(&["describe", "--tags", "--exact-match", "--match", "v[0-9]*"]))
        .unwrap_or_else(|| "dev".into());
    let commit =
        argument("GIT_SHA").or_else(|| git(&["rev-parse", "HEAD"])).unwrap_or_else(|| "unknown".into());
    let date = argument("BUILD_DATE").map(|date| date.chars().take(10).collect()).unwrap_or_else(today);
    println!("cargo:rustc-env=STAMP_VERSION={}", version.strip_prefix('v').unwrap_or(&version));
    println!("cargo:rustc-env=STAMP_COMMIT={commit}");
    println!("cargo:rustc-env=STAMP_DATE={date}");
}

/// A build argument; an empty one counts as absent, because `ARG NAME` without a value gives that.
fn argument(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn today() -> String {
    let now = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| chrono::DateTime::from_timestamp(seconds.parse().ok()?, 0))
        .unwrap_or_else(chrono::Utc::now);
    now.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::BuildStamp;

    #[test]
    fn a_release_prints_version_commit_and_day() {
        let stamp = BuildStamp {
            version: "1.2.3",
            commit: "0123456789abcdef0123456789abcdef01234567",
            date: "2026-01-30",
        };
        assert_eq!(stamp.line(), "1.2.3 0123456 (2026-01-30)");
    }

    #[test]
    fn without_a_release_only_commit_and_day_are_printed() {
        let stamp = BuildStamp { version: "dev", commit: "unknown", date: "2026-01-30" };
        assert_eq!(stamp.line(), "unknown (2026-01-30)");
        assert_eq!(stamp.release(), None);
    }
}
