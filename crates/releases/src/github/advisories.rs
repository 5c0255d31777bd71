//! The repository's published security advisories, through REST.

use serde::Deserialize;

use super::failures;
use super::listing::next_of;
use super::pages::Site;
use super::rest::Rest;
use crate::Repo;
use crate::advisory::{Advisory, Vulnerability};
use crate::json::{self, BadAnswer, Items, Loose, Maybe};
use crate::notes;
use crate::outbound::plain;
use crate::source::SourceFailure;

const MAX_PAGES: usize = 3;
const MAX_SUMMARY_CHARS: usize = 300;
const MAX_FIELD_CHARS: usize = 1000;

/// What the list of advisories holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisoriesAnswer {
    /// The same as when the ETag was given out.
    Unchanged,
    /// These.
    List {
        /// Published ones only.
        advisories: Vec<Advisory>,
        /// ETag to send along next time.
        etag: Option<String>,
        /// `false` where the page cap was reached.
        complete: bool,
    },
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    ghsa_id: Loose,
    #[serde(default)]
    cve_id: Loose,
    #[serde(default)]
    html_url: Loose,
    #[serde(default)]
    summary: Loose,
    #[serde(default)]
    severity: Loose,
    #[serde(default)]
    state: Loose,
    #[serde(default)]
    withdrawn_at: Loose,
    #[serde(default)]
    vulnerabilities: Items<Hole>,
}

#[derive(Deserialize)]
struct Hole {
    #[serde(default)]
    package: Maybe<Package>,
    #[serde(default)]
    vulnerable_version_range: Loose,
    #[serde(default)]
    patched_versions: Loose,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    name: Loose,
}

impl Rest {
    /// Lists the repository's published advisories.
    ///
    /// # Errors
    /// A [`SourceFailure`]: what stands behind a failure is unknown, not "no advisory".
    pub async fn published_advisories(
        &self,
        repo: &Repo,
        etag: Option<&str>,
    ) -> Result<AdvisoriesAnswer, SourceFailure> {
        let url = self.config.endpoint(repo, "/security-advisories", Some("state=published&per_page=100"));
        let mut reply = self.get(url, etag).await?;
        if reply.status == 304 && etag.is_some() {
            return Ok(AdvisoriesAnswer::Unchanged);
        }
        let etag = reply.etag();
        let mut advisories = Vec::new();
        for page in 1..=MAX_PAGES {
            match reply.status {
                200 => {}
                404 => return Err(failures::not_found(&reply, repo)),
                _ => return Err(failures::status(&reply)),
            }
            advisories.extend(
                parse_advisories(&reply.body, &self.site)
                    .map_err(|error| failures::bad_answer(&reply, error))?,
            );
            match next_of(&reply) {
                None => return Ok(AdvisoriesAnswer::List { advisories, etag, complete: true }),
                Some(next) if page < MAX_PAGES => reply = self.get(next, None).await?,
                Some(_) => {}
            }
        }
        Ok(AdvisoriesAnswer::List { advisories, etag, complete: false })
    }
}

/// Reads one page of advisories; unpublished ones are left out, withdrawn ones marked.
///
/// # Errors
/// [`BadAnswer`] if it is no list, or if not one entry of it has an identifier.
pub fn parse_advisories(body: &[u8], site: &Site) -> Result<Vec<Advisory>, BadAnswer> {
    let entries = json::list::<Entry>(body)?;
    let any = !entries.is_empty();
    let named: Vec<(String, Entry)> = entries
        .into_iter()
        .filter_map(|entry| entry.0)
        .filter_map(|mut entry| {
            Some((std::mem::take(&mut entry.ghsa_id).text().filter(|id| is_id(id))?, entry))
        })
        .collect();
    if any && named.is_empty() {
        return Err(BadAnswer::Missing("ghsa_id"));
    }
    let published =
        |entry: &Entry| entry.state.as_text().is_none_or(|state| matches!(state, "published" | "withdrawn"));
    Ok(named
        .into_iter()
        .filter(|(_, entry)| published(entry))
        .map(|(id, entry)| advisory(id, entry, site))
        .collect())
}

fn advisory(id: String, entry: Entry, site: &Site) -> Advisory {
    let withdrawn = entry.withdrawn_at.as_text().is_some() || entry.state.as_text() == Some("withdrawn");
    Advisory {
        id,
        cve: entry.cve_id.text().filter(|cve| is_id(cve)),
        severity: entry.severity.as_text().map(plain),
        summary: entry
            .summary
            .as_text()
            .map_or_else(String::new, |text| notes::one_line(text, MAX_SUMMARY_CHARS)),
        url: site.own(entry.html_url.as_text()),
        withdrawn,
        vulnerabilities: entry.vulnerabilities.0.into_iter().map(vulnerability).collect(),
    }
}

fn vulnerability(hole: Hole) -> Vulnerability {
    let line = |text: &str| notes::one_line(text, MAX_FIELD_CHARS);
    Vulnerability {
        package: hole.package.0.and_then(|package| package.name.as_text().map(line)),
        range: hole.vulnerable_version_range.as_text().map_or_else(String::new, line),
        patched: hole.patched_versions.as_text().map(line),
    }
}

/// `GHSA-…` or `CVE-…`: letters, digits and hyphens.
fn is_id(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Advisory>, BadAnswer> {
        parse_advisories(body.as_bytes(), &Site::new("https://github.com".parse().unwrap()))
    }

    #[test]
    fn advisories_are_read_and_odd_ones_left_out() {
        let body = r#"[
            {"ghsa_id":"GHSA-aaaa-bbbb-cccc","cve_id":null,"severity":"high","summary":"a\nb","state":"published",
             "html_url":"https://github.com/o/r/security/advisories/GHSA-aaaa-bbbb-cccc","withdrawn_at":null,
             "vulnerabilities":[{"package":{"ecosystem":"go","name":"x"},"vulnerable_version_range":"< 1.2.3","patched_versions":"1.2.3"},null]},
            {"ghsa_id":"GHSA-dddd-eeee-ffff","withdrawn_at":"2026-01-01T00:00:00Z","vulnerabilities":null},
            {"ghsa_id":"GHSA-1111-2222-3333","state":"draft"}, {"ghsa_id":"../x"}, 7]"#;
        let found = read(body).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].summary, "a b");
        assert_eq!(found[0].vulnerabilities[0].range, "< 1.2.3");
        assert_eq!(found[0].vulnerabilities[0].package.as_deref(), Some("x"));
        assert!(found[1].withdrawn && !found[0].withdrawn);
    }

    #[test]
    fn a_list_without_identifiers_is_no_answer() {
        assert_eq!(read(r#"[{"id":1}]"#), Err(BadAnswer::Missing("ghsa_id")));
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read("{}"), Err(BadAnswer::NotAList));
    }
}
