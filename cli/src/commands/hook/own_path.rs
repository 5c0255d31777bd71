//! Where this program is, in a way that lasts.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::args::PROGRAM;

/// The name under which people call it if that leads here: what a package manager links to keeps its place when it is
/// updated, the file behind it does not.
pub(super) fn own_path() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("find this program")?;
    let search = std::env::var_os("PATH").unwrap_or_default();
    Ok(named(&here, std::env::split_paths(&search)).unwrap_or(here))
}

fn named(here: &Path, folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let real = here.canonicalize().ok()?;
    let mut places = folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(PROGRAM));
    places.find(|place| place.canonicalize().is_ok_and(|found| found == real))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_link_in_path_is_preferred_if_it_leads_here() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["real", "other", "links"] {
            fs::create_dir(at(name)).unwrap();
        }
        let here = at("real").join("remote-agent-1.2");
        fs::write(&here, "").unwrap();
        fs::write(at("other").join(PROGRAM), "").unwrap();
        std::os::unix::fs::symlink(&here, at("links").join(PROGRAM)).unwrap();
        let folders = [PathBuf::from("links"), at("missing"), at("other"), at("links")];
        assert_eq!(named(&here, folders.into_iter()), Some(at("links").join(PROGRAM)));
        assert_eq!(named(&here, [at("other")].into_iter()), None);
    }
}
