//! Addresses at GitHub: endpoints of the API, and pages a person can read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::GithubConfig;
use crate::Repo;

/// Everything but the unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for names that may span segments.
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// One path segment.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Several path segments.
pub(crate) fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// `base` with `path` (encoded, with a leading slash) behind its own path.
pub(crate) fn under(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url.set_fragment(None);
    url
}

impl GithubConfig {
    /// `{api}/repos/{owner}/{name}{path}`.
    pub(crate) fn endpoint(&self, repo: &Repo, path: &str, query: Option<&str>) -> Url {
        under(&self.api_url, &format!("/repos/{repo}{path}"), query)
    }

    /// The web site's pages, also where its doors are shut: then for links only.
    #[must_use]
    pub fn site(&self) -> Site {
        let base = self.web_url.clone().unwrap_or_else(|| {
            let mut url = under(&self.api_url, "", None);
            // GitHub Enterprise Server keeps its API below the web site. Any other API is taken for a mirror of
            // the one GitHub.
            let enterprise = self.api_url.path().trim_end_matches('/').ends_with("/api/v3");
            if !enterprise && url.set_host(Some("github.com")).is_ok() {
                let _ = url.set_scheme("https");
                let _ = url.set_port(None);
            }
            url.set_path("");
            url
        });
        Site { base }
    }
}

/// The web site's pages.
#[derive(Clone, Debug)]
pub struct Site {
    base: Url,
}

impl Site {
    /// The site at this address.
    #[must_use]
    pub fn new(base: Url) -> Self {
        Self { base }
    }

    /// `{web}/{owner}/{name}{path}`.
    pub(crate) fn page(&self, repo: &Repo, path: &str) -> Url {
        under(&self.base, &format!("/{repo}{path}"), None)
    }

    pub(crate) fn release(&self, repo: &Repo, tag: &str) -> String {
        self.page(repo, &format!("/releases/tag/{}", segment(tag))).into()
    }

    pub(crate) fn commit(&self, repo: &Repo, sha: &str) -> String {
        self.page(repo, &format!("/commit/{}", segment(sha))).into()
    }

    pub(crate) fn commits(&self, repo: &Repo, branch: &str) -> String {
        self.page(repo, &format!("/commits/{}", path(branch))).into()
    }

    pub(crate) fn compare(&self, repo: &Repo, from: &str, to: &str) -> String {
        self.page(repo, &format!("/compare/{}...{}", segment(from), segment(to))).into()
    }

    /// An address upstream gave, if it is a page of this site.
    pub(crate) fn own(&self, address: Option<&str>) -> Option<String> {
        let url: Url = address.filter(|text| text.len() <= 2048)?.parse().ok()?;
        let plain =
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        (plain && url.origin() == self.base.origin()).then(|| url.into())
    }

    /// The repository that a page of this site belongs to.
    pub(crate) fn repo_of(&self, page: &Url) -> Option<Repo> {
        let (repo, _) = self.split(page)?;
        Some(repo)
    }

    /// Repository and what follows it, of a page of this site.
    pub(crate) fn split<'a>(&self, page: &'a Url) -> Option<(Repo, &'a str)> {
        if page.origin() != self.base.origin() {
            return None;
        }
        let path = page.path().strip_prefix(self.base.path().trim_end_matches('/'))?.strip_prefix('/')?;
        let (owner, rest) = path.split_once('/')?;
        let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
        Some((format!("{owner}/{name}").parse().ok()?, rest))
    }
}

/// The name under which a repository answered, if it is another than asked.
pub(crate) fn moved_to(asked: &Repo, answered: Option<&Repo>) -> Option<String> {
    let answered = answered?.to_string();
    (!answered.eq_ignore_ascii_case(&asked.to_string())).then_some(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(base: &str) -> Site {
        Site::new(base.parse().unwrap())
    }

    #[test]
    fn tags_and_branches_are_encoded() {
        let repo: Repo = "o/r".parse().unwrap();
        let site = site("https://github.com");
        assert_eq!(site.release(&repo, "@a/b#1+2"), "https://github.com/o/r/releases/tag/%40a%2Fb%231%2B2");
        assert_eq!(site.commits(&repo, "feat/x#1"), "https://github.com/o/r/commits/feat/x%231");
    }

    #[test]
    fn only_pages_of_the_site_are_its_own() {
        let site = site("https://ghe.example/base/");
        assert!(site.own(Some("https://ghe.example/o/r/releases/tag/v1")).is_some());
        for bad in [
            "javascript:alert(1)",
            "https://evil.example/",
            "https://u@ghe.example/",
            "http://ghe.example/",
            "",
        ] {
            assert_eq!(site.own(Some(bad)), None, "{bad}");
        }
        let page = "https://ghe.example/base/o/r/releases/tag/v1".parse().unwrap();
        let (repo, rest) = site.split(&page).unwrap();
        assert_eq!((repo.to_string().as_str(), rest), ("o/r", "releases/tag/v1"));
    }

    #[test]
    fn without_doors_the_site_is_guessed_for_links() {
        let config = |api: &str| GithubConfig {
            api_url: api.parse().unwrap(),
            web_url: None,
            token: None,
            api_version: super::super::API_VERSION.into(),
        };
        assert_eq!(config("https://api.github.com").site().base.as_str(), "https://github.com/");
        assert_eq!(config("https://ghe.example/api/v3").site().base.as_str(), "https://ghe.example/");
        let mirror = config("http://127.0.0.1:8080/mirror").site();
        assert_eq!(mirror.base.as_str(), "https://github.com/");
        let page = "https://github.com/o/r/releases/tag/v1";
        assert_eq!(mirror.own(Some(page)).as_deref(), Some(page));
        for bad in ["javascript:alert(1)", "https://github.com.evil.example/", "http://127.0.0.1:8080/o/r"] {
            assert_eq!(mirror.own(Some(bad)), None, "{bad}");
        }
    }
}
