//! The feeds: releases, tags, commits.

use crate::answer::Answer;
use crate::repo::{Release, Repo, Tag};
use crate::shared::Site;
use crate::text::{decoded, escaped, segment, sha256_hex, simple_html};

/// Entries in the feeds of releases and tags.
const ENTRIES: usize = 10;
/// Entries in the feed of commits.
const COMMITS: usize = 20;
const CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";

/// One entry.
struct Entry {
    id: String,
    updated: String,
    href: String,
    title: String,
    content: String,
    author: String,
}

/// The feed of that path; `None` if it is none.
pub(super) fn feed(site: &Site, repo: &Repo, path: &str) -> Option<Answer> {
    let home = format!("{}/{}", site.web, repo.full_name());
    let (title, entries) = match path {
        "releases.atom" => (format!("Release notes from {}", repo.name), releases(&home, repo)),
        "tags.atom" => (format!("Tags from {}", repo.name), tags(&home, repo)),
        _ => {
            let branch = match path {
                "commits.atom" => repo.default_branch.clone(),
                _ => decoded(path.strip_prefix("commits/")?.strip_suffix(".atom")?),
            };
            match commits(&home, repo, &branch) {
                Some(entries) => (format!("Recent Commits to {}:{branch}", repo.name), entries),
                None => return Some(super::status_page(404)),
            }
        }
    };
    let page = path.strip_suffix(".atom").unwrap_or(path);
    let body = render(&format!("{home}/{page}"), &format!("{home}/{path}"), &title, &entries);
    let etag = format!("W/\"{}\"", &sha256_hex(body.as_bytes())[..32]);
    Some(Answer::new(200, CONTENT_TYPE, body).with("etag", &etag))
}

/// Releases, newest first; tags where there are none.
fn releases(home: &str, repo: &Repo) -> Vec<Entry> {
    let mut shown = repo.published();
    if shown.is_empty() {
        return tags(home, repo);
    }
    shown.sort_by(|one, other| other.published.cmp(&one.published));
    shown.into_iter().take(ENTRIES).map(|release| of_release(home, repo, release)).collect()
}

fn of_release(home: &str, repo: &Repo, release: &Release) -> Entry {
    let tag = &release.what.tag;
    let notes = release.what.notes.as_deref().filter(|notes| !notes.is_empty());
    Entry {
        id: format!("tag:github.com,2008:Repository/{}/{tag}", repo.id),
        updated: release.published.clone(),
        href: format!("{home}/releases/tag/{}", segment(tag)),
        title: release.what.title.clone().unwrap_or_else(|| tag.clone()),
        content: notes.map_or_else(|| "No content.".to_owned(), simple_html),
        author: repo.owner.clone(),
    }
}

fn tags(home: &str, repo: &Repo) -> Vec<Entry> {
    let mut tags: Vec<&Tag> = repo.tags.iter().rev().collect();
    tags.sort_by(|one, other| other.at.cmp(&one.at));
    let entries = tags.into_iter().take(ENTRIES).map(|tag| match repo.release(&tag.name) {
        Some(release) => of_release(home, repo, release),
        None => Entry {
            id: format!("tag:github.com,2008:Repository/{}/{}", repo.id, tag.name),
            updated: tag.at.clone(),
            href: format!("{home}/releases/tag/{}", segment(&tag.name)),
            title: tag.name.clone(),
            content: String::new(),
            author: repo.owner.clone(),
        },
    });
    entries.collect()
}

fn commits(home: &str, repo: &Repo, branch: &str) -> Option<Vec<Entry>> {
    let head = repo.resolve(branch)?;
    let entries = repo.graph.history(&head).into_iter().take(COMMITS).map(|commit| {
        let subject = commit.message.lines().next().unwrap_or_default();
        Entry {
            id: format!("tag:github.com,2008:Grit::Commit/{}", commit.sha),
            updated: commit.at.clone(),
            href: format!("{home}/commit/{}", commit.sha),
            title: subject.to_owned(),
            content: format!(
                "<pre style='white-space:pre-wrap;width:81ex'>{}</pre>",
                escaped(&commit.message)
            ),
            author: commit.author.clone(),
        }
    });
    Some(entries.collect())
}

fn render(home: &str, own: &str, title: &str, entries: &[Entry]) -> String {
    let newest = entries.first().map_or("2026-01-01T00:00:00Z", |entry| entry.updated.as_str());
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\" xml:lang=\"en-US\">\n\
         \x20 <id>tag:github.com,2008:{0}</id>\n\
         \x20 <link type=\"text/html\" rel=\"alternate\" href=\"{0}\"/>\n\
         \x20 <link type=\"application/atom+xml\" rel=\"self\" href=\"{1}\"/>\n\
         \x20 <title>{2}</title>\n\
         \x20 <updated>{newest}</updated>\n",
        escaped(home),
        escaped(own),
        escaped(title),
    );
    for entry in entries {
        out.push_str(&format!(
            "  <entry>\n    <id>{}</id>\n    <updated>{}</updated>\n    \
             <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n    <title>{}</title>\n    \
             <content type=\"html\">{}</content>\n    <author>\n      <name>{}</name>\n    </author>\n    \
             <media:thumbnail height=\"30\" width=\"30\" url=\"https://avatars.example/{}?s=60&amp;v=4\"/>\n  </entry>\n",
            escaped(&entry.id),
            escaped(&entry.updated),
            escaped(&entry.href),
            escaped(&entry.title),
            escaped(&entry.content),
            escaped(&entry.author),
            segment(&entry.author),
        ));
    }
    out.push_str("</feed>\n");
    out
}
