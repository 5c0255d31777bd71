//! Which repository and which of its pages a path of the API means.

use std::sync::Arc;

use hyper::http::request::Parts;
use serde_json::json;

use super::{Page, Reply, accepts, advisories, commits, compare, error, not_found, objects, reads, releases};
use crate::answer::Answer;
use crate::quota::Caller;
use crate::repo::Repo;
use crate::shared::{Shared, Site};
use crate::text::decoded;
use crate::world::{Found, World};

/// What a route works with.
pub(super) struct Asked<'a> {
    pub(super) site: &'a Site,
    /// Of the repository: `https://api…/repos/octo/app`.
    pub(super) base: String,
    /// As in `Link` headers: `https://api…/repositories/ID/…`, without the query.
    pub(super) address: String,
    pub(super) query: &'a str,
}

pub(super) fn find(shared: &Shared, parts: &Parts, caller: &Caller) -> Reply {
    if !reads(&parts.method) {
        return Reply::Answer(not_found());
    }
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    if path == "/" {
        return Reply::Page(Arc::new(Page::json(&root(&shared.site))));
    }
    let mut world = shared.world();
    let (id, rest) = match locate(&world, path) {
        Located::Here(id, rest) => (id, rest),
        Located::Moved(id, rest) => return Reply::Answer(moved(&shared.site, id, rest, query)),
        Located::Nothing => return Reply::Answer(not_found()),
    };
    match world.repo_mut(id) {
        Some(repo) if !repo.private || matches!(caller, Caller::Token(_)) => {
            in_repo(&shared.site, repo, rest, query, parts)
        }
        _ => Reply::Answer(not_found()),
    }
}

enum Located<'a> {
    Here(u64, &'a str),
    Moved(u64, &'a str),
    Nothing,
}

fn locate<'a>(world: &World, path: &'a str) -> Located<'a> {
    if let Some(tail) = path.strip_prefix("/repositories/") {
        let (id, rest) = tail.split_once('/').unwrap_or((tail, ""));
        return id.parse().map_or(Located::Nothing, |id| Located::Here(id, rest));
    }
    let Some(tail) = path.strip_prefix("/repos/") else { return Located::Nothing };
    let mut words = tail.splitn(3, '/');
    let (Some(owner), Some(name)) = (words.next(), words.next()) else { return Located::Nothing };
    let rest = words.next().unwrap_or_default();
    match world.find(owner, name) {
        Found::Here(id) => Located::Here(id, rest),
        Found::Moved(id) => Located::Moved(id, rest),
        Found::Nothing => Located::Nothing,
    }
}

/// The answer under a former name.
fn moved(site: &Site, id: u64, rest: &str, query: &str) -> Answer {
    let slash = if rest.is_empty() { "" } else { "/" };
    let mark = if query.is_empty() { "" } else { "?" };
    let address = format!("{}/repositories/{id}{slash}{rest}{mark}{query}", site.api);
    let body = json!({
        "message": "Moved Permanently",
        "url": address,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    Answer::json(301, &body).with("location", &address)
}

fn in_repo(site: &Site, repo: &mut Repo, rest: &str, query: &str, parts: &Parts) -> Reply {
    let asked = Asked {
        site,
        base: format!("{}/repos/{}", site.api, repo.full_name()),
        address: format!("{}/repositories/{}/{rest}", site.api, repo.id),
        query,
    };
    let (first, more) = rest.split_once('/').unwrap_or((rest, ""));
    let more = decoded(more);
    let raw_sha = first == "commits" && accepts(parts, "application/vnd.github.sha");
    let key = format!("{rest}?{query}{}", if raw_sha { " sha" } else { "" });
    let page = |repo: &mut Repo, render: &dyn Fn(&Repo) -> Page| Reply::Page(repo.page(&key, render));
    match (first, more.as_str()) {
        ("", "") => page(repo, &|repo| Page::json(&objects::repository(&asked, repo))),
        ("releases", "") => page(repo, &|repo| releases::list(&asked, repo)),
        ("releases", wanted) => releases::one(&asked, repo, wanted, parts, &key),
        ("tags", "") => page(repo, &|repo| releases::tags(&asked, repo)),
        ("commits", "") => commits::list(&asked, repo, &key),
        ("commits", reference) => commits::one(&asked, repo, reference, raw_sha, &key),
        ("branches", "") => page(repo, &|repo| commits::branches(&asked, repo)),
        ("branches", branch) => commits::branch(&asked, repo, branch, &key),
        ("compare", basehead) => compare::compare(&asked, repo, basehead, &key),
        ("security-advisories", "") => advisories::list(&asked, repo, &key),
        _ => Reply::Answer(error(404, "Not Found", "")),
    }
}

fn root(site: &Site) -> serde_json::Value {
    json!({
        "rate_limit_url": format!("{}/rate_limit", site.api),
        "repository_url": format!("{}/repos/{{owner}}/{{repo}}", site.api),
    })
}
