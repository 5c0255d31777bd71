//! Reading a page of `GET /repos/{owner}/{name}/tags`, for repositories that have no releases.

use serde::Deserialize;

use super::pages::Site;
use super::releases::Page;
use crate::json::{self, BadAnswer, Loose};
use crate::repo::is_ref_name;
use crate::{Release, Repo, Version};

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: Loose,
}

/// Reads one page; tags that are no versions are left out.
///
/// # Errors
/// [`BadAnswer`] if it is no list, or if not one entry of it has a name.
pub fn parse_tags(body: &[u8], site: &Site, repo: &Repo) -> Result<Page, BadAnswer> {
    let entries = json::list::<Entry>(body)?;
    let listed = entries.len();
    let names: Vec<String> =
        entries.into_iter().filter_map(|entry| entry.0).filter_map(|entry| entry.name.text()).collect();
    if names.is_empty() && listed > 0 {
        return Err(BadAnswer::Missing("name"));
    }
    let releases = names.into_iter().filter_map(|tag| from_tag(tag, site, repo)).collect();
    Ok(Page { releases, listed, repo: None })
}

/// A release of which only the tag is known, if the tag is a version.
pub(super) fn from_tag(tag: String, site: &Site, repo: &Repo) -> Option<Release> {
    let version = Version::parse(&tag).ok().filter(|_| is_ref_name(&tag))?;
    Some(Release { url: Some(site.release(repo, &tag)), ..Release::from_tag(tag, version) })
}
