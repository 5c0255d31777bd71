//! Security advisories, as a test describes them.

/// An advisory to add with [`crate::RepoHandle::advisory`]: published, of severity high, unless told otherwise.
#[derive(Clone, Debug)]
pub struct NewAdvisory {
    pub(crate) ghsa_id: String,
    pub(crate) cve_id: Option<String>,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) severity: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) withdrawn: Option<String>,
    pub(crate) vulnerabilities: Vec<Vulnerability>,
}

/// One entry of `vulnerabilities`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vulnerability {
    pub(crate) package: Option<(String, String)>,
    pub(crate) range: Option<String>,
    pub(crate) patched: Option<String>,
}

impl NewAdvisory {
    /// An advisory with this id, such as `GHSA-2cfg-hjmp-qrvw`.
    #[must_use]
    pub fn new(ghsa_id: &str) -> Self {
        Self {
            ghsa_id: ghsa_id.to_owned(),
            cve_id: None,
            summary: "Something can be read that should not".to_owned(),
            description: "### Impact\nSomebody could read it.".to_owned(),
            severity: Some("high".to_owned()),
            published: None,
            withdrawn: None,
            vulnerabilities: Vec::new(),
        }
    }

    /// `low`, `medium`, `high` or `critical`.
    #[must_use]
    pub fn severity(mut self, severity: &str) -> Self {
        self.severity = Some(severity.to_owned());
        self
    }

    /// Severity null.
    #[must_use]
    pub fn without_severity(mut self) -> Self {
        self.severity = None;
        self
    }

    /// One line on it.
    #[must_use]
    pub fn summary(mut self, summary: &str) -> Self {
        self.summary = summary.to_owned();
        self
    }

    /// All about it, in markdown.
    #[must_use]
    pub fn description(mut self, markdown: &str) -> Self {
        self.description = markdown.to_owned();
        self
    }

    /// Its CVE number.
    #[must_use]
    pub fn cve(mut self, cve_id: &str) -> Self {
        self.cve_id = Some(cve_id.to_owned());
        self
    }

    /// When it was published, such as `2026-02-03T10:00:00Z`.
    #[must_use]
    pub fn published(mut self, instant: &str) -> Self {
        self.published = Some(instant.to_owned());
        self
    }

    /// When it was withdrawn.
    #[must_use]
    pub fn withdrawn(mut self, instant: &str) -> Self {
        self.withdrawn = Some(instant.to_owned());
        self
    }

    /// The vulnerable range, such as `>= 1.0.0, < 1.2.4`, of the entry at hand (the first, unless
    /// [`NewAdvisory::and`] began another).
    #[must_use]
    pub fn range(mut self, range: &str) -> Self {
        self.entry().range = Some(range.to_owned());
        self
    }

    /// The first fixed version (`patched_versions`) of the entry at hand.
    #[must_use]
    pub fn patched(mut self, version: &str) -> Self {
        self.entry().patched = Some(version.to_owned());
        self
    }

    /// The package of the entry at hand; without it the package is null.
    #[must_use]
    pub fn package(mut self, ecosystem: &str, name: &str) -> Self {
        self.entry().package = Some((ecosystem.to_owned(), name.to_owned()));
        self
    }

    /// Begins another entry of `vulnerabilities`.
    #[must_use]
    pub fn and(mut self) -> Self {
        self.vulnerabilities.push(Vulnerability::default());
        self
    }

    fn entry(&mut self) -> &mut Vulnerability {
        if self.vulnerabilities.is_empty() {
            self.vulnerabilities.push(Vulnerability::default());
        }
        let last = self.vulnerabilities.len() - 1;
        &mut self.vulnerabilities[last]
    }
}
