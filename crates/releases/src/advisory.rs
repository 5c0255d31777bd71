//! Does a published advisory hold the running version, how bad is it, and where does it end?
//!
//! Ranges are free text of the maintainers. One that cannot be read matches nothing, and makes the verdict
//! "not known" instead of "not affected".

mod range;
#[cfg(test)]
mod tests;

use contract::AdvisoryNotice;
use serde::{Deserialize, Serialize};

use crate::{Version, notes};
use range::Range;

const MAX_SUMMARY_CHARS: usize = 300;

/// One published security advisory of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// GitHub's identifier (`GHSA-…`).
    pub id: String,
    /// The CVE number, if one was assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cve: Option<String>,
    /// As upstream gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// One line. Hostile text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Taken back by its publisher: never counts.
    #[serde(default)]
    pub withdrawn: bool,
    /// What is vulnerable.
    #[serde(default)]
    pub vulnerabilities: Vec<Vulnerability>,
}

/// One vulnerable range of one package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// The package it is about, if the repository has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// `>= 1.0.0, < 1.2.3` and the like.
    #[serde(default)]
    pub range: String,
    /// The first patched version, or several for several lines, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patched: Option<String>,
}

/// What the advisories say of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assessment {
    /// `None` if no advisory certainly holds the version and a range could not be read.
    pub affected: Option<bool>,
    /// The highest severity among `notices`: `low`, `medium`, `high`, `critical`.
    pub severity: Option<String>,
    /// The advisories that hold the version, the most severe first.
    pub notices: Vec<AdvisoryNotice>,
}

/// What the advisories say of `version`.
#[must_use]
pub fn assess(advisories: &[Advisory], version: &Version) -> Assessment {
    let verdicts: Vec<(&Advisory, Verdict)> = advisories
        .iter()
        .filter(|advisory| !advisory.withdrawn)
        .map(|advisory| (advisory, advisory.verdict(version)))
        .collect();
    let mut found: Vec<(usize, AdvisoryNotice)> =
        verdicts.iter().filter_map(|(advisory, verdict)| verdict.notice(advisory)).collect();
    found.sort_by(|(a_rank, a), (b_rank, b)| b_rank.cmp(a_rank).then_with(|| a.id.cmp(&b.id)));
    let uncertain = verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Uncertain);
    let affected = if found.is_empty() && uncertain { None } else { Some(!found.is_empty()) };
    let notices: Vec<AdvisoryNotice> = found.into_iter().map(|(_, notice)| notice).collect();
    Assessment { affected, severity: notices.first().and_then(|notice| notice.severity.clone()), notices }
}

/// What one advisory says of one version.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Clear,
    Uncertain,
    Affected { fixed_in: Option<Version> },
}

impl Advisory {
    fn verdict(&self, version: &Version) -> Verdict {
        let all: Vec<Verdict> =
            self.vulnerabilities.iter().map(|vulnerability| vulnerability.verdict(version)).collect();
        if all.is_empty() {
            return Verdict::Uncertain;
        }
        let uncertain = all.contains(&Verdict::Uncertain);
        let fixes: Vec<Option<Version>> = all
            .into_iter()
            .filter_map(|verdict| match verdict {
                Verdict::Affected { fixed_in } => Some(fixed_in),
                Verdict::Clear | Verdict::Uncertain => None,
            })
            .collect();
        match (fixes.is_empty(), uncertain) {
            (true, true) => Verdict::Uncertain,
            (true, false) => Verdict::Clear,
            // Every hole must be closed: without a fix for one of them there is none.
            (false, _) => Verdict::Affected {
                fixed_in: fixes.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max()),
            },
        }
    }
}

impl Vulnerability {
    fn verdict(&self, version: &Version) -> Verdict {
        let patched = self.patched_versions();
        if is_patched(version, &patched) {
            return Verdict::Clear;
        }
        let Some(range) = Range::parse(&self.range) else { return Verdict::Uncertain };
        if !range.contains(version) {
            return Verdict::Clear;
        }
        let first_above = patched.into_iter().filter(|fix| fix > version && !range.contains(fix)).min();
        Verdict::Affected { fixed_in: first_above.or_else(|| range.end_above(version)) }
    }

    /// Sorted; what is no version among them is left out.
    fn patched_versions(&self) -> Vec<Version> {
        let text = self.patched.as_deref().unwrap_or_default();
        let word = |word: &str| Version::parse(word.trim_start_matches(['>', '=', '^', '~'])).ok();
        let mut versions: Vec<Version> =
            text.split([',', ' ', '|']).filter(|piece| !piece.is_empty()).take(50).filter_map(word).collect();
        versions.sort();
        versions
    }
}

/// A fix clears its own line (1.1.9 clears 1.1.10, not 1.2.0); the highest fix clears everything above it, also
/// where the range forgot to end.
fn is_patched(version: &Version, patched: &[Version]) -> bool {
    let same_line = |fix: &&Version| {
        let (fix, own) = (fix.to_semver(), version.to_semver());
        (fix.major, fix.minor) == (own.major, own.minor)
    };
    patched.last().is_some_and(|highest| version >= highest)
        || patched.iter().filter(same_line).any(|fix| version >= fix)
}

impl Verdict {
    /// With the rank to sort by.
    fn notice(&self, advisory: &Advisory) -> Option<(usize, AdvisoryNotice)> {
        let Self::Affected { fixed_in } = self else { return None };
        let (rank, severity) = severity(advisory.severity.as_deref());
        let notice = AdvisoryNotice {
            id: notes::one_line(&advisory.id, 40),
            cve: advisory.cve.as_deref().map(|cve| notes::one_line(cve, 40)),
            severity: severity.map(str::to_owned),
            summary: notes::one_line(&advisory.summary, MAX_SUMMARY_CHARS),
            url: advisory.url.clone(),
            fixed_in: fixed_in.as_ref().map(Version::to_string),
        };
        Some((rank, notice))
    }
}

fn severity(text: Option<&str>) -> (usize, Option<&'static str>) {
    match text.map(str::to_ascii_lowercase).as_deref() {
        Some("critical") => (4, Some("critical")),
        Some("high") => (3, Some("high")),
        Some("medium" | "moderate") => (2, Some("medium")),
        Some("low") => (1, Some("low")),
        _ => (0, None),
    }
}
