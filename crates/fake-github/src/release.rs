//! Releases and their assets, as a test describes them.

use bytes::Bytes;
use serde_json::Value;

use crate::text::sha256_hex;

/// A release to add with [`crate::RepoHandle::release`].
#[derive(Clone, Debug)]
pub struct NewRelease {
    pub(crate) tag: String,
    pub(crate) title: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) created: Option<String>,
    pub(crate) sha: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) prerelease: bool,
    pub(crate) draft: bool,
    pub(crate) immutable: bool,
    pub(crate) not_latest: bool,
    pub(crate) assets: Vec<NewAsset>,
    pub(crate) raw: Option<Value>,
    pub(crate) fields: Vec<(String, Option<Value>)>,
}

/// A file of a release.
#[derive(Clone, Debug)]
pub(crate) struct NewAsset {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) sha256: String,
}

impl NewRelease {
    /// A release of this tag: published, no pre-release, without notes and assets. Unless told otherwise it was
    /// published in January 2026, an hour after the repository's previous one.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            title: None,
            notes: None,
            published: None,
            created: None,
            sha: None,
            target: None,
            prerelease: false,
            draft: false,
            immutable: false,
            not_latest: false,
            assets: Vec::new(),
            raw: None,
            fields: Vec::new(),
        }
    }

    /// The notes (`body`), in markdown; without them `body` is null.
    #[must_use]
    pub fn notes(mut self, markdown: &str) -> Self {
        self.notes = Some(markdown.to_owned());
        self
    }

    /// The title (`name`); default: the tag.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.title = Some(title.to_owned());
        self
    }

    /// When it was published, such as `2026-01-29T09:00:00Z`.
    #[must_use]
    pub fn published(mut self, instant: &str) -> Self {
        self.published = Some(instant.to_owned());
        self
    }

    /// `created_at`: the date of the tagged commit, which GitHub sorts by; default: as published.
    #[must_use]
    pub fn created(mut self, instant: &str) -> Self {
        self.created = Some(instant.to_owned());
        self
    }

    /// The tagged commit; default: made from the tag.
    #[must_use]
    pub fn sha(mut self, sha: &str) -> Self {
        self.sha = Some(sha.to_owned());
        self
    }

    /// `target_commitish`; default: the default branch.
    #[must_use]
    pub fn target(mut self, branch: &str) -> Self {
        self.target = Some(branch.to_owned());
        self
    }

    /// Marks it a pre-release.
    #[must_use]
    pub fn prerelease(mut self) -> Self {
        self.prerelease = true;
        self
    }

    /// Leaves it a draft: nobody is shown it, and its tag is not there yet.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// Marks it immutable.
    #[must_use]
    pub fn immutable(mut self) -> Self {
        self.immutable = true;
        self
    }

    /// Does not take GitHub's own latest mark (`make_latest=false`).
    #[must_use]
    pub fn not_latest(mut self) -> Self {
        self.not_latest = true;
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn asset(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let bytes = Bytes::copy_from_slice(content.as_ref());
        let sha256 = sha256_hex(&bytes);
        self.assets.push(NewAsset { name: name.to_owned(), bytes, sha256 });
        self
    }

    /// This value stands in the API's answers in place of the release's object, whatever it is.
    #[must_use]
    pub fn malformed(mut self, json: Value) -> Self {
        self.raw = Some(json);
        self
    }

    /// Sets one field of the object in the API's answers, for instance `body` to null or a number to a string.
    #[must_use]
    pub fn with_field(mut self, name: &str, value: Value) -> Self {
        self.fields.push((name.to_owned(), Some(value)));
        self
    }

    /// Leaves one field out of the object in the API's answers.
    #[must_use]
    pub fn without_field(mut self, name: &str) -> Self {
        self.fields.push((name.to_owned(), None));
        self
    }
}
