//! What lies between two commits.

use serde_json::{Value, json};

use super::page::Paging;
use super::route::Asked;
use super::{Page, Reply, error, objects};
use crate::commit::Between;
use crate::repo::Repo;

/// How many commits are shown to those who do not ask for pages.
const WITHOUT_PAGES: usize = 250;
const DOCUMENTATION: &str = "/commits/commits#compare-two-commits";

/// `BASE...HEAD`: branches, tags or SHAs.
pub(super) fn compare(asked: &Asked<'_>, repo: &mut Repo, basehead: &str, key: &str) -> Reply {
    let missing = || Reply::Answer(error(404, "Not Found", DOCUMENTATION));
    let Some((base, head)) = basehead.split_once("...") else { return missing() };
    let (Some(base_sha), Some(head_sha)) = (repo.resolve(base), repo.resolve(head)) else { return missing() };
    if repo.graph.get(&base_sha).is_none() || repo.graph.get(&head_sha).is_none() {
        return missing();
    }
    let Some(between) = repo.graph.between(&base_sha, &head_sha) else {
        let message = format!("No common ancestor between {base} and {head}.");
        return Reply::Answer(error(404, &message, DOCUMENTATION));
    };
    Reply::Page(repo.page(key, |repo| render(asked, repo, basehead, &base_sha, &between)))
}

fn render(asked: &Asked<'_>, repo: &Repo, basehead: &str, base_sha: &str, between: &Between) -> Page {
    let ahead = &between.ahead;
    let status = match (ahead.len(), between.behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let paging = Paging::of(asked.query);
    let (shown, link) = if paging.asked {
        (paging.cut(ahead), paging.link(ahead.len(), &asked.address, asked.query))
    } else {
        (&ahead[ahead.len().saturating_sub(WITHOUT_PAGES)..], String::new())
    };
    let object = |sha: &str| repo.graph.get(sha).map(|commit| objects::commit(asked, repo, commit));
    let commits: Vec<Value> = shown.iter().filter_map(|sha| object(sha)).collect();
    let html = format!("{}/{}/compare/{basehead}", asked.site.web, repo.full_name());
    let head_sha = ahead.last().unwrap_or(&between.merge_base);
    Page::json(&json!({
        "url": format!("{}/compare/{basehead}", asked.base),
        "html_url": html,
        "permalink_url": format!("{}/{}/compare/{}:{}...{}:{}", asked.site.web, repo.full_name(), repo.owner,
                                 &base_sha[..7.min(base_sha.len())], repo.owner, &head_sha[..7.min(head_sha.len())]),
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": object(base_sha),
        "merge_base_commit": object(&between.merge_base),
        "status": status,
        "ahead_by": ahead.len(),
        "behind_by": between.behind,
        "total_commits": ahead.len(),
        "commits": commits,
        "files": [],
    }))
    .with_link(&link)
}
