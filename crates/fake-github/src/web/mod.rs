//! Like github.com: redirects, feeds, release downloads, git.

mod atom;
mod git;
mod pkt;

use http_body_util::{BodyExt, Limited};
use hyper::Method;
use hyper::body::Incoming;
use hyper::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use hyper::http::request::Parts;

use crate::answer::{Answer, HTML};
use crate::repo::Repo;
use crate::shared::{Shared, Site};
use crate::text::{decoded, escaped, parameter, segment, sha256_hex};
use crate::world::Found;

/// Largest request body that is read.
const BODY_CAP: usize = 1 << 20;
/// Where downloads are redirected to, on the same host.
const STORE: &str = "/release-assets/";

/// Answers one request.
pub(crate) async fn handle(shared: &Shared, parts: &Parts, body: Incoming) -> Answer {
    let body = match parts.method {
        Method::POST => match Limited::new(body, BODY_CAP).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return status_page(413),
        },
        _ => bytes::Bytes::new(),
    };
    let mut answer = route(shared, parts, &body);
    answer.put("server", "github.com");
    answer.put("x-github-request-id", &crate::api::request_id(shared));
    if !answer.headers.contains_key("cache-control") {
        answer.put("cache-control", "max-age=0, private, must-revalidate");
    }
    conditional(parts, answer)
}

fn route(shared: &Shared, parts: &Parts, body: &[u8]) -> Answer {
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    if let Some(rest) = path.strip_prefix(STORE) {
        return stored(shared, rest);
    }
    let mut words = path.trim_start_matches('/').splitn(3, '/');
    let (Some(owner), Some(name)) = (words.next(), words.next()) else { return page("A place for code") };
    let rest = words.next().unwrap_or_default();
    let (bare, dot_git) = name.strip_suffix(".git").map_or((name, ""), |bare| (bare, ".git"));
    let for_git = rest == "info/refs" || rest == "git-upload-pack";
    let mut world = shared.world();
    let (id, moved) = match world.find(owner, bare) {
        Found::Here(id) => (Some(id), false),
        Found::Moved(id) => (Some(id), true),
        Found::Nothing => (None, false),
    };
    let repo = id.and_then(|id| world.repo_mut(id)).filter(|repo| !repo.private);
    let Some(repo) = repo else {
        return if for_git { git::refused() } else { status_page(404) };
    };
    if moved {
        let slash = if rest.is_empty() { "" } else { "/" };
        let mark = if query.is_empty() { "" } else { "?" };
        let place = format!("{}/{}{dot_git}{slash}{rest}{mark}{query}", shared.site.web, repo.full_name());
        return Answer::redirect(301, &place);
    }
    match (&parts.method, rest) {
        (&Method::POST, "git-upload-pack") => git::upload_pack(repo, parts, body),
        (&Method::GET | &Method::HEAD, "info/refs") => match parameter(query, "service").as_deref() {
            Some("git-upload-pack") => git::advertise(repo, parts),
            Some(_) => git::refused(),
            None => Answer::new(403, crate::answer::TEXT, "Please upgrade your git client.\n"),
        },
        (&Method::GET | &Method::HEAD, _) => in_repo(&shared.site, repo, rest),
        _ => status_page(404),
    }
}

fn in_repo(site: &Site, repo: &Repo, rest: &str) -> Answer {
    let home = format!("{}/{}", site.web, repo.full_name());
    if let Some(feed) = atom::feed(site, repo, rest) {
        return feed;
    }
    match rest {
        "releases/latest" => {
            let place = match repo.latest() {
                Some(release) => format!("{home}/releases/tag/{}", segment(&release.what.tag)),
                None => format!("{home}/releases"),
            };
            Answer::redirect(302, &place).with("content-type", HTML)
        }
        "" | "releases" | "tags" => page(&repo.full_name()),
        _ => match rest.split_once('/') {
            Some(("releases", more)) => in_releases(site, repo, more),
            Some(("compare" | "commit" | "commits" | "tree" | "security", _)) => page(&decoded(rest)),
            _ => status_page(404),
        },
    }
}

/// `tag/TAG`, `download/TAG/NAME`, `latest/download/NAME`.
fn in_releases(site: &Site, repo: &Repo, rest: &str) -> Answer {
    let home = format!("{}/{}", site.web, repo.full_name());
    if let Some(tag) = rest.strip_prefix("tag/") {
        let tag = decoded(tag);
        let known = repo.release(&tag).is_some() || repo.tags.iter().any(|other| other.name == tag);
        return if known { page(&tag) } else { status_page(404) };
    }
    if let Some(name) = rest.strip_prefix("latest/download/") {
        return match repo.latest() {
            Some(release) => {
                let place = format!("{home}/releases/download/{}/{name}", segment(&release.what.tag));
                Answer::redirect(302, &place)
            }
            None => status_page(404),
        };
    }
    let Some((tag, name)) = rest.strip_prefix("download/").and_then(|rest| rest.split_once('/')) else {
        return status_page(404);
    };
    let name = decoded(name);
    let release = repo.release(&decoded(tag));
    let place = release.and_then(|release| {
        let index = release.what.assets.iter().position(|asset| asset.name == name)?;
        Some(format!(
            "{}{STORE}{}/{}/{index}?sig=made-up&filename={}",
            site.web,
            repo.id,
            release.id,
            segment(&name)
        ))
    });
    place.map_or_else(|| status_page(404), |place| Answer::redirect(302, &place))
}

/// The bytes of an asset: `REPO/RELEASE/INDEX`.
fn stored(shared: &Shared, rest: &str) -> Answer {
    let numbers: Vec<u64> = rest.split('/').filter_map(|word| word.parse().ok()).collect();
    let [repo, release, index] = numbers[..] else { return status_page(404) };
    let world = shared.world();
    let release = world.repo(repo).and_then(|repo| repo.releases.iter().find(|other| other.id == release));
    let asset = release.and_then(|release| release.what.assets.get(usize::try_from(index).ok()?));
    match asset {
        Some(asset) => Answer::new(200, "application/octet-stream", asset.bytes.clone())
            .with("etag", &format!("\"0x{}\"", &asset.sha256[..15].to_ascii_uppercase()))
            .with("content-disposition", &format!("attachment; filename={}", segment(&asset.name))),
        None => status_page(404),
    }
}

/// A page of the site, with nothing much on it.
fn page(title: &str) -> Answer {
    let title = escaped(title);
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    );
    let etag = format!("W/\"{}\"", &sha256_hex(body.as_bytes())[..32]);
    Answer::new(200, HTML, body).with("etag", &etag)
}

/// An error as the site shows it.
pub(crate) fn status_page(status: u16) -> Answer {
    match status {
        401 => git::refused(),
        404 => Answer::new(404, HTML, "<!DOCTYPE html>\n<html><body><h1>404</h1>This is not the web page you are looking for.</body></html>\n"),
        429 => Answer::new(429, HTML, "<!DOCTYPE html>\n<html><body><h1>Whoa there!</h1>You have exceeded a secondary rate limit.</body></html>\n")
            .with("retry-after", "60"),
        _ => Answer::new(status, HTML, format!("<!DOCTYPE html>\n<html><body><h1>{status}</h1>Unicorn!</body></html>\n")),
    }
}

/// 304 where the client has it.
fn conditional(parts: &Parts, answer: Answer) -> Answer {
    let weak = |value: &HeaderValue| {
        value.to_str().map(|text| text.strip_prefix("W/").unwrap_or(text).to_owned()).unwrap_or_default()
    };
    let (Some(theirs), Some(ours)) = (parts.headers.get(IF_NONE_MATCH), answer.headers.get(ETAG)) else {
        return answer;
    };
    if answer.status != 200 || weak(theirs) != weak(ours) {
        return answer;
    }
    let etag = ours.clone();
    let mut unchanged = Answer::bare(304);
    unchanged.headers.insert(ETAG, etag);
    unchanged
}
