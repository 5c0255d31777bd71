//! The release asset `upgrade.json`, from the web site.

use bytes::Bytes;
use contract::ErrorCode;

use super::failures;
use super::pages::segment;
use super::rest::Rest;
use crate::Repo;
use crate::manifest::MAX_BYTES;
use crate::outbound::{Ask, Lane, Redirects};
use crate::repo::is_ref_name;
use crate::source::SourceFailure;

/// Where the web site keeps the assets themselves.
const ASSET_HOSTS: &[&str] = &["objects.githubusercontent.com", "release-assets.githubusercontent.com"];

impl Rest {
    /// Fetches a release's `upgrade.json`; what it means is the manifest's business.
    ///
    /// # Errors
    /// A [`SourceFailure`]; `NotFound` if the release has none.
    pub async fn upgrade_manifest(&self, repo: &Repo, tag: &str) -> Result<Bytes, SourceFailure> {
        if !is_ref_name(tag) {
            return Err(SourceFailure::new(ErrorCode::Parse, "the tag is no safe reference name"));
        }
        if self.config.web_url.is_none() {
            return Err(SourceFailure::new(
                ErrorCode::NotFound,
                "upgrade.json is on the web site, which is switched off",
            ));
        }
        let url = self.site.page(repo, &format!("/releases/download/{}/upgrade.json", segment(tag)));
        let ask = Ask::get(Lane::Web, url).redirects(Redirects::Follow { allow: ASSET_HOSTS }).cap(MAX_BYTES);
        let reply = self.outbound.send(ask).await?;
        match reply.status {
            200 => Ok(reply.body),
            404 => {
                let message = format!("{}: {repo} has no upgrade.json for {tag}", failures::host(&reply));
                Err(SourceFailure::new(ErrorCode::NotFound, message))
            }
            _ => Err(failures::status(&reply)),
        }
    }
}
