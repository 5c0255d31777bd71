//! Where a user's files of this program are, by the XDG base directories.

use std::path::{Path, PathBuf};

/// The three folders. None of them is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Holds `config.toml`.
    pub config: PathBuf,
    /// Holds what must not get lost: the spool.
    pub state: PathBuf,
    /// Holds what may be thrown away: the last known update.
    pub cache: PathBuf,
}

impl Folders {
    /// Those that the environment names, which `look_up` reads.
    #[must_use]
    pub fn from(look_up: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let home = look_up("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        // A relative path is invalid by the specification, and would be another folder in each repository.
        let named = |name: &str| look_up(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let place = |name: &str, otherwise: &str| {
            named(name).or_else(|| home.as_deref().map(|home| home.join(otherwise)))
        };
        let own = |folder: PathBuf| folder.join("remote-agent");
        Some(Self {
            config: own(place("XDG_CONFIG_HOME", ".config")?),
            state: own(place("XDG_STATE_HOME", ".local/state")?),
            cache: own(place("XDG_CACHE_HOME", ".cache")?),
        })
    }

    /// All three below one folder, for tests.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self { config: folder.join("config"), state: folder.join("state"), cache: folder.join("cache") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_folders_come_before_those_of_home_and_relative_ones_do_not_count() {
        let look_up = |name: &str| match name {
            "HOME" => Some("/home/ada".to_owned()),
            "XDG_CONFIG_HOME" => Some("/conf".to_owned()),
            "XDG_STATE_HOME" => Some("state".to_owned()),
            _ => None,
        };
        let folders = Folders::from(look_up).unwrap();
        assert_eq!(folders.config, Path::new("/conf/remote-agent"));
        assert_eq!(folders.state, Path::new("/home/ada/.local/state/remote-agent"));
        assert_eq!(folders.cache, Path::new("/home/ada/.cache/remote-agent"));
        assert_eq!(Folders::from(|_| None), None);
    }
}
