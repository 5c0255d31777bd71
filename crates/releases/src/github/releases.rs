//! Reading a page of `GET /repos/{owner}/{name}/releases`.

use serde::Deserialize;

use super::pages::Site;
use crate::json::{self, BadAnswer, Items, Loose};
use crate::notes;
use crate::repo::is_ref_name;
use crate::{Release, Repo, Version};

/// Notes of one release are kept up to here; its page has the rest.
pub const MAX_NOTES_BYTES: usize = 64 * 1024;
/// Titles are kept up to here.
pub(super) const MAX_TITLE_CHARS: usize = 300;

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries whose tag is a version.
    pub releases: Vec<Release>,
    /// Entries that are no drafts, versions or not.
    pub listed: usize,
    /// The repository that the entries' pages belong to.
    pub repo: Option<Repo>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    tag_name: Loose,
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    body: Loose,
    #[serde(default)]
    html_url: Loose,
    #[serde(default)]
    published_at: Loose,
    #[serde(default)]
    draft: Loose,
    #[serde(default)]
    prerelease: Loose,
    #[serde(default)]
    immutable: Loose,
    #[serde(default)]
    assets: Items<Asset>,
}

#[derive(Deserialize)]
struct Asset {
    #[serde(default)]
    name: Loose,
}

/// Reads one page; drafts are dropped, entries whose tag is no version left out.
///
/// # Errors
/// [`BadAnswer`] if it is no list, or if not one entry of it has a tag.
pub fn parse_releases(body: &[u8], site: &Site, repo: &Repo) -> Result<Page, BadAnswer> {
    let entries = json::list::<Entry>(body)?;
    let mut page = Page::default();
    let (mut tagged, mut drafts, all) = (0, 0, entries.len());
    for entry in entries.into_iter().filter_map(|entry| entry.0) {
        if entry.draft.truth() == Some(true) {
            drafts += 1;
            continue;
        }
        if page.repo.is_none() {
            let address = entry.html_url.as_text().and_then(|text| site.own(Some(text)));
            page.repo = address.and_then(|text| site.repo_of(&text.parse().ok()?));
        }
        tagged += usize::from(entry.tag_name.as_text().is_some());
        page.releases.extend(release(entry, site, repo));
    }
    if tagged == 0 && all > drafts {
        return Err(BadAnswer::Missing("tag_name"));
    }
    page.listed = all - drafts;
    Ok(page)
}

fn release(entry: Entry, site: &Site, repo: &Repo) -> Option<Release> {
    let tag = entry.tag_name.text().filter(|tag| is_ref_name(tag))?;
    let version = Version::parse(&tag).ok()?;
    let url = site.own(entry.html_url.as_text()).unwrap_or_else(|| site.release(repo, &tag));
    let (notes, notes_truncated) = match entry.body.text() {
        Some(body) if !body.trim().is_empty() => {
            let (notes, cut) = notes::cap(&body, MAX_NOTES_BYTES);
            (Some(notes), cut)
        }
        _ => (None, false),
    };
    Some(Release {
        title: entry.name.as_text().map_or_else(String::new, |name| notes::one_line(name, MAX_TITLE_CHARS)),
        notes,
        notes_truncated,
        url: Some(url),
        published_at: entry.published_at.instant(),
        prerelease: entry.prerelease.truth().unwrap_or(false),
        immutable: entry.immutable.truth(),
        has_manifest: entry.assets.0.iter().any(|asset| asset.name.as_text() == Some("upgrade.json")),
        ..Release::from_tag(tag, version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Page, BadAnswer> {
        let site = Site::new("https://github.com".parse().unwrap());
        parse_releases(body.as_bytes(), &site, &"o/r".parse().unwrap())
    }

    #[test]
    fn odd_entries_are_tolerated() {
        let body = r#"[
            {"tag_name":"v1.0.0","body":null,"id":"77","assets":null,"new_field":{"x":[1]}},
            {"tag_name":"v1.1.0","name":7,"prerelease":"true","html_url":"https://evil.example/x","draft":null},
            {"tag_name":"nightly"}, {"name":"no tag"}, null, 7, {"tag_name":"v9;id"},
            {"tag_name":"v3.0.0","draft":true}
        ]"#;
        let page = read(body).unwrap();
        let tags: Vec<_> = page.releases.iter().map(|release| release.tag.as_str()).collect();
        assert_eq!(tags, ["v1.0.0", "v1.1.0"]);
        assert!(page.releases[1].prerelease);
        assert_eq!(page.releases[1].url.as_deref(), Some("https://github.com/o/r/releases/tag/v1.1.0"));
        assert_eq!(page.listed, 7);
    }

    #[test]
    fn a_list_without_a_single_tag_names_the_missing_field() {
        assert_eq!(read(r#"[{"name":"a"},{"tag":"v1"}]"#), Err(BadAnswer::Missing("tag_name")));
        assert_eq!(read("[null]"), Err(BadAnswer::Missing("tag_name")));
        assert_eq!(read("[]"), Ok(Page::default()));
        assert_eq!(read(r#"[{"draft":true}]"#), Ok(Page::default()));
        assert_eq!(read(r#"{"message":"hi"}"#), Err(BadAnswer::NotAList));
        assert_eq!(read("<html>"), Err(BadAnswer::NotJson));
    }

    #[test]
    fn everything_that_is_known_is_kept() {
        let body = format!(
            r#"[{{"tag_name":"v1.2.0-rc.1","name":"One\u001b[31m two","body":"{}","html_url":"https://github.com/new/name/releases/tag/v1.2.0-rc.1",
            "published_at":"2026-01-29T09:00:00Z","prerelease":true,"immutable":true,"assets":[{{"name":"upgrade.json"}}]}}]"#,
            "x".repeat(MAX_NOTES_BYTES + 5)
        );
        let page = read(&body).unwrap();
        let release = &page.releases[0];
        assert_eq!(page.repo.as_ref().unwrap().to_string(), "new/name");
        assert_eq!(release.title, "One two");
        assert_eq!(release.notes.as_ref().unwrap().len(), MAX_NOTES_BYTES);
        assert!(release.notes_truncated && release.prerelease && release.has_manifest);
        assert_eq!(release.immutable, Some(true));
        assert_eq!(release.published_at.unwrap().to_rfc3339(), "2026-01-29T09:00:00+00:00");
    }
}
