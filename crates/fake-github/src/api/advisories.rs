//! Published security advisories, paged by cursor.

use serde_json::{Value, json};

use super::page::with_parameter;
use super::route::Asked;
use super::{Page, Reply, error, objects};
use crate::advisory::{NewAdvisory, Vulnerability};
use crate::repo::{Advisory, Repo};
use crate::text::{object_id, parameter};

/// Newest first. Only published ones are shown to those who do not own the repository.
pub(super) fn list(asked: &Asked<'_>, repo: &mut Repo, key: &str) -> Reply {
    let state = parameter(asked.query, "state");
    if state.as_deref().is_some_and(|state| !["published", "triage", "draft", "closed"].contains(&state)) {
        return Reply::Answer(error(422, "Validation Failed", "/security-advisories/repository-advisories"));
    }
    let others = state.as_deref().is_some_and(|state| state != "published");
    Reply::Page(repo.page(key, |repo| {
        let mut shown: Vec<&Advisory> = if others { Vec::new() } else { repo.advisories.iter().collect() };
        shown.sort_by(|one, other| other.published.cmp(&one.published));
        render(asked, repo, &shown)
    }))
}

fn render(asked: &Asked<'_>, repo: &Repo, shown: &[&Advisory]) -> Page {
    let size = parameter(asked.query, "per_page").and_then(|size| size.parse::<usize>().ok());
    let size = size.filter(|size| *size > 0).unwrap_or(30).min(100);
    let place = |name| {
        let cursor = parameter(asked.query, name)?;
        shown.iter().position(|advisory| cursor_of(advisory) == cursor)
    };
    let (start, end) = match (place("after"), place("before")) {
        (Some(last), _) => (last + 1, (last + 1 + size).min(shown.len())),
        (None, Some(first)) => (first.saturating_sub(size), first),
        (None, None) => (0, size.min(shown.len())),
    };
    let rows = shown[start..end].iter().map(|advisory| object(asked, repo, advisory));
    let rows = Value::Array(rows.collect());
    let mut links = Vec::new();
    let bare = without(&without(asked.query, "after"), "before");
    let mut link = |name: &str, advisory: &Advisory, relation: &str| {
        let query = with_parameter(&bare, name, &cursor_of(advisory));
        links.push(format!("<{}?{query}>; rel=\"{relation}\"", asked.address));
    };
    if end < shown.len() && end > start {
        link("after", shown[end - 1], "next");
    }
    if start > 0 && end > start {
        link("before", shown[start], "prev");
    }
    Page::json(&rows).with_link(&links.join(", "))
}

fn without(query: &str, name: &str) -> String {
    let kept = query.split('&').filter(|pair| pair.split_once('=').map_or(*pair, |(key, _)| key) != name);
    kept.collect::<Vec<_>>().join("&")
}

/// Opaque to clients.
fn cursor_of(advisory: &Advisory) -> String {
    format!("Y3Vyc29yOnYyOpK5{}", &object_id(&["cursor", &advisory.what.ghsa_id])[..16])
}

fn object(asked: &Asked<'_>, repo: &Repo, advisory: &Advisory) -> Value {
    let NewAdvisory { ghsa_id, cve_id, summary, description, severity, withdrawn, .. } = &advisory.what;
    let mut identifiers = vec![json!({ "type": "GHSA", "value": ghsa_id })];
    identifiers.extend(cve_id.iter().map(|cve| json!({ "type": "CVE", "value": cve })));
    let vulnerabilities: Vec<Value> = advisory.what.vulnerabilities.iter().map(vulnerability).collect();
    json!({
        "ghsa_id": ghsa_id,
        "cve_id": cve_id,
        "url": format!("{}/security-advisories/{ghsa_id}", asked.base),
        "html_url": format!("{}/{}/security/advisories/{ghsa_id}", asked.site.web, repo.full_name()),
        "summary": summary,
        "description": description,
        "severity": severity,
        "author": Value::Null,
        "publisher": objects::user(asked.site, &repo.owner),
        "identifiers": identifiers,
        "state": "published",
        "created_at": Value::Null,
        "updated_at": advisory.published,
        "published_at": advisory.published,
        "closed_at": Value::Null,
        "withdrawn_at": withdrawn,
        "submission": Value::Null,
        "vulnerabilities": vulnerabilities,
        "cvss_severities": { "cvss_v3": { "vector_string": Value::Null, "score": Value::Null },
                             "cvss_v4": { "vector_string": Value::Null, "score": Value::Null } },
        "cvss": { "vector_string": Value::Null, "score": Value::Null },
        "cwes": [{ "cwe_id": "CWE-200", "name": "Exposure of Sensitive Information to an Unauthorized Actor" }],
        "cwe_ids": ["CWE-200"],
        "credits": [],
        "credits_detailed": [],
        "collaborating_users": Value::Null,
        "collaborating_teams": Value::Null,
        "private_fork": Value::Null,
    })
}

fn vulnerability(entry: &Vulnerability) -> Value {
    let package =
        entry.package.as_ref().map(|(ecosystem, name)| json!({ "ecosystem": ecosystem, "name": name }));
    json!({
        "package": package,
        "vulnerable_version_range": entry.range,
        "patched_versions": entry.patched,
        "vulnerable_functions": [],
    })
}
