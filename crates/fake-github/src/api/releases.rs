//! Releases and tags.

use hyper::http::request::Parts;
use serde_json::{Value, json};

use super::page::Paging;
use super::route::Asked;
use super::{Page, Reply, accepts, not_found, objects};
use crate::answer::Answer;
use crate::repo::{Release, Repo};
use crate::text::segment;

pub(super) fn list(asked: &Asked<'_>, repo: &Repo) -> Page {
    let shown = repo.published();
    let paging = Paging::of(asked.query);
    let rows: Vec<Value> =
        paging.cut(&shown).iter().map(|release| objects::release(asked, repo, release)).collect();
    Page::json(&Value::Array(rows)).with_link(&paging.link(shown.len(), &asked.address, asked.query))
}

/// `latest`, `tags/TAG`, `ID`, `ID/assets`, `assets/ID`.
pub(super) fn one(asked: &Asked<'_>, repo: &mut Repo, wanted: &str, parts: &Parts, key: &str) -> Reply {
    if let Some(id) = wanted.strip_prefix("assets/") {
        return asset(asked, repo, id, parts);
    }
    if let Some(id) = wanted.strip_suffix("/assets") {
        return match by_id(repo, id) {
            Some(release) => {
                let assets = objects::assets(asked, repo, release);
                Reply::Page(std::sync::Arc::new(Page::json(&Value::Array(assets))))
            }
            None => Reply::Answer(not_found()),
        };
    }
    let found = match wanted.strip_prefix("tags/") {
        Some(tag) => repo.release(tag),
        None if wanted == "latest" => repo.latest(),
        None => by_id(repo, wanted),
    };
    let Some(tag) = found.map(|release| release.what.tag.clone()) else {
        return Reply::Answer(not_found());
    };
    Reply::Page(repo.page(key, |repo| {
        Page::json(&repo.release(&tag).map_or(Value::Null, |release| objects::release(asked, repo, release)))
    }))
}

fn by_id<'a>(repo: &'a Repo, id: &str) -> Option<&'a Release> {
    let id: u64 = id.parse().ok()?;
    repo.releases.iter().find(|release| release.id == id && !release.what.draft)
}

/// The asset's object, or the way to its bytes.
fn asset(asked: &Asked<'_>, repo: &Repo, id: &str, parts: &Parts) -> Reply {
    let wanted: Option<u64> = id.parse().ok();
    for release in repo.releases.iter().filter(|release| !release.what.draft) {
        for (index, asset) in release.what.assets.iter().enumerate() {
            if Some(release.first_asset_id + index as u64) != wanted {
                continue;
            }
            if accepts(parts, "application/octet-stream") {
                let place = objects::download_url(asked.site, repo, &release.what.tag, &asset.name);
                return Reply::Answer(Answer::redirect(302, &place));
            }
            let objects = objects::assets(asked, repo, release);
            return Reply::Page(std::sync::Arc::new(Page::json(&objects[index])));
        }
    }
    Reply::Answer(not_found())
}

pub(super) fn tags(asked: &Asked<'_>, repo: &Repo) -> Page {
    let tags = repo.tags_by_name();
    let paging = Paging::of(asked.query);
    let rows = paging.cut(&tags).iter().map(|tag| {
        let name = segment(&tag.name);
        json!({
            "name": tag.name,
            "zipball_url": format!("{}/zipball/refs/tags/{name}", asked.base),
            "tarball_url": format!("{}/tarball/refs/tags/{name}", asked.base),
            "commit": { "sha": tag.sha, "url": format!("{}/commits/{}", asked.base, tag.sha) },
            "node_id": objects::node_id("REF", repo.id),
        })
    });
    let rows = Value::Array(rows.collect());
    Page::json(&rows).with_link(&paging.link(tags.len(), &asked.address, asked.query))
}
