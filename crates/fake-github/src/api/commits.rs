//! Commits and branches.

use serde_json::{Value, json};

use super::page::Paging;
use super::route::Asked;
use super::{Page, Reply, SHA_TYPE, error, not_found, objects};
use crate::commit::Commit;
use crate::repo::Repo;
use crate::text::parameter;

/// The history of `sha` (a branch, tag or SHA), newest first.
pub(super) fn list(asked: &Asked<'_>, repo: &mut Repo, key: &str) -> Reply {
    let wanted = parameter(asked.query, "sha").filter(|sha| !sha.is_empty());
    let reference = wanted.unwrap_or_else(|| repo.default_branch.clone());
    if repo.branches.is_empty() {
        return Reply::Answer(error(409, "Git Repository is empty.", "/commits/commits#list-commits"));
    }
    let Some(sha) = repo.resolve(&reference) else { return Reply::Answer(not_found()) };
    Reply::Page(repo.page(key, |repo| {
        let history = repo.graph.history(&sha);
        let paging = Paging::of(asked.query);
        let rows = paging.cut(&history).iter().map(|commit| objects::commit(asked, repo, commit));
        Page::json(&Value::Array(rows.collect())).with_link(&paging.link(
            history.len(),
            &asked.address,
            asked.query,
        ))
    }))
}

/// The commit a branch, tag or SHA means; only its SHA where that is accepted.
pub(super) fn one(asked: &Asked<'_>, repo: &mut Repo, reference: &str, raw_sha: bool, key: &str) -> Reply {
    let Some(sha) = repo.resolve(reference) else {
        let message = format!("No commit found for SHA: {reference}");
        return Reply::Answer(error(422, &message, "/commits/commits#get-a-commit"));
    };
    Reply::Page(repo.page(key, |repo| {
        if raw_sha {
            return Page::new(sha.clone(), SHA_TYPE);
        }
        let stand_in = tagged(repo, &sha);
        let commit = repo.graph.get(&sha).unwrap_or(&stand_in);
        Page::json(&objects::with_files(objects::commit(asked, repo, commit)))
    }))
}

/// A commit that only a tag knows of.
fn tagged(repo: &Repo, sha: &str) -> Commit {
    let tag = repo.tags.iter().find(|tag| tag.sha == sha);
    Commit {
        sha: sha.to_owned(),
        parent: None,
        message: tag.map_or_else(String::new, |tag| format!("Release {}", tag.name)),
        at: tag.map_or_else(String::new, |tag| tag.at.clone()),
        author: "Mona Lisa".to_owned(),
    }
}

pub(super) fn branches(asked: &Asked<'_>, repo: &Repo) -> Page {
    let all: Vec<(&String, &String)> = repo.branches.iter().collect();
    let paging = Paging::of(asked.query);
    let rows = paging.cut(&all).iter().map(|(name, sha)| {
        json!({ "name": name, "protected": false,
                "commit": { "sha": sha, "url": format!("{}/commits/{sha}", asked.base) } })
    });
    let rows = Value::Array(rows.collect());
    Page::json(&rows).with_link(&paging.link(all.len(), &asked.address, asked.query))
}

pub(super) fn branch(asked: &Asked<'_>, repo: &mut Repo, name: &str, key: &str) -> Reply {
    let Some(sha) = repo.branches.get(name).cloned() else {
        return Reply::Answer(error(404, "Branch not found", "/branches/branches#get-a-branch"));
    };
    Reply::Page(repo.page(key, |repo| {
        let commit = repo.graph.get(&sha).map(|commit| objects::commit(asked, repo, commit));
        Page::json(&json!({ "name": name, "commit": commit, "protected": false }))
    }))
}
