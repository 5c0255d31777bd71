//! The page's files, embedded in the program, and the exact paths under which they answer.
//!
//! They hold no data, so they need no key. A debug build reads them from the source folder at each request: a change
//! of the page is seen without building again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "page/"]
struct Files;

/// Where the scripts and the style are.
const FOLDER: &str = "/page/";

/// One of the page's files.
pub struct PageFile {
    /// Its content type.
    pub kind: &'static str,
    /// Of its bytes.
    pub sha256: [u8; 32],
    bytes: Cow<'static, [u8]>,
}

impl PageFile {
    /// The file that is asked for under `path`, letter by letter as it was sent; decoding it could make it another
    /// path than the one that `guard` looked at.
    #[must_use]
    pub fn under(path: &str) -> Option<Self> {
        let name = name_under(path)?;
        let file = Files::get(&name)?;
        Some(Self { kind: kind(&name)?, sha256: file.metadata.sha256_hash(), bytes: file.data })
    }

    /// Its bytes.
    #[must_use]
    pub fn plain(self) -> Bytes {
        match self.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        }
    }

    /// Its bytes with gzip, made once.
    ///
    /// # Errors
    /// Never in practice: it is written into memory.
    pub fn zipped(&self) -> std::io::Result<Bytes> {
        static MADE: RwLock<BTreeMap<[u8; 32], Bytes>> = RwLock::new(BTreeMap::new());
        if let Some(made) = MADE.read().unwrap_or_else(PoisonError::into_inner).get(&self.sha256) {
            return Ok(made.clone());
        }
        let made = zip(&self.bytes)?;
        MADE.write().unwrap_or_else(PoisonError::into_inner).insert(self.sha256, made.clone());
        Ok(made)
    }
}

/// With gzip, as small as it gets.
///
/// # Errors
/// Never in practice: it is written into memory.
pub fn zip(bytes: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.into())
}

/// Whether one of the page's files answers under this path, as it was sent.
#[must_use]
pub fn has(path: &str) -> bool {
    name_under(path).is_some()
}

/// Every path under which a file answers.
pub fn paths() -> impl Iterator<Item = String> {
    let inside = Files::iter().map(|name| format!("{FOLDER}{name}"));
    ["/", "/settings", "/favicon.svg"].into_iter().map(str::to_owned).chain(inside).filter(|path| has(path))
}

/// Compared with the names of what is embedded, never opened by what somebody sent.
fn name_under(path: &str) -> Option<Cow<'static, str>> {
    let wanted = match path {
        "/" | "/settings" => "index.html",
        "/favicon.svg" => "favicon.svg",
        _ => path.strip_prefix(FOLDER).filter(|name| name.ends_with(".js") || name.ends_with(".css"))?,
    };
    Files::iter().find(|name| name == wanted)
}

fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_of_the_page_is_fetched_ahead_so_that_imports_make_no_chain_of_requests() {
        let shell = Files::get("index.html").unwrap();
        let shell = String::from_utf8(shell.data.into_owned()).unwrap();
        for path in paths().filter(|path| path.ends_with(".js")) {
            assert!(shell.contains(&format!("\"{path}\"")), "index.html does not name {path}");
        }
    }

    #[test]
    fn no_other_spelling_of_a_path_is_a_path_of_the_page() {
        assert!(has("/") && has("/settings") && has("/page/page.js") && has("/page/page.css"));
        for path in [
            "",
            "//",
            "/page/",
            "/page",
            "/page/index.html",
            "/page//page.js",
            "/page/./page.js",
            "/page/../page/page.js",
            "/page/%70age.js",
            "/PAGE/page.js",
            "/page/page.js/",
            "/settings/",
            "/index.html",
        ] {
            assert!(!has(path), "{path}");
        }
    }
}
