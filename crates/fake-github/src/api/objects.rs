//! The JSON objects of the API: repositories, users, releases, assets, commits.

use serde_json::{Map, Value, json};

use super::route::Asked;
use crate::commit::Commit;
use crate::repo::{Release, Repo};
use crate::shared::Site;
use crate::text::{object_id, segment};

/// Something that looks like one of GitHub's global ids.
pub(crate) fn node_id(kind: &str, id: u64) -> String {
    format!("{kind}_kwDO{}", &object_id(&[kind, &id.to_string()])[..20])
}

/// Where an asset is downloaded.
pub(crate) fn download_url(site: &Site, repo: &Repo, tag: &str, name: &str) -> String {
    format!("{}/{}/releases/download/{}/{}", site.web, repo.full_name(), segment(tag), segment(name))
}

pub(super) fn user(site: &Site, login: &str) -> Value {
    let id = u64::from(login.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())));
    let api = format!("{}/users/{login}", site.api);
    json!({
        "login": login,
        "id": id,
        "node_id": node_id("U", id),
        "avatar_url": format!("{}/{login}.png", site.web),
        "gravatar_id": "",
        "url": api,
        "html_url": format!("{}/{login}", site.web),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": "User",
        "user_view_type": "public",
        "site_admin": false,
    })
}

pub(super) fn repository(asked: &Asked<'_>, repo: &Repo) -> Value {
    let html = format!("{}/{}", asked.site.web, repo.full_name());
    let base = &asked.base;
    json!({
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name(),
        "private": repo.private,
        "owner": user(asked.site, &repo.owner),
        "html_url": html,
        "description": format!("{} does one thing well", repo.name),
        "fork": false,
        "url": base,
        "branches_url": format!("{base}/branches{{/branch}}"),
        "tags_url": format!("{base}/tags"),
        "commits_url": format!("{base}/commits{{/sha}}"),
        "compare_url": format!("{base}/compare/{{base}}...{{head}}"),
        "releases_url": format!("{base}/releases{{/id}}"),
        "created_at": "2025-03-02T08:00:00Z",
        "updated_at": "2026-01-20T08:00:00Z",
        "pushed_at": "2026-01-20T08:00:00Z",
        "git_url": format!("git://{}.git", html.split_once("://").map_or(html.as_str(), |(_, rest)| rest)),
        "clone_url": format!("{html}.git"),
        "homepage": Value::Null,
        "size": 1204,
        "stargazers_count": 42,
        "watchers_count": 42,
        "language": "Rust",
        "has_issues": true,
        "forks_count": 3,
        "archived": repo.archived,
        "disabled": false,
        "open_issues_count": 5,
        "license": { "key": "mit", "name": "MIT License", "spdx_id": "MIT",
                     "url": format!("{}/licenses/mit", asked.site.api), "node_id": "MDc6TGljZW5zZTEz" },
        "visibility": if repo.private { "private" } else { "public" },
        "forks": 3,
        "open_issues": 5,
        "watchers": 42,
        "default_branch": repo.default_branch,
        "temp_clone_token": Value::Null,
        "network_count": 3,
        "subscribers_count": 4,
    })
}

/// A release's object, or what a test put in its place.
pub(super) fn release(asked: &Asked<'_>, repo: &Repo, release: &Release) -> Value {
    let what = &release.what;
    if let Some(raw) = &what.raw {
        return raw.clone();
    }
    let own = format!("{}/releases/{}", asked.base, release.id);
    let web = format!("{}/{}", asked.site.web, repo.full_name());
    let tag = segment(&what.tag);
    let uploads = format!("{}/repos/{}/releases/{}", asked.site.api, repo.full_name(), release.id);
    let mut object = json!({
        "url": own,
        "assets_url": format!("{own}/assets"),
        "upload_url": format!("{uploads}/assets{{?name,label}}"),
        "html_url": format!("{web}/releases/tag/{tag}"),
        "id": release.id,
        "author": user(asked.site, &repo.owner),
        "node_id": node_id("RE", release.id),
        "tag_name": what.tag,
        "target_commitish": what.target.as_deref().unwrap_or(&repo.default_branch),
        "name": what.title.as_deref().unwrap_or(&what.tag),
        "draft": what.draft,
        "immutable": what.immutable,
        "prerelease": what.prerelease,
        "created_at": release.created,
        "updated_at": release.published,
        "published_at": release.published,
        "assets": assets(asked, repo, release),
        "tarball_url": format!("{}/tarball/{tag}", asked.base),
        "zipball_url": format!("{}/zipball/{tag}", asked.base),
        "body": what.notes,
    });
    if let Some(fields) = object.as_object_mut() {
        for (name, value) in &what.fields {
            match value {
                Some(value) => fields.insert(name.clone(), value.clone()),
                None => fields.remove(name),
            };
        }
    }
    object
}

pub(super) fn assets(asked: &Asked<'_>, repo: &Repo, release: &Release) -> Vec<Value> {
    let assets = release.what.assets.iter().enumerate().map(|(index, asset)| {
        let id = release.first_asset_id + index as u64;
        json!({
            "url": format!("{}/releases/assets/{id}", asked.base),
            "id": id,
            "node_id": node_id("RA", id),
            "name": asset.name,
            "label": "",
            "uploader": user(asked.site, &repo.owner),
            "content_type": content_type(&asset.name),
            "state": "uploaded",
            "size": asset.bytes.len(),
            "digest": format!("sha256:{}", asset.sha256),
            "download_count": 12,
            "created_at": release.published,
            "updated_at": release.published,
            "browser_download_url": download_url(asked.site, repo, &release.what.tag, &asset.name),
        })
    });
    assets.collect()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => "application/json",
        Some("gz") => "application/gzip",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

pub(super) fn commit(asked: &Asked<'_>, repo: &Repo, commit: &Commit) -> Value {
    let sha = &commit.sha;
    let html = format!("{}/{}/commit", asked.site.web, repo.full_name());
    let signed = json!({ "name": commit.author, "email": "mona@users.noreply.example", "date": commit.at });
    let parents: Vec<Value> = commit
        .parent
        .iter()
        .map(|parent| {
            json!({ "sha": parent, "url": format!("{}/commits/{parent}", asked.base),
                    "html_url": format!("{html}/{parent}") })
        })
        .collect();
    json!({
        "sha": sha,
        "node_id": node_id("C", repo.id),
        "commit": {
            "author": signed,
            "committer": signed,
            "message": commit.message,
            "tree": { "sha": object_id(&["tree", sha]),
                      "url": format!("{}/git/trees/{}", asked.base, object_id(&["tree", sha])) },
            "url": format!("{}/git/commits/{sha}", asked.base),
            "comment_count": 0,
            "verification": { "verified": false, "reason": "unsigned", "signature": Value::Null,
                              "payload": Value::Null, "verified_at": Value::Null },
        },
        "url": format!("{}/commits/{sha}", asked.base),
        "html_url": format!("{html}/{sha}"),
        "comments_url": format!("{}/commits/{sha}/comments", asked.base),
        "author": user(asked.site, &repo.owner),
        "committer": user(asked.site, &repo.owner),
        "parents": parents,
    })
}

/// What only the object of a single commit has.
pub(super) fn with_files(mut commit: Value) -> Value {
    if let Some(fields) = commit.as_object_mut() {
        let more: Map<String, Value> = [
            ("stats".to_owned(), json!({ "total": 3, "additions": 2, "deletions": 1 })),
            ("files".to_owned(), json!([])),
        ]
        .into_iter()
        .collect();
        fields.extend(more);
    }
    commit
}
